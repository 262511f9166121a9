"""What the canvas is told of two drawings: both as one, with a mark on each layer and connection that differs."""

from dataclasses import dataclass
from typing import Any

from builder.network.effects import Effects, Side, effects, outputs_by_port
from builder.network.ports import ports
from builder.network.report import Report
from builder.projects.difference import GraphChange
from builder.spec.network import Graph, Network, Node, Wire
from builder.ui import words
from builder.ui.canvas.palette import palette
from builder.ui.canvas.place import places
from builder.ui.canvas.view import node_info, wire_info, wire_key


@dataclass(frozen=True)
class ComparedView:
    """One network or block on both sides, and how it differs (None: not at all); nothing of it can be edited."""

    before: Side
    now: Side
    change: GraphChange | None
    where: str
    select: tuple[int, str] = (0, "")
    """Counts the layers asked to be shown, and names the last."""

    def data(self) -> dict[str, Any]:
        """The message to the browser; plain JSON."""
        both = self.union()
        told = effects(self.before, self.now)
        return {
            "where": self.where,
            "graph": self.now.network.name,
            "rev": "0",
            "ack": {},
            "undone": {},
            "notes": [],
            "direction": self.now.network.direction,
            "nodes": [self._node(node) for node in both.nodes],
            "wires": [wire.model_dump(mode="json") for wire in both.wires],
            "layout": {node: [x, y] for node, (x, y) in places(both).items()},
            "select": {"n": self.select[0], "ids": [self.select[1]] if self.select[1] else []},
            "info": {"nodes": self._layers(), "wires": self._wires(), "unfit": {}, "current": True},
            "palette": palette(),
            "notice": None,
            "compared": {"layers": self._marks(told), "wires": self._wire_marks(both, told)},
        }

    def union(self) -> Network:
        """The drawing now, and what was removed from the one before; the removed layers find places of their own."""
        there = {node.id for node in self.now.network.nodes}
        gone = [
            node.model_copy(update={"x": None, "y": None})
            for node in self.before.network.nodes
            if node.id not in there
        ]
        drawn = set(self.now.network.wires)
        cut = [wire for wire in self.before.network.wires if wire not in drawn]
        nodes, wires = (*self.now.network.nodes, *gone), (*self.now.network.wires, *cut)
        return self.now.network.model_copy(update={"nodes": nodes, "wires": wires})

    def _side(self, node_id: str) -> Side:
        return self.now if self.now.network.node(node_id) is not None else self.before

    def _node(self, node: Node) -> dict[str, Any]:
        plain: dict[str, Any] = node.model_dump(mode="json")
        found = ports(self._side(node.id).project, node)
        if found is not None:
            inputs = [port._asdict() for port in found[0]]
            plain["ports"] = {"inputs": inputs, "outputs": list(found[1])}
        return plain

    def _layers(self) -> dict[str, Any]:
        told = {}
        for node in self.union().nodes:
            side = self._side(node.id)
            if node.id in side.report.nodes:
                told[node.id] = node_info(side.network, side.report.nodes[node.id], ())
        return told

    def _wires(self) -> dict[str, Any]:
        given = outputs_by_port(*self.now)
        bare = Report(network=self.now.network.name)
        return {
            wire_key(wire): wire_info(wire, given, bare)
            for wire in self.now.network.wires
            if (wire.source, wire.source_port) in given
        }

    def _marks(self, told: Effects) -> dict[str, Any]:
        changed = self.change.layers if self.change else ()
        marks: dict[str, Any] = {}
        for layer in changed:
            lines = [f"called {layer.was} before"] if layer.renamed else []
            lines += [change.words() for change in layer.changes]
            counts = told.layers.get(layer.node)
            if layer.how == "changed" and counts is not None:
                lines.append(f"parameters {words.count(counts[0])} → {words.count(counts[1])}")
            marks[layer.node] = {"how": layer.how, "lines": lines}
        return marks

    def _wire_marks(self, both: Graph, told: Effects) -> dict[str, Any]:
        changed = self.change.wires if self.change else ()
        how: dict[Wire, str] = {change.wire: change.how for change in changed}
        marks: dict[str, Any] = {}
        for wire in both.wires:
            shape = told.shape_at(wire.source, wire.source_port)
            if wire in how or shape is not None:
                old, new = (shape.old, shape.new) if shape else ("", "")
                marks[wire_key(wire)] = {"how": how.get(wire, "same"), "old": old, "now": new}
        return marks
