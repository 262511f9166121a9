"""Whether a network begins and ends as it must: its inputs and outputs, and what reaches what."""

from builder.layers.base import TensorType
from builder.network import words
from builder.network.expectation import Expectation, Want
from builder.network.order import downstream, islands, upstream
from builder.network.walk import Placed, Walked
from builder.spec.edits import RemoveNodes, SetKnobs
from builder.spec.network import Node
from builder.spec.problems import Fix, Problem

WRONG_ANSWERS = ("output_shape", "output_width", "output_dtype", "steps_left", "linear_over_image")
"""Codes of problems with what an output gets."""


def ends(walked: Walked, expectation: Expectation) -> list[Problem]:
    """Everything wrong with inputs, outputs, and nodes that lead to none."""
    graph = walked.graph
    inputs, outputs = list(graph.of_kind("input")), list(graph.of_kind("output"))
    found = []
    if not inputs:
        found.append(_missing("no_input", "The network has no Input. Add one.", walked))
    if not outputs:
        found.append(_missing("no_output", "The network has no Output. Add one.", walked))
    if inputs and outputs:
        found += _paths(walked, inputs, outputs)
    return found + _outputs(walked, outputs, expectation)


def used_nodes(walked: Walked) -> set[str]:
    """Ids of the nodes some output needs, and all inputs and outputs."""
    graph = walked.graph
    kept = upstream(graph, [node.id for node in graph.of_kind("output")])
    return kept | {node.id for node in graph.of_kind("input")}


def head(walked: Walked, output: Placed) -> Placed | None:
    """The last layer before an output that decides its size: the first upstream with another shape or with weights."""
    at = _before(walked, output)
    while at is not None and at.node.kind != "input":
        alike = len(at.inputs) == 1 and len(at.inputs[0]) == 1 and at.inputs[0] == at.outputs
        same_shape = at.inputs and at.inputs[0] and at.outputs
        if (
            at.measured.parameters
            or at.rounds
            or not (alike or (same_shape and at.inputs[0][0].shape == at.outputs[0].shape))
        ):
            return at
        at = _before(walked, at)
    return at


def _before(walked: Walked, placed: Placed) -> Placed | None:
    if not placed.sources or not placed.sources[0]:
        return None
    return walked.placed[placed.sources[0][0][0]]


def _paths(walked: Walked, inputs: list[Node], outputs: list[Node]) -> list[Problem]:
    graph = walked.graph
    fed = downstream(graph, [node.id for node in inputs])
    found = []
    apart = {one for part in islands(graph) if len(part) > 1 for one in part} - _joined(walked)
    if not any(node.id in fed for node in outputs):
        what = "No path leads from Input to Output. Connect the layers in between."
        found.append(_missing("no_path", what, walked, outputs[0]))
    kept = used_nodes(walked) if any(node.id in fed for node in outputs) else None
    for node in graph.nodes:
        if kept is None or (node.id in kept and node.kind != "input"):
            continue
        if node.kind == "input" and graph.wires_from(node.id):
            continue
        if kept is not None and node.id in apart:
            continue  # told once for all of them
        edit = RemoveNodes(graph=walked.name, nodes=(node.id,), heal=False)
        fixes = (Fix(sentence=f"Remove {node.name}", edits=(edit,)),)
        if node.kind == "input":
            what = f"{node.name} is not used. Connect it, or remove it."
        else:
            what = (
                f"{node.name} leads to no Output, so it learns nothing and is left out of the code."
            )
        found.append(
            Problem(
                code="unused",
                severity="warning",
                what=what,
                expected="a path to an Output",
                network=walked.name,
                node=node.id,
                fixes=fixes if node.kind != "input" or len(inputs) > 1 else (),
            )
        )
    return found


def _joined(walked: Walked) -> set[str]:
    """Ids of the nodes that hang together with some output, whichever way data flow."""
    outputs = {node.id for node in walked.graph.of_kind("output")}
    return {one for part in islands(walked.graph) if outputs & set(part) for one in part}


