"""What a change of the drawing does to it: changed shapes and parameters, joined from two checks; no torch."""

from typing import NamedTuple

from builder.layers.base import TensorType
from builder.network.ports import ports
from builder.network.report import Report
from builder.network.words import tensor
from builder.spec.network import Network
from builder.spec.project import Project

Place = tuple[str, str]
"""Node id and output port."""


class ShapeChange(NamedTuple):
    """What flows out of a layer that both drawings have; `name` is that of the layer now."""

    node: str
    port: str
    name: str
    old: str
    new: str


class Effects(NamedTuple):
    """Changed shapes in drawing order; parameters of the whole and of each layer (by id), before and now."""

    shapes: tuple[ShapeChange, ...]
    parameters: tuple[int, int]
    layers: dict[str, tuple[int, int]]

    def shape_at(self, node: str, port: str) -> ShapeChange | None:
        """The changed shape of this output; None when it is the same or unknown."""
        return next((one for one in self.shapes if (one.node, one.port) == (node, port)), None)


class Side(NamedTuple):
    """One of the two drawings with its check."""

    project: Project
    network: Network
    report: Report


def effects(before: Side, now: Side) -> Effects:
    """Joins the checks of the same network on both sides, by node id."""
    old, new = (outputs_by_port(*side) for side in (before, now))
    names = {node.id: node.name for node in now.network.nodes}
    shapes = tuple(
        ShapeChange(node, port, names.get(node, node), tensor(old[node, port]), tensor(type_))
        for (node, port), type_ in new.items()
        if (node, port) in old and tensor(old[node, port]) != tensor(type_)
    )
    counts = {
        node: (_parameters(before.report, node), _parameters(now.report, node))
        for node in {**now.report.nodes, **before.report.nodes}
    }
    changed = {node: both for node, both in counts.items() if both[0] != both[1]}
    return Effects(shapes, (before.report.parameters, now.report.parameters), changed)


def outputs_by_port(project: Project, network: Network, report: Report) -> dict[Place, TensorType]:
    """What flows out of each known output port, by node id and port."""
    known: dict[Place, TensorType] = {}
    for node in network.nodes:
        told = report.nodes.get(node.id)
        both = ports(project, node)
        if told is not None and both is not None:
            named = zip(both[1], told.outputs, strict=False)
            known |= {(node.id, port): type_ for port, type_ in named}
    return known


def _parameters(report: Report, node: str) -> int:
    told = report.nodes.get(node)
    return told.parameters if told else 0
