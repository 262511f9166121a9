"""Layers on the clipboard: a part of a drawing as JSON, read as strictly as a project file."""

import json
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from builder.errors import SpecError
from builder.spec.base import Frozen
from builder.spec.block_file import BlockFile, inner_first
from builder.spec.change import check_graph
from builder.spec.codec import decode, first_fault, read_json
from builder.spec.network import MAX_NODES, MAX_NOTES, Block, Graph, Node, Note, Wire
from builder.spec.project import MAX_BLOCKS

MAX_BYTES = 2 * 1024 * 1024
WHAT = "The clipboard"


class Clip(Frozen):
    """Copied layers with the connections among them, notes, and the blocks that are placed among them."""

    layerloom: Literal["layers"] = "layers"
    nodes: Annotated[tuple[Node, ...], Field(max_length=MAX_NODES)] = ()
    wires: Annotated[tuple[Wire, ...], Field(max_length=4 * MAX_NODES)] = ()
    notes: Annotated[tuple[Note, ...], Field(max_length=MAX_NOTES)] = ()
    blocks: Annotated[tuple[Block, ...], Field(max_length=MAX_BLOCKS)] = ()

    def files(self) -> dict[str, BlockFile]:
        """Each block that is placed here and came along, by its id, with the blocks inside it."""
        known = {block.id: block for block in self.blocks}
        placed = {node.block for node in self.nodes if node.kind == "block"}
        found = {}
        for block in self.blocks:
            if block.id in placed:
                title = " ".join(block.name.split()) or "Block"
                inner = inner_first(block, known)[:-1]
                found[block.id] = BlockFile(title=title, block=block, uses=inner)
        return found


def read_clip(text: str) -> Clip:
    """The layers in a clipboard text; of a whole project, those of its first network.

    Raises:
        SpecError: it is not such a text; the sentence has the path of the first fault and the reason.
    """
    value = read_json(text, WHAT, max_bytes=MAX_BYTES)
    if isinstance(value, dict) and "schema_version" in value:
        return _first_network(text)
    if not isinstance(value, dict) or value.get("layerloom") != "layers":
        raise SpecError(f"{WHAT} holds no layers. Select layers and press Ctrl+C first.")
    try:
        clip = Clip.model_validate_json(json.dumps(value))
    except ValidationError as error:
        raise SpecError(f"{WHAT} holds no valid layers: {first_fault(error)}") from error
    _refuse_broken(clip)
    return clip


def _refuse_broken(clip: Clip) -> None:
    """What no single field shows: wires without ends, blocks that hold themselves, are nowhere or twice."""
    graphs: list[tuple[str, Graph]] = [("", Graph(nodes=clip.nodes, wires=clip.wires))]
    graphs += [(f"blocks.{place}: ", block) for place, block in enumerate(clip.blocks)]
    for where, graph in graphs:
        try:
            check_graph(graph)
        except SpecError as error:
            raise SpecError(f"{WHAT} holds no valid layers: {where}{error}") from error
        if isinstance(graph, Block) and not any(graph.of_kind("output")):
            raise SpecError(f"{WHAT} holds no valid layers: {where}has no Output.")
    if len({block.id for block in clip.blocks}) != len(clip.blocks):
        raise SpecError(f"{WHAT} holds no valid layers: blocks: two have the same id.")
    try:
        used = {one.id for file in clip.files().values() for one in (file.block, *file.uses)}
    except SpecError as error:
        raise SpecError(f"{WHAT} holds no valid layers: blocks: {error}") from error
    for place, block in enumerate(clip.blocks):
        if block.id not in used:
            raise SpecError(
                f"{WHAT} holds no valid layers: blocks.{place}: "
                f"nothing uses the block {block.name[:80]!r}; remove it."
            )


def _first_network(text: Any) -> Clip:
    project = decode(text, WHAT)
    network = project.networks[0]
    blocks = blocks_among(network.nodes, project.blocks)
    return Clip(nodes=network.nodes, wires=network.wires, notes=network.notes, blocks=blocks)


def blocks_among(nodes: Iterable[Node], blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks placed among these nodes and all blocks inside them, inner ones first; a missing one is left out."""
    known = {block.id: block for block in blocks}
    found: dict[str, Block] = {}
    for node in nodes:
        block = known.get(node.block or "")
        if block is not None and block.id not in found:
            try:
                found |= {one.id: one for one in inner_first(block, known)}
            except SpecError:  # shown as a problem of the drawing; it travels no further
                continue
    return tuple(found.values())
