"""What the canvas is told: the drawing, where its layers go, and what the check found about each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

from builder.layers import catalogue
from builder.layers.base import TensorType
from builder.network.effects import outputs_by_port
from builder.network.ports import ports
from builder.network.report import NodeReport, Report
from builder.spec.clip import blocks_among
from builder.spec.network import Network, Node, Wire
from builder.spec.problems import Problem
from builder.spec.project import Project
from builder.ui import words
from builder.ui.canvas.message import Kept
from builder.ui.canvas.offers import Words
from builder.ui.canvas.palette import palette, type_key, unfit
from builder.ui.canvas.place import places
from builder.ui.canvas.reconcile import Link
from builder.ui.canvas.shelf import look

AXES = {"image": ("channels", "high", "wide"), "sequence": ("steps", "features")}
ITEM_BYTES = {"float32": 4, "int64": 8, "bool": 1}


@dataclass(frozen=True)
class CanvasView:
    """One network as it is now, with the last check of it. `current` is False while that check is about an older one.

    `where` names project and network: zoom and place are kept under it in the browser. `offers` has, by type, what each
    kind would make of it; `preview` what a fix would do (ghost.py).
    `shelf` lists the blocks that can be placed; `inside` is True in an open block.
    """

    project: Project
    network: Network
    link: Link
    report: Report | None
    current: bool
    where: str
    offers: Mapping[str, Words] = field(default_factory=dict)
    kept: Kept = field(default_factory=Kept)
    shelf: dict[str, Any] = field(default_factory=dict)
    inside: bool = False
    preview: dict[str, Any] | None = None

    def data(self) -> dict[str, Any]:
        """The message to the browser; plain JSON. The palette is left out once the canvas has it."""
        own = palette()
        return {
            "where": self.where,
            "graph": self.network.name,
            "rev": self.link.rev,
            "ack": self.link.seen,
            "undone": self.link.undone,
            "asked": self.link.asked,
            "blocks": self.shelf,
            "definitions": {
                block.id: block.model_dump(mode="json")
                for block in blocks_among(self.network.nodes, self.project.blocks)
            },
            "inside": self.inside,
            "nodes": [node_json(self.project, node) for node in self.network.nodes],
            "wires": [wire.model_dump(mode="json") for wire in self.network.wires],
            "notes": [note.model_dump(mode="json") for note in self.network.notes],
            "direction": self.network.direction,
            "pasted": self.link.pasted,
            "offers": {key: dict(told) for key, told in self.offers.items()},
            "kept": self.kept.model_dump(mode="json"),
            "preview": self.preview,
            "layout": {node: [x, y] for node, (x, y) in places(self.network).items()},
            "select": {"n": self.link.selections, "ids": list(self.link.selection)},
            "info": self._info(),
            "palette": None if self.link.palette == own["hash"] else own,
            "notice": self._notice(),
        }

    def _notice(self) -> dict[str, Any] | None:
        if not self.link.notice:
            return None
        return {
            "n": self.link.notices,
            "text": self.link.notice,
            "error": self.link.notice_is_error,
        }

    def _info(self) -> dict[str, Any]:
        report = self.report or Report(network=self.network.name)
        given = outputs_by_port(self.project, self.network, report)
        return {
            "nodes": {
                node.id: node_info(self.network, report.nodes[node.id], report.of_node(node.id))
                for node in self.network.nodes
                if node.id in report.nodes
            },
            "wires": {
                wire_key(wire): wire_info(wire, given, report)
                for wire in self.network.wires
                if (wire.source, wire.source_port) in given
            },
            "unfit": {type_key(type_): unfit(type_) for type_ in dict.fromkeys(given.values())},
            "current": self.current,
        }


def wire_key(wire: Wire) -> str:
    """One text for a wire; the canvas builds the same."""
    return f"{wire.source}.{wire.source_port}>{wire.target}.{wire.target_port}"


def node_info(network: Network, told: NodeReport, problems: Iterable[Problem]) -> dict[str, Any]:
    """The words painted on one layer."""
    first = told.outputs[0] if told.outputs else None
    waiting = network.node(told.waiting_for) if told.waiting_for else None
    return {
        "brief": told.brief,
        "parameters": words.count(told.parameters) if told.parameters else "",
        "exact": f"{told.parameters:,}",
        "output": words.shape(first.shape) if first else "",
        "type": type_key(first) if first else "",
        "waiting": waiting.name if waiting else "",
        "problems": [{"severity": p.severity, "what": p.what} for p in problems],
    }


def wire_info(
    wire: Wire, given: dict[tuple[str, str], TensorType], report: Report
) -> dict[str, Any]:
    """The label of one connection: its shape, spelled out on hover, and the problem at its end."""
    type_ = given[wire.source, wire.source_port]
    about = (p for p in report.of_node(wire.target) if p.at_input and p.expected)
    stopped = next(about, None)
    return {
        "label": words.shape(type_.shape),
        "hover": spelled(type_),
        "problem": f"{words.shape(type_.shape)} → needs {stopped.expected}" if stopped else "",
    }


def spelled(type_: TensorType) -> str:
    """`32 channels · 14 high · 14 wide · float32 · 25.1 kB a sample`."""
    names = AXES.get(type_.role, ())
    sizes = [f"{n} {name}" for n, name in zip(type_.shape, names, strict=False)]
    if len(names) != len(type_.shape):
        sizes = [words.shape(type_.shape)]
    size = words.size(prod(type_.shape) * ITEM_BYTES[type_.dtype])
    return " · ".join([*sizes, type_.dtype, f"{size} a sample"])


def node_json(project: Project, node: Node) -> dict[str, Any]:
    """A node as JSON; it brings its ports along where the palette does not tell them."""
    plain: dict[str, Any] = node.model_dump(mode="json")
    both = ports(project, node)
    kind = catalogue.find(node.kind)
    if both is not None and node.block is not None:
        plain["look"] = look(project, node)
    if both is not None and (kind is None or both[1] != kind.outputs):
        plain["ports"] = {"inputs": [port._asdict() for port in both[0]], "outputs": list(both[1])}
    return plain
