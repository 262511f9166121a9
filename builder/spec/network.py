"""The drawing: nodes, wires, variables and blocks, as plain frozen data."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from builder.spec.base import Frozen, Id, Label, Name


class Expr(Frozen):
    """An expression over variables, e.g. `d_model // 2`; arithmetic only, evaluated by network/, never by eval."""

    expr: Annotated[str, StringConstraints(min_length=1, max_length=200)]


Knob = bool | int | float | str | Expr | tuple[int | Expr, ...]
"""A raw setting of a layer. A tuple is a pair such as kernel height × width, or a shape."""

Knobs = dict[Name, Knob]


class Variable(Frozen):
    """A named number, usable in any numeric knob: `d_model = 128`."""

    name: Name
    value: int | float
    note: Label = ""


class Node(Frozen):
    """One placed layer; or, with kind `block`, one placed block repeated `repeat` times.

    `kind` is a LayerType's kind (`linear`, `conv2d`, `input`, `output`, ...) or `block`.
    `repeat_knobs` lists arguments per repetition when they differ; empty means the same each time.
    Positions are canvas pixels of the node's top-left corner; None means "place it for me".
    """

    id: Id
    kind: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    name: Label
    knobs: Knobs = {}
    x: float | None = None
    y: float | None = None
    bypassed: bool = False
    frozen: bool = False
    block: Id | None = None
    repeat: int | Expr = 1
    share_weights: bool = False
    repeat_knobs: tuple[Knobs, ...] = ()


class Wire(Frozen):
    """From an output port to an input port of another node. Several wires into a `many` port keep their order."""

    source: Id
    target: Id
    source_port: Name = "out"
    target_port: Name = "in"


class Note(Frozen):
    """A card on the canvas with text, no ports."""

    id: Id
    text: Annotated[str, StringConstraints(max_length=4000)] = ""
    x: float = 0.0
    y: float = 0.0


MAX_NODES = 2000
MAX_NOTES = 200

Direction = Literal["down", "right"]
"""Which way data flows in an automatic drawing."""


class Graph(Frozen):
    """Nodes and wires; what a Network and a Block have in common."""

    nodes: Annotated[tuple[Node, ...], Field(max_length=MAX_NODES)] = ()
    wires: Annotated[tuple[Wire, ...], Field(max_length=4 * MAX_NODES)] = ()
    variables: Annotated[tuple[Variable, ...], Field(max_length=200)] = ()
    notes: Annotated[tuple[Note, ...], Field(max_length=MAX_NOTES)] = ()
    direction: Annotated[Direction, Field(exclude_if=lambda way: way == "down")] = "down"

    def node(self, node_id: str) -> Node | None:
        """The node with this id, or None."""
        return next((node for node in self.nodes if node.id == node_id), None)

    def wires_into(self, node_id: str) -> tuple[Wire, ...]:
        """Wires ending at this node, in drawing order."""
        return tuple(wire for wire in self.wires if wire.target == node_id)

    def wires_from(self, node_id: str) -> tuple[Wire, ...]:
        """Wires starting at this node, in drawing order."""
        return tuple(wire for wire in self.wires if wire.source == node_id)

    def of_kind(self, kind: str) -> Iterator[Node]:
        """Nodes of one kind, in drawing order."""
        return (node for node in self.nodes if node.kind == kind)


class Block(Graph):
    """A sub-network placed like a layer.

    Its `input` and `output` nodes are its ports, named by their `role` knob. Its variables are its exposed
    knobs: a placed node's `knobs` override their values, and may be expressions of the surrounding scope.
    """

    id: Id
    name: Label
    summary: Label = ""


class Network(Graph):
    """One drawn network of a project."""

    name: Name = "network"
