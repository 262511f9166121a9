"""What could be better in a drawing that works: hints and warnings from what the layers say of themselves."""

from builder.layers import catalogue
from builder.layers.base import LayerType
from builder.network import cost, words
from builder.network.expectation import Expectation
from builder.network.walk import Placed, Walked
from builder.network.walk import cost as cost_of
from builder.spec.edits import InsertNode, RemoveNodes
from builder.spec.network import Node, Wire
from builder.spec.problems import Fix, Problem

BATCH_IF_UNKNOWN = 1


def advice(walked: Walked, expectation: Expectation) -> list[Problem]:
    """All hints and warnings, and errors of size: too large, batches of one."""
    found = []
    for placed in walked.placed.values():
        if placed.skipped or not placed.outputs:
            continue
        found += [
            *_no_activation(walked, placed),
            *_batch_of_one(walked, placed, expectation),
        ]
    for output in walked.of_kind("output"):
        found += _activated_logits(walked, output, expectation)
    return [*found, *_too_large(walked, expectation), *_nothing_to_learn(walked, expectation)]


def _no_activation(walked: Walked, placed: Placed) -> list[Problem]:
    """Two layers that are usually followed by an activation, one directly after the other."""
    usual = _usual_activation(placed.layer)
    leaving = walked.graph.wires_from(placed.node.id)
    if usual is None or len(leaving) != 1:
        return []
    follower = walked.placed[leaving[0].target]
    if _usual_activation(follower.layer) is None or follower.skipped:
        return []
    if follower.layer and placed.layer and follower.layer.family != placed.layer.family:
        return []
    name = placed.node.name
    node = Node(id=fresh_id(walked, "fix"), kind=usual.kind, name=usual.slug or usual.kind)
    edit = InsertNode(graph=walked.name, node=node, into=leaving[0])
    return [
        Problem(
            code="no_activation",
            severity="hint",
            what=f"{name} and {follower.node.name} follow each other directly; together they can do no "
            f"more than one of them. Put {usual.title} between them.",
            got="no activation",
            expected=f"an activation such as {usual.title}",
            network=walked.name,
            node=follower.node.id,
            fixes=(Fix(sentence=f"Put {usual.title} before {follower.node.name}", edits=(edit,)),),
        )
    ]


def _usual_activation(layer: LayerType | None) -> type[LayerType] | None:
    """The activation that usually follows this layer, when the likeliest follower is one."""
    if layer is None or not layer.follows:
        return None
    usual = catalogue.find(layer.follows[0])
    return usual if usual and usual.family == "activation" else None


def _activated_logits(walked: Walked, output: Placed, expectation: Expectation) -> list[Problem]:
    role = output.node.knobs.get("role")
    want = expectation.want(role if isinstance(role, str) else "")
    if want is None or want.kind != "logits" or not output.sources or not output.sources[0]:
        return []
    last = walked.placed[output.sources[0][0][0]]
    if last.layer is None or last.layer.family != "activation" or not last.outputs:
        return []
    edit = RemoveNodes(graph=walked.name, nodes=(last.node.id,))
    return [
        Problem(
            code="logits",
            severity="warning",
            what=f"{last.node.name} stands before {output.node.name}, and the loss wants plain scores (logits); "
            "it applies its own softmax. Learning would be slow or stop. Remove it.",
            got=last.layer.title,
            expected="logits",
            network=walked.name,
            node=last.node.id,
            fixes=(Fix(sentence=f"Remove {last.node.name}", edits=(edit,)),),
        )
    ]


def _batch_of_one(walked: Walked, placed: Placed, expectation: Expectation) -> list[Problem]:
    if expectation.batch_size != 1 or placed.layer is None or not placed.layer.mixes_samples:
        return []
    return [
        Problem(
            code="batch_of_one",
            severity="error",
            what=f"{placed.node.name} compares the samples of a batch, and the batch size is 1. "
            "Use batches of 16 or more, or LayerNorm.",
            got="batches of 1",
            expected="batches of 16 or more",
            network=walked.name,
            node=placed.node.id,
            field="batch_size",
        )
    ]


def _too_large(walked: Walked, expectation: Expectation) -> list[Problem]:
    """An error at the layer that takes most, when training cannot fit this machine."""
    batch = expectation.batch_size or BATCH_IF_UNKNOWN
    room = cost.machine_bytes()
    sizes = {
        node_id: cost.training_bytes(one["parameters"], one["bytes"], batch_size=batch)
        for node_id, placed in walked.placed.items()
        if (one := cost_of(placed)) and placed.outputs
    }
    total = sum(sizes.values())
    if total <= room:
        return []
    worst = max(sizes, key=lambda node_id: sizes[node_id])
    placed = walked.placed[worst]
    return [
        Problem(
            code="too_large",
            severity="error",
            what=f"{placed.node.name} needs about {words.memory(sizes[worst])} to train, with batches of {batch}; "
            f"this machine has {words.memory(room)}. Make it smaller.",
            got=words.memory(total),
            expected=f"at most {words.memory(room)}",
            network=walked.name,
            node=worst,
        )
    ]


def _nothing_to_learn(walked: Walked, expectation: Expectation) -> list[Problem]:
    if not expectation.outputs or not walked.answers or walked.total("parameters"):
        return []
    return [
        Problem(
            code="nothing_to_learn",
            severity="error",
            what="No layer of this network has weights, so there is nothing to learn. Add one, such as Linear.",
            network=walked.name,
        )
    ]


def fresh_id(walked: Walked, stem: str) -> str:
    """A node id that is not taken."""
    number = 1
    while walked.graph.node(f"{stem}{number}") is not None:
        number += 1
    return f"{stem}{number}"


def wire_into(walked: Walked, placed: Placed, place: int, source: tuple[str, str]) -> Wire | None:
    """The drawn wire at a port, when it comes straight from this source."""
    port = placed.layer.inputs[place].name if placed.layer else "in"
    return next(
        (
            wire
            for wire in walked.graph.wires_into(placed.node.id)
            if wire.target_port == port and (wire.source, wire.source_port) == source
        ),
        None,
    )
