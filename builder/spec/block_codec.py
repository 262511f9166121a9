"""Block files: the strict reader and the stable writer of `*.block.json`."""

import json
from pathlib import Path

from pydantic import ValidationError

from builder.errors import SpecError
from builder.spec.block_file import BLOCK_SCHEMA_VERSION, BlockFile, inner_first
from builder.spec.change import check_graph
from builder.spec.codec import MAX_BYTES, Migration, first_fault, read_json, version_of

NOUN = "LayerLoom block"
MIGRATIONS: dict[int, Migration] = {}
"""From block schema version n to n + 1; every released version keeps its step."""


def decode_block(text: str | bytes, what: str = "The file") -> BlockFile:
    """The block written in a `*.block.json` text; SpecError with the path of the first fault."""
    value = read_json(text, what)
    version = version_of(value, what, noun=NOUN, newest=BLOCK_SCHEMA_VERSION)
    for step in range(version, BLOCK_SCHEMA_VERSION):
        value = MIGRATIONS[step](value)
    try:
        file = BlockFile.model_validate_json(json.dumps(value))
    except ValidationError as error:
        raise SpecError(f"{what} is not a valid block: {first_fault(error)}") from error
    _refuse_broken(file, what)
    return file


def encode_block(file: BlockFile) -> str:
    """The block as readable, diffable JSON with a final newline; the same block gives the same text."""
    return json.dumps(file.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def read_block(path: Path) -> BlockFile:
    """The block in a file; SpecError names the file."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SpecError(
                f"{path.name} is larger than {MAX_BYTES / 1e6:.0f} MB; it is not a block file."
            )
        raw = path.read_bytes()
    except OSError as error:
        raise SpecError(f"{path.name} cannot be read: {error.strerror}.") from error
    return decode_block(raw, path.name)


def _refuse_broken(file: BlockFile, what: str) -> None:
    """Refuses what could never be placed: no output, blocks missing, in a ring, twice, or for nothing."""
    named = [("block", file.block), *((f"uses.{i}", one) for i, one in enumerate(file.uses))]
    known = {one.id: one for one in file.uses}
    if len({one.id for _, one in named}) != len(named):
        raise SpecError(f"{what} holds two blocks with the same id; each needs its own.")
    for place, one in named:
        try:
            check_graph(one)
        except SpecError as error:
            raise SpecError(f"{what} is not a valid block: {place}: {error}") from error
        if not any(one.of_kind("output")):
            raise SpecError(f"{what} is not a valid block: {place}: has no Output.")
    try:
        reached = inner_first(file.block, known)
    except SpecError as error:
        raise SpecError(f"{what} is not a valid block: uses: {error}") from error
    for i, one in enumerate(file.uses):
        if one not in reached:
            raise SpecError(
                f"{what} is not a valid block: uses.{i}: nothing uses the block {one.name[:80]!r}; remove it."
            )
    ports = len(list(file.block.of_kind("input")))
    if file.example and len(file.example) != ports:
        raise SpecError(
            f"{what} is not a valid block: example: has {len(file.example)} entries, "
            f"and the block has {ports} inputs."
        )
