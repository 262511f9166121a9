"""The smallest network that trains on given data: a perceptron, no hidden layer."""

from itertools import pairwise

from builder.spec.data import DataSpec, FieldSchema
from builder.spec.network import Expr, Network, Node, Wire
from builder.spec.project import Project


def blank_project(data: DataSpec | None = None, name: str = "Untitled") -> Project:
    """A project with Input and Output joined by the least that fits the data; only the two without data."""
    data = data or DataSpec()
    return Project(name=name, networks=(smallest_network(data),), data=data)


def smallest_network(data: DataSpec) -> Network:
    """Input, Flatten where samples are not flat, one Linear as wide as the target, Output."""
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
    width: int | Expr = Expr(expr="classes") if target.kind == "classes" else target.width
    linear = Node(id="linear1", kind="linear", name="linear1", knobs={"out_features": width})
    return (*_flat(data.snapshot.fields[0]), linear)


def _flat(field: FieldSchema) -> tuple[Node, ...]:
    if len(field.shape) < 2:
        return ()
    return (Node(id="flatten1", kind="flatten", name="flatten1"),)
