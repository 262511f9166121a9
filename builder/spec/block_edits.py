"""Edits that bring blocks from the library into a project."""

from typing import Literal

from builder.spec.base import Id, Label, Name
from builder.spec.block_file import BlockFile, adopt
from builder.spec.change import GraphEdit
from builder.spec.graph_edits import AddNode, InsertNode
from builder.spec.network import Knobs, Node, Wire
from builder.spec.project import Project


class PlaceBlock(GraphEdit):
    """Copies a library block and the blocks it uses into the project, and places it like a layer.

    Into a wire, after a node (its followers then follow the block), or free at x, y. `network.borrowing.place_block`
    fills the ports from the block.
    """

    kind: Literal["place_block"] = "place_block"
    file: BlockFile
    node: Id
    name: Label = ""
    knobs: Knobs = {}
    into: Wire | None = None
    after: Id | None = None
    input_port: Name | None = "in"
    output_port: Name = "out"
    x: float | None = None
    y: float | None = None

    def apply(self, project: Project) -> Project:
        adopted, block_id = adopt(project, self.file, inside=self.graph)
        node = Node(
            id=self.node,
            kind="block",
            name=self._called(),
            knobs=self.knobs,
            block=block_id,
            x=self.x,
            y=self.y,
        )
        if self.input_port is None or (self.into is None and self.after is None):
            return AddNode(graph=self.graph, node=node).apply(adopted)
        return InsertNode(
            graph=self.graph,
            node=node,
            into=self.into,
            after=self.after,
            input_port=self.input_port,
            output_port=self.output_port,
        ).apply(adopted)

    def label(self, project: Project) -> str:
        place = self.into.source if self.into else self.after
        behind = f" after {self.name_of(project, place)}" if place else ""
        return f"Added {self._called()}{behind}"

    def _called(self) -> str:
        return self.name.strip() or self.file.title
