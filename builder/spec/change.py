"""What every edit is: one labelled, serialisable act on the project, pure, so undo covers all of it."""

from collections.abc import Callable
from typing import TypeVar

from builder.errors import SpecError
from builder.spec.base import MAX_LABEL, Frozen
from builder.spec.block_ports import with_block
from builder.spec.network import Graph, Node
from builder.spec.project import Project

G = TypeVar("G", bound=Graph)


class Change(Frozen):
    """One act. `apply` gives the changed project; `label` says what happened, in past tense, for the history."""

    def apply(self, project: Project) -> Project:
        """The project after this edit; raises SpecError when the edit does not fit the project."""
        raise NotImplementedError

    def label(self, project: Project) -> str:
        """Past-tense sentence for the history, e.g. `Added conv1`; `project` is the one before the edit."""
        raise NotImplementedError


class GraphEdit(Change):
    """An edit inside one network, or inside a block when `graph` is a block's id."""

    graph: str

    def change(self, graph: G) -> G:
        """The graph after this edit."""
        raise NotImplementedError

    def apply(self, project: Project) -> Project:
        """The project with this one network or block changed."""
        network = project.network(self.graph)
        if network is not None:
            return project.with_network(check_graph(self.change(network)))
        block = project.block(self.graph)
        if block is None:
            raise SpecError(f"There is no network or block named {self.graph!r} in this project.")
        return with_block(project, check_graph(self.change(block)))

    def find(self, project: Project) -> Graph:
        """The network or block this edit is about; empty when it is gone."""
        return project.network(self.graph) or project.block(self.graph) or Graph()

    def name_of(self, project: Project, node_id: str) -> str:
        """A node's name for labels, or its id when it is gone."""
        node = self.find(project).node(node_id)
        return node.name if node else node_id


def unique_name(wanted: str, graph: Graph) -> str:
    """`wanted`, or with the next free number when a node is called so already: relu, relu2, relu3."""
    taken = {node.name for node in graph.nodes}
    if wanted not in taken:
        return wanted
    stem = wanted.rstrip("0123456789") or "layer"
    number = 2
    while (name := f"{stem[: MAX_LABEL - len(str(number))]}{number}") in taken:
        number += 1
    return name


def with_node(graph: G, node_id: str, change: Callable[[Node], Node]) -> G:
    """The graph with one node changed; SpecError when it is gone."""
    if graph.node(node_id) is None:
        raise SpecError(f"The layer {node_id!r} is gone; reload the network.")
    nodes = tuple(change(n) if n.id == node_id else n for n in graph.nodes)
    return graph.model_copy(update={"nodes": nodes})


def check_graph(graph: G) -> G:
    """The same graph after the checks that keep a document readable: unique ids, wires between nodes that exist."""
    ids = {node.id for node in graph.nodes}
    if len(ids) != len(graph.nodes):
        raise SpecError("Two layers have the same id; each layer needs its own.")
    for wire in graph.wires:
        for end in (wire.source, wire.target):
            if end not in ids:
                raise SpecError(f"A connection ends at a layer that does not exist: {end!r}.")
    if len(set(graph.wires)) != len(graph.wires):
        raise SpecError("The same connection is drawn twice.")
    return graph
