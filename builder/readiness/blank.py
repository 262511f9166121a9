"""The smallest network that trains on given data: a perceptron, no hidden layer."""

from itertools import pairwise
from math import prod
from typing import Any

from builder.data.raw import TEXT_LENGTH
from builder.layers.base import LayerType, TensorType
from builder.layers.catalogue import all_kinds, knobs
from builder.spec.data import DataSpec, FieldSchema, Role, TargetSchema
from builder.spec.network import Expr, Network, Node, Wire
from builder.spec.project import Project


def blank_project(data: DataSpec | None = None, name: str = "Untitled") -> Project:
    """A project with Input and Output joined by the least that fits the data; only the two without data."""
    data = data or DataSpec()
    return Project(name=name, networks=(smallest_network(data),), data=data)


def smallest_network(data: DataSpec) -> Network:
    """Input, what lays a sample out flat where it is not, one weighted sum as wide as the target, Output.

    Where a text is to become another, what is written looks at the text before the weighted sum.
    """
    if data.snapshot is not None and data.snapshot.target.kind == "text":
        return _text_to_text(data.snapshot.fields)
    middle = _middle(data)
    nodes = (
        Node(id="input", kind="input", name="input"),
        *middle,
        Node(id="output", kind="output", name="output"),
    )
    wires = tuple(Wire(source=a.id, target=b.id) for a, b in pairwise(nodes) if middle)
    return Network(nodes=nodes, wires=wires)


def _middle(data: DataSpec) -> tuple[Node, ...]:
    if data.snapshot is None or len(data.snapshot.fields) != 1:
        return ()
    target = data.snapshot.target
    width = _width(target)
    field = data.snapshot.fields[0]
    if target.kind == "mask":
        return (_at_each_pixel(field, target),)
    if field.role == "tokens":
        sums = next(kind for kind in all_kinds() if kind.linear_map)
        made: Role = "sequence" if target.kind == "tokens" else "features"
        return (_table(field, made), _first(sums, {knobs(sums.kind)[0].name: width}))
    flat = TensorType((prod(field.shape),), "float32", "features")
    sums = next(kind for kind in all_kinds() if kind.linear_map and kind().suits(flat))
    steps = (_to_steps(target),) if target.horizon else ()
    return (*_flat(field, flat), _first(sums, {knobs(sums.kind)[0].name: width}), *steps)


def _at_each_pixel(field: FieldSchema, target: TargetSchema) -> Node:
    """One weighted sum of a pixel's channels for each class."""
    wanted = (len(target.classes), *field.shape[1:])
    given = TensorType(
        (wanted[0] + 1, *wanted[1:]), field.dtype, field.role
    )  # any other number of channels
    offers = ((kind, kind.adapt(given, LayerType(), wanted)) for kind in all_kinds())
    kind, offer = next((k, o) for k, o in offers if o is not None and k.linear_map)
    named = {
        name: Expr(expr="classes") if value == wanted[0] else value for name, value in offer.items()
    }
    return _first(kind, named)


def _to_steps(target: TargetSchema) -> Node:
    """What lays numbers out flat as steps × series."""
    wanted = (target.horizon, target.width)
    given = TensorType((prod(wanted),), "float32", "features")
    offers = ((kind, kind.adapt(given, LayerType(), wanted)) for kind in all_kinds())
    kind, offer = next((k, o) for k, o in offers if o is not None and wanted in o.values())
    return _first(kind, dict.fromkeys(offer, (Expr(expr="horizon"), Expr(expr="series"))))


def _text_to_text(fields: tuple[FieldSchema, ...]) -> Network:
    """A table for each text, what lets each place written look at the places of the text, and one weighted sum."""
    text, so_far = fields
    sums = next(kind for kind in all_kinds() if kind.linear_map)
    looks = next(
        kind for kind in all_kinds() if {"key", "lengths"} <= {p.name for p in kind.inputs}
    )
    counts = ("vocabulary", "target_vocabulary")
    ends = [
        Node(id=name, kind="input", name=name, knobs={"role": name})
        for name in (text.name, so_far.name, TEXT_LENGTH)
    ]
    tables = []
    for number, (field, counted) in enumerate(zip(fields, counts, strict=True), start=1):
        table = _table(field, "sequence", counted)
        name = f"{table.name.removesuffix('1')}{number}"
        tables.append(table.model_copy(update={"id": name, "name": name}))
    look = _first(looks, {})
    total = _first(sums, {knobs(sums.kind)[0].name: Expr(expr=counts[1])})
    output = Node(id="output", kind="output", name="output")
    wires = [
        *((end.id, table.id, "in") for end, table in zip(ends[:2], tables, strict=True)),
        (tables[1].id, look.id, "in"),
        (tables[0].id, look.id, "key"),
        (TEXT_LENGTH, look.id, "lengths"),
        (look.id, total.id, "in"),
        (total.id, output.id, "in"),
    ]
    return Network(
        nodes=(*ends, *tables, look, total, output),
        wires=tuple(Wire(source=a, target=b, target_port=port) for a, b, port in wires),
    )


def _width(target: TargetSchema) -> int | Expr:
    if target.horizon:
        return Expr(expr="horizon * series")
    named = {"classes": "classes", "tokens": "vocabulary"}
    return Expr(expr=named[target.kind]) if target.kind in named else target.width


def _table(field: FieldSchema, made: Role, counted: str = "vocabulary") -> Node:
    """What looks tokens up: row by row where each place is answered, all rows in one where the text is."""
    given = TensorType(field.shape, field.dtype, field.role)
    tables = (kind for kind in all_kinds() if kind.vocabulary)
    table = next(kind for kind in tables if kind().call((given,)).roles == (made,))
    return _first(table, {table.vocabulary: Expr(expr=counted)})


def _flat(field: FieldSchema, flat: TensorType) -> tuple[Node, ...]:
    if len(field.shape) < 2:
        return ()
    given = TensorType(field.shape, field.dtype, field.role)
    offers = ((kind, kind.adapt(given, LayerType(), flat.shape)) for kind in all_kinds())
    return next((_first(kind, offer),) for kind, offer in offers if offer is not None)


def _first(kind: type[LayerType], settings: dict[str, Any]) -> Node:
    name = f"{kind.slug or kind.kind}1"
    return Node(id=name, kind=kind.kind, name=name, knobs=settings)
