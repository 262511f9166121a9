"""Edits that make blocks of layers, open them up again, repeat them, and take one use apart from the others."""

import re
from typing import Literal

from builder.errors import SpecError
from builder.spec.base import Id, Label, Name
from builder.spec.block_ports import words_of
from builder.spec.change import Change, G, GraphEdit, check_graph, with_node
from builder.spec.grouping import Border, border, grouped
from builder.spec.network import Block, Expr, Graph, Knobs, Network, Node
from builder.spec.opening import opened
from builder.spec.project import MAX_BLOCKS, Project


class MakeBlock(GraphEdit):
    """Puts layers of a drawing into a new block, placed where they were; wires over the border become its ports.

    The placed block has the block's own id: that marks the use the block was made from, whose layers keep the initial
    weights they had (see `network/source.py`). `loose_inputs` and `loose_outputs` are the ports (node id and port)
    that become the block's where no wire crosses the border on that side.
    """

    kind: Literal["make_block"] = "make_block"
    nodes: tuple[Id, ...]
    block: Id
    name: Label
    loose_inputs: tuple[tuple[Id, Name], ...] = ()
    loose_outputs: tuple[tuple[Id, Name], ...] = ()

    def apply(self, project: Project) -> Project:
        """The project with the block, and the drawing with the block in place of the layers."""
        if graph_of(project, self.block) or len(project.blocks) >= MAX_BLOCKS:
            raise SpecError(f"A project holds {MAX_BLOCKS} blocks at most, each with its own id.")
        graph = self.find(project)
        found = self._border(graph)
        block, changed = grouped(graph, found, self.block, free_block_name(self.name, project))
        check_graph(block)
        check_graph(changed)
        return with_graph(
            project.model_copy(update={"blocks": (*project.blocks, block)}), self.graph, changed
        )

    def _border(self, graph: Graph) -> Border:
        inside = [node for node in graph.nodes if node.id in self.nodes]
        if not inside or len(inside) != len(set(self.nodes)):
            raise SpecError("These layers are gone; reload the network.")
        ends = [node.name for node in inside if node.kind in ("input", "output")]
        if ends:
            raise SpecError(
                f"{ends[0]} stays outside: a block gets an Input and Output of its own."
            )
        between = _between(graph, set(self.nodes))
        if between is not None:
            raise SpecError(
                f"{between.name} lies between the chosen layers: it would feed the block and be fed by it. "
                f"Choose {between.name} as well."
            )
        return border(graph, inside, self.loose_inputs, self.loose_outputs)

    def label(self, project: Project) -> str:
        names = [self.name_of(project, node) for node in self.nodes]
        return f"Made a block of {words_of(names)}"


class OpenBlock(GraphEdit):
    """Puts the layers of a placed block back into the drawing; a block repeated N times becomes N rows of layers."""

    kind: Literal["open_block"] = "open_block"
    node: Id
    sizes: dict[str, int | float] = {}
    """What flows in, by the names that expressions inside use for it: the layers get the numbers."""

    def apply(self, project: Project) -> Project:
        """The project with the layers in place of the block; the block itself stays among the project's."""
        graph = self.find(project)
        placed, block = use_of(project, graph, self.node)
        return with_graph(
            project, self.graph, check_graph(opened(graph, placed, block, self.sizes))
        )

    def label(self, project: Project) -> str:
        return f"Opened up {self.name_of(project, self.node)}"


class DetachBlock(GraphEdit):
    """Gives one use of a block a block of its own, so that changes inside no longer reach the other uses."""

    kind: Literal["detach_block"] = "detach_block"
    node: Id
    block: Id
    name: Label = ""

    def apply(self, project: Project) -> Project:
        """The project with one more block."""
        if graph_of(project, self.block) or len(project.blocks) >= MAX_BLOCKS:
            raise SpecError(f"A project holds {MAX_BLOCKS} blocks at most, each with its own id.")
        placed, block = use_of(project, self.find(project), self.node)
        if len(uses(project, block.id)) < 2:
            raise SpecError(f"{placed.name} is the only use of {block.name} already.")
        name = free_block_name(self.name or block.name, project)
        # The use a block was made from is known by its id and keeps it, so there the others move to the copy.
        is_first = placed.id == block.id
        copy = block.model_copy(update={"id": self.block, "name": block.name if is_first else name})
        own = block.model_copy(update={"name": name}) if is_first else block

        def moved(graph_id: str, node: Node) -> Node:
            is_this = (graph_id, node.id) == (self.graph, self.node)
            if node.block != block.id or is_this == is_first:
                return node
            return node.model_copy(update={"block": self.block})

        def changed(graph: G) -> G:
            nodes = tuple(moved(id_of(graph), node) for node in graph.nodes)
            return graph.model_copy(update={"nodes": nodes})

        blocks = (*(own if b.id == block.id else b for b in project.blocks), copy)
        return project.model_copy(
            update={
                "networks": tuple(changed(network) for network in project.networks),
                "blocks": tuple(changed(b) for b in blocks),
            }
        )

    def label(self, project: Project) -> str:
        return f"Detached {self.name_of(project, self.node)}"


