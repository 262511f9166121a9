"""A block on its own, as `*.block.json`: what it is, the blocks it uses, and the words that find and explain it."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import Field, StringConstraints

from builder.errors import SpecError
from builder.spec.base import Frozen, Label, Name
from builder.spec.data import Dtype, Role
from builder.spec.network import Block, Node
from builder.spec.project import MAX_BLOCKS, Project

BLOCK_SCHEMA_VERSION = 1

Sentence = Annotated[str, StringConstraints(max_length=400)]
Link = Annotated[str, StringConstraints(pattern=r"^(https://[^\s<>\"'\\]{3,300})?$")]


class Example(Frozen):
    """An input that suits a block as it is: what one sample looks like at one of its ports."""

    shape: Annotated[tuple[Annotated[int, Field(ge=1, le=1_000_000)], ...], Field(max_length=6)]
    dtype: Dtype = "float32"
    role: Role = "any"


class BlockFile(Frozen):
    """A block of the library. `example` has one entry for each input of the block, in drawing order."""

    schema_version: int = BLOCK_SCHEMA_VERSION
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    family: Name = "own"
    summary: Sentence = ""
    when: Sentence = ""
    more: Sentence = ""
    synonyms: Annotated[tuple[Label, ...], Field(max_length=40)] = ()
    reference: Link = ""
    example: Annotated[tuple[Example, ...], Field(max_length=20)] = ()
    block: Block
    uses: Annotated[tuple[Block, ...], Field(max_length=MAX_BLOCKS)] = ()

    def titled(self, title: str) -> "BlockFile":
        """This file under another title; the block is called so too."""
        plain = " ".join(title.split())[:200] or "Block"
        block = self.block.model_copy(update={"name": plain})
        return self.model_copy(update={"title": plain, "block": block})


def packed(project: Project, block_id: str) -> BlockFile:
    """A block of a project with the blocks it uses, ready for the library; SpecError when one of them is missing."""
    block = project.block(block_id)
    if block is None:
        raise SpecError(f"There is no block {block_id!r} in this project.")
    title = " ".join(block.name.split()) or "Block"
    inner = inner_first(block, {one.id: one for one in project.blocks})[:-1]
    return BlockFile(title=title, summary=block.summary, block=block, uses=inner)


def inner_first(block: Block, known: Mapping[str, Block]) -> tuple[Block, ...]:
    """The block and all blocks it uses, each behind those inside it.

    Raises:
        SpecError: one is not in `known`, or one holds itself.
    """
    done: dict[str, Block] = {}
    open_: list[str] = []
    ahead: list[tuple[Block, bool]] = [(block, False)]
    while ahead:
        at, left = ahead.pop()
        if left:
            open_.remove(at.id)
            done[at.id] = at
            continue
        if at.id in done:
            continue
        if at.id in open_:
            raise SpecError(f"The block {at.name[:80]!r} holds itself.")
        open_.append(at.id)
        ahead.append((at, True))
        for node in at.of_kind("block"):
            inner = block if node.block == block.id else known.get(node.block or "")
            if inner is None:
                raise SpecError(
                    f"{node.name[:80]!r} inside {at.name[:80]!r} is a block that is not there."
                )
            ahead.append((inner, False))
    return tuple(done.values())


def adopt(project: Project, file: BlockFile, *, inside: str = "") -> tuple[Project, str]:
    """The project with the block and the blocks it uses among its own, and the block's id there.

    Blocks that are there already, the same but for places and notes, are used again. `inside` is the id of the block
    it will stand in: none that leads to that one is used again, so nothing ever holds itself.
    """
    ours = list(project.blocks)
    barred = _leading_to(inside, ours) if inside else set()
    taken = {block.id for block in ours} | {network.name for network in project.networks}
    called: dict[str, str] = {}
    for block in inner_first(file.block, {one.id: one for one in file.uses}):
        renamed = block.model_copy(
            update={"nodes": tuple(_renamed(node, called) for node in block.nodes)}
        )
        same = next((b for b in ours if b.id not in barred and alike(b, renamed)), None)
        if same is None:
            same = renamed.model_copy(update={"id": _free(block.name, taken)})
            taken.add(same.id)
            ours.append(same)
        called[block.id] = same.id
    if len(ours) > MAX_BLOCKS:
        raise SpecError(
            f"A project holds at most {MAX_BLOCKS} blocks, and this would be number {len(ours)}. Remove some first."
        )
    return project.model_copy(update={"blocks": tuple(ours)}), called[file.block.id]


def alike(one: Block, other: Block) -> bool:
    """Whether two blocks are the same but for their ids, where their nodes stand, and notes."""
    return _bare(one) == _bare(other)


def _bare(block: Block) -> Block:
    nodes = tuple(node.model_copy(update={"x": None, "y": None}) for node in block.nodes)
    return block.model_copy(update={"id": "block", "nodes": nodes, "notes": ()})


def _renamed(node: Node, called: Mapping[str, str]) -> Node:
    if node.kind != "block" or node.block is None:
        return node
    return node.model_copy(update={"block": called[node.block]})


def _free(name: str, taken: Iterable[str]) -> str:
    """An id of our own from a block's name: `residual-block`, or with the next free number."""
    stem = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:40] or "block"
    known, number, found = set(taken), 2, stem
    while found in known:
        found, number = f"{stem}-{number}", number + 1
    return found


def _leading_to(wanted: str, blocks: Iterable[Block]) -> set[str]:
    """Ids of the block `wanted` and of all blocks that use it, directly or not."""
    found = {wanted}
    known = list(blocks)
    grown = True
    while grown:
        more = {b.id for b in known if any(node.block in found for node in b.of_kind("block"))}
        grown = not more <= found
        found |= more
    return found
