"""The edits fixes are made of: putting a layer into a connection, removing one, changing a setting."""

from collections.abc import Iterable
from typing import Any

from builder.layers.base import LayerType
from builder.layers.following import followers
from builder.network.walk import Placed, Walked
from builder.spec.edits import Edit, InsertNode, RemoveNodes, ReplaceKind, SetKnobs, unique_name
from builder.spec.network import Expr, Knob, Knobs, Node, Wire
from builder.spec.problems import Fix, Problem


def with_fix(problem: Problem, *fixes: Fix) -> Problem:
    """The problem with these fixes offered."""
    return problem.model_copy(update={"fixes": fixes})


def fresh_id(walked: Walked, stem: str) -> str:
    """A node id that is not taken; the same for the same place, so that two fixes do not meet."""
    stem = stem[:56]
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


def new_node(
    walked: Walked, kind: type[LayerType], target: str, knobs: Knobs | None = None
) -> Node:
    """A layer to be put before `target`, with a name of its own."""
    name = unique_name(kind.slug or kind.kind, walked.graph)
    return Node(
        id=fresh_id(walked, f"{target}_{kind.kind}_"), kind=kind.kind, name=name, knobs=knobs or {}
    )


def put_into(walked: Walked, wire: Wire, kind: type[LayerType], knobs: Knobs | None = None) -> Fix:
    """Puts a layer of this kind into a connection."""
    target = walked.placed[wire.target].node
    node = new_node(walked, kind, target.id, knobs)
    edit = InsertNode(graph=walked.name, node=node, into=wire)
    return Fix(sentence=f"Put {kind.title} before {target.name}", edits=(edit,))


def remove(walked: Walked, *nodes: Node, heal: bool = True) -> Fix:
    """Removes nodes and closes the chain."""
    edit = RemoveNodes(graph=walked.name, nodes=tuple(node.id for node in nodes), heal=heal)
    return Fix(sentence=f"Remove {' and '.join(node.name for node in nodes)}", edits=(edit,))


def set_knob(walked: Walked, node: Node, knob: str, value: Knob) -> Fix:
    """Changes one setting."""
    edit = SetKnobs(graph=walked.name, node=node.id, knobs={knob: value})
    words = knob.replace("_", " ")
    return Fix(sentence=f"Set {words} of {node.name} to {said(value)}", edits=(edit,))


def replace(walked: Walked, nodes: Iterable[Node], kind: type[LayerType]) -> Fix:
    """Makes nodes layers of another kind, with its usual settings; their names stay."""
    nodes = list(nodes)
    edits: list[Edit] = [
        ReplaceKind(graph=walked.name, node=node.id, to=kind.kind, name=node.name) for node in nodes
    ]
    names = nodes[0].name if len(nodes) == 1 else f"all {len(nodes)}"
    return Fix(sentence=f"Use {kind.title} instead of {names}", edits=tuple(edits))


def usual_activation(layer: LayerType | None) -> type[LayerType] | None:
    """The activation that follows such a layer most often; None where none does."""
    kinds = followers(type(layer)) if layer else ()
    return next((kind for kind in kinds if kind.family == "activation"), None)


def said(value: Any) -> str:
    """A setting's value as the form says it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return "×".join(said(part) for part in value)
    return value.expr if isinstance(value, Expr) else str(value)
