"""Rules about size: memory, nothing to learn, too many values at a Flatten, everything through one value."""

from collections.abc import Iterator
from math import prod

from builder.layers import catalogue
from builder.network import cost, words
from builder.network.advice.rule import Look, rule
from builder.network.mending import put_into, set_knob, with_fix
from builder.network.walk import Placed
from builder.network.walk import cost as cost_of
from builder.spec.edits import ChangeNode
from builder.spec.problems import Fix, Problem

BATCH_IF_UNKNOWN = 1
MANY_WEIGHTS = 5_000_000
LARGE_SHARE = 0.8
NARROW = 16


@rule
def too_large(look: Look) -> Iterator[Problem]:
    """An error at the layer that takes most, when training cannot fit this machine."""
    batch = look.expectation.batch_size or BATCH_IF_UNKNOWN
    room = cost.machine_bytes()
    sizes = {
        node_id: cost.training_bytes(one["parameters"], one["bytes"], batch_size=batch)
        for node_id, placed in look.walked.placed.items()
        if (one := cost_of(placed)) and placed.outputs
    }
    total = sum(sizes.values())
    if total <= room:
        return
    worst = max(sizes, key=lambda node_id: sizes[node_id])
    placed = look.walked.placed[worst]
    yield look.problem(
        "too_large",
        "error",
        f"{placed.node.name} needs about {words.memory(sizes[worst])} to train, with batches of {batch}; "
        f"this machine has {words.memory(room)}. Make it smaller.",
        placed,
        got=words.memory(total),
        expected=f"at most {words.memory(room)}",
    )


@rule
def nothing_to_learn(look: Look) -> Iterator[Problem]:
    """No weights at all."""
    if look.expectation.outputs and look.walked.answers and not look.walked.total("parameters"):
        yield look.problem(
            "nothing_to_learn",
            "error",
            "No layer of this network has weights, so there is nothing to learn. Add one, such as Linear.",
            got="0 weights",
            expected="a layer with weights",
        )


@rule
def all_frozen(look: Look) -> Iterator[Problem]:
    """Weights, and every one of them frozen."""
    weighted = [one for one in look.walked.placed.values() if cost_of(one)["parameters"]]
    if not weighted or not look.walked.answers or not all(one.node.frozen for one in weighted):
        return
    last = weighted[-1]
    count = sum(cost_of(one)["parameters"] for one in weighted)
    problem = look.problem(
        "all_frozen",
        "error",
        f"All layers with weights are frozen, so nothing would be learned. Unfreeze {last.node.name}.",
        last,
        got=f"{count:,} weights, all frozen",
        expected="a layer that may learn",
    )
    edit = ChangeNode(graph=look.walked.name, node=last.node.id, frozen=False)
    yield with_fix(problem, Fix(sentence=f"Unfreeze {last.node.name}", edits=(edit,)))


@rule
def flatten_explodes(look: Look) -> Iterator[Problem]:
    """A Flatten so wide that the layer behind it holds nearly all weights of the network."""
    total = look.walked.total("parameters")
    for placed, layer in look.layers:
        before = look.before(placed)
        weights = placed.measured.parameters
        if not layer.linear_map or weights < MANY_WEIGHTS or weights < LARGE_SHARE * total:
            continue
        if before is None or not before.inputs or not before.inputs[0] or not before.sources[0]:
            continue
        given, made = before.inputs[0][0], before.outputs[0]
        if len(given.shape) < 2 or len(made.shape) != 1 or prod(given.shape) != made.shape[0]:
            continue
        problem = look.problem(
            "flatten_explodes",
            "warning",
            f"{before.node.name} gives {words.shape(made.shape)}, so {placed.node.name} has "
            f"{words.count(weights)} weights, {weights / total:.0%} of the network. It will be slow and overfit. "
            "Make the image smaller first.",
            before,
            got=words.shape(made.shape),
            expected="a few thousand values at most",
        )
        yield with_fix(problem, *_shrinking(look, before))


def _shrinking(look: Look, before: Placed) -> Iterator[Fix]:
    given = before.inputs[0][0]
    wire = next((w for w in look.walked.graph.wires_into(before.node.id)), None)
    for kind in catalogue.all_kinds():
        knobs = kind.shrink(given)
        if knobs is not None and wire is not None:
            yield put_into(look.walked, wire, kind, knobs)


@rule
def one_value(look: Look) -> Iterator[Problem]:
    """Everything has to pass through a single number in the middle."""
    for placed, layer in look.layers:
        if not layer.linear_map or prod(placed.outputs[0].shape) != 1:
            continue
        if prod(placed.inputs[0][0].shape) <= 1:
            continue
        after = _next_weighted(look, placed)
        if after is None or prod(after.outputs[0].shape) <= 1:
            continue
        problem = look.problem(
            "one_value",
            "warning",
            f"{placed.node.name} gives one value, and everything {after.node.name} learns has to pass through it. "
            "Give it more units.",
            placed,
            got="1 value",
            expected=f"{NARROW} values or more",
        )
        knobs = [
            info.name
            for info in catalogue.knobs(placed.node.kind)
            if info.type == "int" and info.essential and getattr(layer, info.name) == 1
        ]
        yield with_fix(
            problem, *(set_knob(look.walked, placed.node, knob, NARROW) for knob in knobs[:1])
        )


def _next_weighted(look: Look, placed: Placed) -> Placed | None:
    after = look.only_reader(placed)
    while after is not None and after.outputs and not after.measured.parameters:
        after = look.only_reader(after)
    return after if after is not None and after.outputs else None
