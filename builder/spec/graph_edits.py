"""Edits inside one network or block: nodes, wires, settings, places."""

from typing import Literal

from builder.errors import SpecError
from builder.spec.base import Id, Label, Name
from builder.spec.change import G, GraphEdit, unique_name, with_node
from builder.spec.network import Direction, Knobs, Node, Note, Variable, Wire
from builder.spec.project import Project


class AddNode(GraphEdit):
    """Places a node, wired or not."""

    kind: Literal["add_node"] = "add_node"
    node: Node
    wires: tuple[Wire, ...] = ()

    def change(self, graph: G) -> G:
        if graph.node(self.node.id):
            raise SpecError(f"A layer with id {self.node.id!r} is there already.")
        node = self.node.model_copy(update={"name": unique_name(self.node.name, graph)})
        return graph.model_copy(
            update={"nodes": (*graph.nodes, node), "wires": (*graph.wires, *self.wires)}
        )

    def label(self, project: Project) -> str:
        return f"Added {self.node.name}"


class InsertNode(GraphEdit):
    """Places a node into an existing wire, or after a node so that all its followers now follow the new one."""

    kind: Literal["insert_node"] = "insert_node"
    node: Node
    into: Wire | None = None
    after: Id | None = None
    input_port: Name = "in"
    output_port: Name = "out"

    def change(self, graph: G) -> G:
        if graph.node(self.node.id):
            raise SpecError(f"A layer with id {self.node.id!r} is there already.")
        if self.into is not None:
            moved: tuple[Wire, ...] = (self.into,)
            source, port = self.into.source, self.into.source_port
        elif self.after is not None:
            source, port = self.after, "out"
            leaving = graph.wires_from(self.after)
            if leaving:
                port = leaving[0].source_port
            moved = tuple(w for w in leaving if w.source_port == port)
        else:
            raise SpecError("An insertion needs a connection or a layer to go after.")
        if graph.node(source) is None or any(w not in graph.wires for w in moved):
            raise SpecError("The place to insert into is gone; reload the network.")
        node = self.node.model_copy(update={"name": unique_name(self.node.name, graph)})
        wires = [
            w.model_copy(update={"source": node.id, "source_port": self.output_port})
            if w in moved
            else w
            for w in graph.wires
        ]
        wires.append(
            Wire(source=source, source_port=port, target=node.id, target_port=self.input_port)
        )
        return graph.model_copy(update={"nodes": (*graph.nodes, node), "wires": tuple(wires)})

    def label(self, project: Project) -> str:
        place = self.into.source if self.into else self.after or ""
        return f"Added {self.node.name} after {self.name_of(project, place)}"


class RemoveNodes(GraphEdit):
    """Removes nodes; with `heal` a chain closes: what fed a removed node feeds what it fed."""

    kind: Literal["remove_nodes"] = "remove_nodes"
    nodes: tuple[Id, ...]
    heal: bool = True

    def change(self, graph: G) -> G:
        wires = list(graph.wires)
        for node_id in self.nodes:
            before = [w for w in wires if w.target == node_id]
            after = [w for w in wires if w.source == node_id]
            rest = [w for w in wires if node_id not in (w.source, w.target)]
            if self.heal and before:
                feed = before[0]
                healed = [
                    Wire(
                        source=feed.source,
                        source_port=feed.source_port,
                        target=w.target,
                        target_port=w.target_port,
                    )
                    for w in after
                ]
                rest += [w for w in healed if w not in rest and w.source != w.target]
            wires = rest
        gone = set(self.nodes)
        return graph.model_copy(
            update={
                "nodes": tuple(n for n in graph.nodes if n.id not in gone),
                "wires": tuple(wires),
            }
        )

    def label(self, project: Project) -> str:
        names = [self.name_of(project, node_id) for node_id in self.nodes]
        return f"Removed {names[0]}" if len(names) == 1 else f"Removed {len(names)} layers"


class Connect(GraphEdit):
    """Draws a wire; into an occupied single port it replaces the wire there (`many` ports add)."""

    kind: Literal["connect"] = "connect"
    wire: Wire
    replace: bool = True

    def change(self, graph: G) -> G:
        wire = self.wire
        if graph.node(wire.source) is None or graph.node(wire.target) is None:
            raise SpecError("A connection needs two layers that exist.")
        kept = tuple(
            w
            for w in graph.wires
            if w != wire
            and not (self.replace and (w.target, w.target_port) == (wire.target, wire.target_port))
        )
        return graph.model_copy(update={"wires": (*kept, wire)})

    def label(self, project: Project) -> str:
        source = self.name_of(project, self.wire.source)
        return f"Connected {source} to {self.name_of(project, self.wire.target)}"


