"""Every change of a project is one of these pure, labelled, serialisable edits; here is where others find them."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from builder.spec.base import Label
from builder.spec.block_edits import PlaceBlock
from builder.spec.change import Change, check_graph, unique_name
from builder.spec.data import DataSpec
from builder.spec.graph_edits import (
    AddNode,
    ChangeNode,
    Connect,
    Disconnect,
    InsertNode,
    MoveNodes,
    RemoveNodes,
    ReplaceKind,
    SetGraph,
    SetKnobs,
    SetVariables,
)
from builder.spec.making_edits import (
    DescribeBlock,
    DetachBlock,
    MakeBlock,
    OpenBlock,
    RemoveBlock,
    RepeatBlock,
)
from builder.spec.network import Block, Network
from builder.spec.project import Project
from builder.spec.training import TrainingSpec
from builder.spec.variable_edits import ExposeKnob, RemoveVariable, RenameVariable, SetVariable

__all__ = [
    "AddNode",
    "ChangeNode",
    "Connect",
    "DescribeBlock",
    "DetachBlock",
    "Disconnect",
    "Edit",
    "ExposeKnob",
    "InsertNode",
    "MakeBlock",
    "MoveNodes",
    "OpenBlock",
    "PlaceBlock",
    "RemoveBlock",
    "RemoveNodes",
    "RemoveVariable",
    "RenameProject",
    "RenameVariable",
    "RepeatBlock",
    "ReplaceKind",
    "SetData",
    "SetGraph",
    "SetKnobs",
    "SetNetworks",
    "SetTraining",
    "SetVariable",
    "SetVariables",
    "apply_all",
    "check_graph",
    "unique_name",
]


class SetNetworks(Change):
    """Replaces all networks and blocks: templates, imports, adding or removing a network."""

    kind: Literal["set_networks"] = "set_networks"
    networks: tuple[Network, ...]
    blocks: tuple[Block, ...] = ()
    words: Label = "Replaced the networks"

    def apply(self, project: Project) -> Project:
        for graph in (*self.networks, *self.blocks):
            check_graph(graph)
        return project.model_copy(update={"networks": self.networks, "blocks": self.blocks})

    def label(self, project: Project) -> str:
        return self.words


class SetData(Change):
    """Changes what the network learns from."""

    kind: Literal["set_data"] = "set_data"
    data: DataSpec
    words: Label = "Changed the data"

    def apply(self, project: Project) -> Project:
        return project.model_copy(update={"data": self.data})

    def label(self, project: Project) -> str:
        return self.words


class SetTraining(Change):
    """Changes how the network learns."""

    kind: Literal["set_training"] = "set_training"
    training: TrainingSpec
    words: Label = "Changed training settings"

    def apply(self, project: Project) -> Project:
        return project.model_copy(update={"training": self.training})

    def label(self, project: Project) -> str:
        return self.words


class RenameProject(Change):
    """Gives the project another name."""

    kind: Literal["rename_project"] = "rename_project"
    name: Label

    def apply(self, project: Project) -> Project:
        return project.model_copy(update={"name": self.name.strip() or "Untitled"})

    def label(self, project: Project) -> str:
        return f"Renamed the project to {self.name}"


Edit = Annotated[
    AddNode
    | InsertNode
    | RemoveNodes
    | Connect
    | Disconnect
    | SetKnobs
    | ChangeNode
    | ReplaceKind
    | MoveNodes
    | SetGraph
    | SetVariables
    | PlaceBlock
    | SetVariable
    | RenameVariable
    | RemoveVariable
    | ExposeKnob
    | MakeBlock
    | OpenBlock
    | DetachBlock
    | RepeatBlock
    | DescribeBlock
    | RemoveBlock
    | SetNetworks
    | SetData
    | SetTraining
    | RenameProject,
    Field(discriminator="kind"),
]
"""Any edit; `kind` tells which when read from JSON."""


def apply_all(edits: Iterable[Edit], project: Project) -> Project:
    """The project after all edits, in order."""
    for edit in edits:
        project = edit.apply(project)
    return project