def linear_over_image(placed: Placed) -> bool:
    """Whether a layer that works on the last axis only is put over an image."""
    if (
        placed.layer is None
        or not placed.layer.last_axis
        or not placed.inputs
        or not placed.inputs[0]
    ):
        return False
    given = placed.inputs[0][0]
    return given.role == "image" and len(given.shape) == 3


def _answer_code(cause: Placed, given: TensorType, wanted: tuple[int, ...]) -> str:
    """Which kind of wrong answer it is, by what the layer that causes it does."""
    if linear_over_image(cause):
        return "linear_over_image"
    if given.shape == wanted:
        return "output_dtype"
    if len(given.shape) == len(wanted):
        return "output_width"
    if given.role == "sequence" and len(given.shape) == len(wanted) + 1:
        return "steps_left"
    return "output_shape"


def _outputs(walked: Walked, outputs: list[Node], expectation: Expectation) -> list[Problem]:
    if not expectation.outputs:
        return []
    found = []
    taken: dict[str, Node] = {}
    for node in outputs:
        role = node.knobs.get("role")
        want = expectation.want(role if isinstance(role, str) else "")
        if want is None or want.name in taken:
            found.append(_extra(node, want, taken, walked, expectation))
            continue
        taken[want.name] = node
        wrong = _answer(walked, walked.placed[node.id], want)
        found += [wrong] if wrong else []
    if outputs:
        for want in expectation.outputs:
            if want.name not in taken and not want.optional:
                needs = f"{want.name} ({words.shape(want.shape)})" if want.shape else want.name
                what = f"The task needs {needs}, and no Output gives it. Add an Output for it."
                found.append(_missing("missing_output", what, walked))
    return found


def _answer(walked: Walked, output: Placed, want: Want) -> Problem | None:
    """The problem with what an output gets, at the layer that causes it."""
    if not output.inputs or not output.inputs[0]:
        return None
    given = output.inputs[0][0]
    wanted = given.shape if want.shape is None else want.shape
    if given.shape == wanted and given.dtype == "float32":
        return None
    cause = head(walked, output) or output
    got, needs = words.tensor(given), words.shape(wanted)
    why = f" {want.why}" if want.why else ""
    if cause.node.kind in ("input", "output") or not cause.inputs:
        at, what = output, f"{output.node.name} gets {got}. It needs {needs}{why}."
    else:
        at = cause
        took, gave = words.tensors(cause.inputs[0]), words.tensor(cause.outputs[0])
        turned = f"turns {took} into {gave}"
        if linear_over_image(cause):
            turned = f"works on the last axis only: {took} becomes {gave}"
        what = f"{cause.node.name} {turned}. {output.node.name} needs {needs}{why}."
    return Problem(
        code=_answer_code(cause, given, wanted),
        severity="error",
        what=what,
        got=got,
        expected=needs,
        network=walked.name,
        node=at.node.id,
    )


def _extra(
    node: Node, want: Want | None, taken: dict[str, Node], walked: Walked, expectation: Expectation
) -> Problem:
    known = ", ".join(one.name for one in expectation.outputs)
    other = taken.get(want.name) if want else None
    if other is not None and want is not None:
        what = f"{other.name} and {node.name} both give {want.name}. Remove one of them."
    else:
        what = f"{node.name} gives an answer the task does not ask for. It asks for: {known}."
    free = [one.name for one in expectation.outputs if one.name not in taken]
    fixes = [
        Fix(
            sentence=f"Let it give {name}",
            edits=(SetKnobs(graph=walked.name, node=node.id, knobs={"role": name}),),
        )
        for name in free[:3]
    ]
    removal = RemoveNodes(graph=walked.name, nodes=(node.id,), heal=False)
    if taken:
        fixes.append(Fix(sentence=f"Remove {node.name}", edits=(removal,)))
    return Problem(
        code="extra_output",
        severity="error",
        what=what,
        expected=known,
        network=walked.name,
        node=node.id,
        field="role",
        fixes=tuple(fixes),
    )


def _missing(code: str, what: str, walked: Walked, node: Node | None = None) -> Problem:
    return Problem(
        code=code,
        severity="error",
        what=what,
        network=walked.name,
        node=node.id if node else None,
    )
