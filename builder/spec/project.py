"""The saved unit: networks, blocks, data and training under one name."""

from typing import Annotated

from pydantic import Field

from builder.spec.base import Frozen, Label
from builder.spec.data import DataSpec
from builder.spec.network import Block, Network
from builder.spec.training import TrainingSpec

SCHEMA_VERSION = 1
MAX_BLOCKS = 200


class Project(Frozen):
    """Everything a person draws and chooses; `*.loom.json` on disk."""

    schema_version: int = SCHEMA_VERSION
    name: Label = "Untitled"
    note: Label = ""
    template: Label = ""
    networks: Annotated[tuple[Network, ...], Field(max_length=20)] = (Network(),)
    blocks: Annotated[tuple[Block, ...], Field(max_length=MAX_BLOCKS)] = ()
    data: DataSpec = DataSpec()
    training: TrainingSpec = TrainingSpec()

    def network(self, name: str) -> Network | None:
        """The network with this name, or None."""
        return next((network for network in self.networks if network.name == name), None)

    def block(self, block_id: str) -> Block | None:
        """The block with this id, or None."""
        return next((block for block in self.blocks if block.id == block_id), None)

    def with_network(self, changed: Network) -> "Project":
        """This project with the network of the same name replaced."""
        networks = tuple(changed if n.name == changed.name else n for n in self.networks)
        return self.model_copy(update={"networks": networks})