class RepeatBlock(GraphEdit):
    """Sets how often a placed block is repeated, whether it shares weights, and the settings of each repetition."""

    kind: Literal["repeat_block"] = "repeat_block"
    node: Id
    repeat: int | Expr
    share_weights: bool = False
    repeat_knobs: tuple[Knobs, ...] = ()

    def change(self, graph: G) -> G:
        update = {
            "repeat": self.repeat,
            "share_weights": self.share_weights,
            "repeat_knobs": self.repeat_knobs,
        }
        return with_node(graph, self.node, lambda node: node.model_copy(update=update))

    def label(self, project: Project) -> str:
        times = self.repeat.expr if isinstance(self.repeat, Expr) else self.repeat
        name, once = self.name_of(project, self.node), times == 1
        if once:
            return f"Set {name} to run once"
        weights = "shared" if self.share_weights else "separate"
        own = ", each with its own settings" if self.repeat_knobs else ""
        return f"Repeated {name} ×{times} with {weights} weights{own}"


class DescribeBlock(Change):
    """Renames a block or says what it is for; None leaves a thing as it is."""

    kind: Literal["describe_block"] = "describe_block"
    block: Id
    name: Label | None = None
    summary: Label | None = None

    def apply(self, project: Project) -> Project:
        """The project with the block's words changed."""
        block = _block(project, self.block)
        update = {} if self.summary is None else {"summary": self.summary.strip()}
        if self.name is not None and self.name.strip() != block.name:
            update["name"] = free_block_name(self.name.strip() or "Block", project)
        return with_graph(project, block.id, block.model_copy(update=update))

    def label(self, project: Project) -> str:
        block = project.block(self.block)
        old = block.name if block else self.block
        if self.name is not None:
            return f"Renamed the block {old} to {self.name}"
        return f"Described the block {old}"


class RemoveBlock(Change):
    """Removes a block that is placed nowhere."""

    kind: Literal["remove_block"] = "remove_block"
    block: Id

    def apply(self, project: Project) -> Project:
        """The project without the block; SpecError names the uses when there are some."""
        block = _block(project, self.block)
        found = [node.name for _, node in uses(project, block.id)]
        if found:
            raise SpecError(f"{block.name} is used by {words_of(found)}. Remove those first.")
        kept = tuple(b for b in project.blocks if b.id != block.id)
        return project.model_copy(update={"blocks": kept})

    def label(self, project: Project) -> str:
        block = project.block(self.block)
        return f"Removed the block {block.name if block else self.block}"


def id_of(graph: Graph) -> str:
    """The word by which edits find a drawing: a network's name, a block's id."""
    return graph.id if isinstance(graph, Block) else getattr(graph, "name", "")


def graph_of(project: Project, graph_id: str) -> Network | Block | None:
    """The network or block edits with this `graph` are about; None when it is gone."""
    return project.network(graph_id) or project.block(graph_id)


def with_graph(project: Project, graph_id: str, changed: Graph) -> Project:
    """The project with one network or block replaced."""
    if isinstance(changed, Network):
        return project.with_network(changed)
    blocks = tuple(changed if b.id == graph_id else b for b in project.blocks)
    return project.model_copy(update={"blocks": blocks})


def uses(project: Project, block: str) -> tuple[tuple[str, Node], ...]:
    """Every placed node of a block, with the drawing it is in, networks first."""
    return tuple(
        (id_of(graph), node)
        for graph in (*project.networks, *project.blocks)
        for node in graph.nodes
        if node.block == block
    )


def use_of(project: Project, graph: Graph, node_id: str) -> tuple[Node, Block]:
    """A placed block and the block it places; SpecError when either is gone."""
    placed = graph.node(node_id)
    block = project.block(placed.block) if placed is not None and placed.block else None
    if placed is None or block is None:
        raise SpecError("This block is gone; reload the network.")
    return placed, block


def free_block_name(wanted: str, project: Project) -> str:
    """`wanted`, or with the next free number when a block is called so already: Encoder, Encoder 2."""
    taken = {block.name for block in project.blocks}
    wanted = wanted[:180]
    if wanted not in taken:
        return wanted
    stem = re.sub(r" \d+$", "", wanted) or "Block"
    number = 2
    while f"{stem} {number}" in taken:
        number += 1
    return f"{stem} {number}"


def _block(project: Project, block_id: str) -> Block:
    block = project.block(block_id)
    if block is None:
        raise SpecError("This block is gone; reload the network.")
    return block


def _between(graph: Graph, inside: set[str]) -> Node | None:
    """A node outside that is fed by the chosen ones and feeds them, over whatever lies between; None usually."""
    after: dict[str, list[str]] = {}
    before: dict[str, list[str]] = {}
    for wire in graph.wires:
        after.setdefault(wire.source, []).append(wire.target)
        before.setdefault(wire.target, []).append(wire.source)
    both = _reached(inside, after) & _reached(inside, before)
    return next((node for node in graph.nodes if node.id in both), None)


def _reached(inside: set[str], ways: dict[str, list[str]]) -> set[str]:
    """What lies outside and can be reached from the chosen ones."""
    seen: set[str] = set()
    queue = [end for start in inside for end in ways.get(start, ()) if end not in inside]
    while queue:
        at = queue.pop()
        if at not in seen:
            seen.add(at)
            queue += [end for end in ways.get(at, ()) if end not in inside]
    return seen
