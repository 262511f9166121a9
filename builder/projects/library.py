"""The library of blocks: those that come with LayerLoom, and your own, kept across projects."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, get_args

from builder.errors import SpecError
from builder.layers.base import Family
from builder.layers.catalogue import rank
from builder.paths import ASSETS, room
from builder.projects import trash
from builder.projects.atomic import refusals_told, sweep, write_text
from builder.projects.folder import ID, random_id
from builder.projects.trash import Trashed
from builder.spec.block_codec import decode_block, encode_block, read_block
from builder.spec.block_file import BlockFile

OWN = "own"
FAMILIES = (*get_args(Family), OWN)
"""Where a block stands in the palette; your own have a shelf of their own."""

_SHIPPED = ASSETS / "blocks"
_FILE = "own.block.json"
_ENDING = ".block.json"


class LibraryBlock(NamedTuple):
    """A block as the library shows it; `file` is None where `problem` says why it cannot be read."""

    id: str
    title: str
    own: bool
    file: BlockFile | None
    problem: str | None = None


class FoundBlock(NamedTuple):
    """A block that matches a search, and the words of it that did."""

    block: LibraryBlock
    matched: str


@lru_cache(maxsize=1)
def shipped_blocks() -> tuple[LibraryBlock, ...]:
    """The blocks that come with LayerLoom, by family and then by title."""
    files = {path: read_block(path) for path in sorted(_SHIPPED.glob(f"*{_ENDING}"))}
    known = [
        LibraryBlock(path.name.removesuffix(_ENDING), file.title, False, _known_family(file))
        for path, file in files.items()
    ]
    order = {family: place for place, family in enumerate(FAMILIES)}
    return tuple(sorted(known, key=lambda b: (order[b.file.family] if b.file else 0, b.title)))


def own_blocks() -> tuple[LibraryBlock, ...]:
    """Your own blocks, by title; an unreadable one is listed with its reason."""
    folders = [folder for folder in room("blocks").iterdir() if (folder / _FILE).is_file()]
    found = [_own(folder) for folder in folders]
    return tuple(sorted(found, key=lambda block: (block.title.casefold(), block.id)))


def find(block_id: str) -> LibraryBlock:
    """The block with this id; SpecError when there is none."""
    for block in shipped_blocks():
        if block.id == block_id:
            return block
    return _own(_folder(block_id))


def search(text: str) -> tuple[FoundBlock, ...]:
    """Blocks that match a few typed letters, best first, shipped and own; no text gives every one."""
    wanted = " ".join(text.lower().split())
    every = [*shipped_blocks(), *own_blocks()]
    if not wanted:
        return tuple(FoundBlock(block, "") for block in every)
    ranked = []
    for block in every:
        synonyms = block.file.synonyms if block.file else ()
        match = rank(wanted, (block.title.lower(), block.id.replace("_", " ")), synonyms)
        if match:
            ranked.append((match[0], FoundBlock(block, match[1] or block.title)))
    return tuple(found for _, found in sorted(ranked, key=lambda hit: hit[0]))


def save(file: BlockFile, block_id: str | None = None) -> LibraryBlock:
    """Keeps a block in your library: as a new one, or in place of your block `block_id`.

    A new one whose title is taken gets the next free number. The block in the projects that use it stays as it is.
    """
    mine = file.model_copy(update={"family": OWN})
    if block_id is None:
        mine = mine.titled(_unique_title(mine.title))
        folder = room("blocks") / random_id()
        with refusals_told(folder):
            folder.mkdir(mode=0o700)
    else:
        folder = _folder(block_id)
    text = encode_block(mine)
    decode_block(text, mine.title[:80])  # nothing is kept that could not be read again
    write_text(folder / _FILE, text)
    return _own(folder)


def rename(block_id: str, title: str) -> LibraryBlock:
    """Gives one of your blocks another title."""
    return save(_readable(_own(_folder(block_id))).titled(title), block_id)


def delete(block_id: str) -> None:
    """Moves one of your blocks to the trash, where it stays for thirty days; projects that use it keep theirs."""
    folder = _folder(block_id)
    trash.throw_away(folder, "blocks", _own(folder).title)


def restore(block_id: str) -> LibraryBlock:
    """Takes one of your blocks back from the trash."""
    folder = room("blocks") / block_id
    trash.take_back(block_id, "blocks", folder)
    return _own(folder)


def trashed() -> list[Trashed]:
    """Deleted blocks that can be restored, last deleted first."""
    return trash.trashed("blocks")


def import_text(text: str | bytes, what: str = "The file") -> LibraryBlock:
    """A new block of your own from the text of a `*.block.json`; SpecError names the first fault."""
    return save(decode_block(text, what))


def export_text(block_id: str) -> str:
    """The text of a block's file, shipped or own, to give away."""
    return encode_block(_readable(find(block_id)))


def file_name(title: str) -> str:
    """What a block's file is called when it is downloaded: `residual-block.block.json`."""
    plain = "".join(letter if letter.isalnum() else "-" for letter in title.casefold())
    return f"{'-'.join(filter(None, plain.split('-')))[:60] or 'block'}{_ENDING}"


def tidy() -> None:
    """At start-up: removes leftovers of killed writers and what has been in the trash for thirty days."""
    sweep(room("blocks"))
    trash.empty_old("blocks")


def _folder(block_id: str) -> Path:
    folder = room("blocks") / block_id
    if not ID.fullmatch(block_id) or not (folder / _FILE).is_file():
        raise SpecError(
            "This block is not in your library; it was deleted, or it comes with LayerLoom."
        )
    return folder


def _own(folder: Path) -> LibraryBlock:
    try:
        file = _known_family(read_block(folder / _FILE))
    except SpecError as error:
        return LibraryBlock(folder.name, folder.name, True, None, str(error))
    return LibraryBlock(folder.name, file.title, True, file)


def _readable(block: LibraryBlock) -> BlockFile:
    if block.file is None:
        raise SpecError(block.problem or "This block cannot be read.")
    return block.file


def _known_family(file: BlockFile) -> BlockFile:
    if file.family in FAMILIES:
        return file
    raise SpecError(
        f"{file.title[:80]} is of no known family ({file.family}); there are {', '.join(FAMILIES)}."
    )


def _unique_title(wanted: str) -> str:
    taken = {block.title for block in (*shipped_blocks(), *own_blocks())}
    title, number = wanted, 2
    while title in taken:
        title, number = f"{wanted[:190]} {number}", number + 1
    return title