class Disconnect(GraphEdit):
    """Cuts wires."""

    kind: Literal["disconnect"] = "disconnect"
    wires: tuple[Wire, ...]

    def change(self, graph: G) -> G:
        return graph.model_copy(
            update={"wires": tuple(w for w in graph.wires if w not in self.wires)}
        )

    def label(self, project: Project) -> str:
        wire = self.wires[0]
        return f"Cut {self.name_of(project, wire.source)} from {self.name_of(project, wire.target)}"


class SetKnobs(GraphEdit):
    """Changes settings of one node; names in `unset` go back to their default."""

    kind: Literal["set_knobs"] = "set_knobs"
    node: Id
    knobs: Knobs = {}
    unset: tuple[Name, ...] = ()

    def change(self, graph: G) -> G:
        def changed(node: Node) -> Node:
            kept = {k: v for k, v in node.knobs.items() if k not in self.unset}
            return node.model_copy(update={"knobs": {**kept, **self.knobs}})

        return with_node(graph, self.node, changed)

    def label(self, project: Project) -> str:
        names = ", ".join([*self.knobs, *self.unset]).replace("_", " ")
        return f"Changed {names} of {self.name_of(project, self.node)}"


class ChangeNode(GraphEdit):
    """Renames, bypasses or freezes one node, or changes its repetition; None leaves a thing as it is."""

    kind: Literal["change_node"] = "change_node"
    node: Id
    name: Label | None = None
    bypassed: bool | None = None
    frozen: bool | None = None
    repeat: int | None = None
    share_weights: bool | None = None

    def change(self, graph: G) -> G:
        fields = ("name", "bypassed", "frozen", "repeat", "share_weights")
        update = {f: getattr(self, f) for f in fields if getattr(self, f) is not None}
        others = graph.model_copy(
            update={"nodes": tuple(n for n in graph.nodes if n.id != self.node)}
        )
        if "name" in update:
            update["name"] = unique_name(str(update["name"]).strip() or "layer", others)
        return with_node(graph, self.node, lambda node: node.model_copy(update=update))

    def label(self, project: Project) -> str:
        name = self.name_of(project, self.node)
        if self.name is not None:
            return f"Renamed {name} to {self.name}"
        if self.bypassed is not None:
            return f"Bypassed {name}" if self.bypassed else f"Put {name} back"
        if self.frozen is not None:
            return f"Froze {name}" if self.frozen else f"Unfroze {name}"
        return f"Changed {name}"


class ReplaceKind(GraphEdit):
    """Turns a node into another kind, keeping its place, wires and name pattern."""

    kind: Literal["replace_kind"] = "replace_kind"
    node: Id
    to: str
    name: Label
    knobs: Knobs = {}

    def change(self, graph: G) -> G:
        name = unique_name(self.name, graph)
        return with_node(
            graph,
            self.node,
            lambda node: node.model_copy(
                update={"kind": self.to, "name": name, "knobs": self.knobs}
            ),
        )

    def label(self, project: Project) -> str:
        return f"Replaced {self.name_of(project, self.node)} by {self.name}"


class MoveNodes(GraphEdit):
    """Moves nodes on the canvas; `positions` maps node id to (x, y) in canvas pixels."""

    kind: Literal["move_nodes"] = "move_nodes"
    positions: dict[Id, tuple[float, float]]

    def change(self, graph: G) -> G:
        def moved(node: Node) -> Node:
            if node.id not in self.positions:
                return node
            x, y = self.positions[node.id]
            return node.model_copy(update={"x": x, "y": y})

        return graph.model_copy(update={"nodes": tuple(moved(n) for n in graph.nodes)})

    def label(self, project: Project) -> str:
        if len(self.positions) == 1:
            return f"Moved {self.name_of(project, next(iter(self.positions)))}"
        return f"Moved {len(self.positions)} layers"


class SetGraph(GraphEdit):
    """Replaces nodes and wires as a whole: what the canvas sends, with its own words for the history."""

    kind: Literal["set_graph"] = "set_graph"
    nodes: tuple[Node, ...]
    wires: tuple[Wire, ...]
    notes: tuple[Note, ...] | None = None
    """None: they stay as they are."""
    direction: Direction | None = None
    words: Label = "Changed the drawing"

    def change(self, graph: G) -> G:
        more = {"notes": self.notes, "direction": self.direction}
        given = {name: value for name, value in more.items() if value is not None}
        return graph.model_copy(update={"nodes": self.nodes, "wires": self.wires, **given})

    def label(self, project: Project) -> str:
        return self.words


class SetVariables(GraphEdit):
    """Replaces the variables of a network or the exposed knobs of a block."""

    kind: Literal["set_variables"] = "set_variables"
    variables: tuple[Variable, ...]

    def change(self, graph: G) -> G:
        return graph.model_copy(update={"variables": self.variables})

    def label(self, project: Project) -> str:
        return "Changed variables"
