"""Which files of an archive are pictures and which are their masks, judged by the folders images and masks."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from builder.data.ingest.archive import Entry
from builder.data.ingest.folders import EXTENSIONS, TEST, TRAINING, extension, is_litter
from builder.data.ingest.found import Skipped

IMAGES, MASKS = "images", "masks"
MASK_EXTENSION = ".png"


class Pair(NamedTuple):
    """A picture, its mask, and whether it belongs to a published test split."""

    image: Entry
    mask: Entry
    is_test: bool


class Paired(NamedTuple):
    """All pairs, the published test ones last; what was set aside; sentences about what was found."""

    pairs: tuple[Pair, ...]
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]


_Key = tuple[str, ...]


def are_pairs(entries: Sequence[Entry]) -> bool:
    """Whether every picture of the archive lies in a folder images or masks, and both folders are there."""
    pictures = [e for e in entries if not is_litter(e.parts) and extension(e.parts) in EXTENSIONS]
    sides = [_side(entry) for entry in pictures]
    return None not in sides and {IMAGES, MASKS} <= set(sides)


def pair(entries: Sequence[Entry]) -> Paired:
    """Pictures and masks of the same name, found by their path without the folder images or masks and the ending."""
    notes, skipped = [], []
    real = [entry for entry in entries if not is_litter(entry.parts)]
    if len(real) < len(entries):
        notes.append(f"{len(entries) - len(real):,} system files (like __MACOSX) were ignored.")
    sides: dict[str, dict[_Key, Entry]] = {IMAGES: {}, MASKS: {}}
    for entry in real:
        why = _refused(entry)
        side = _side(entry)
        if why or side is None:
            skipped.append(Skipped(where=entry.shown, why=why or "it is no picture and no mask"))
            continue
        before = sides[side].get(_key(entry))
        if before is not None:
            words = f"{before.shown} has the same name, and only one can belong to the pair"
            skipped.append(Skipped(where=entry.shown, why=words))
            continue
        sides[side][_key(entry)] = entry
    images, masks = sides[IMAGES], sides[MASKS]
    for key in sorted(images.keys() - masks.keys()):
        words = f"there is no mask {'/'.join(key)}{MASK_EXTENSION} in the folder masks"
        skipped.append(Skipped(where=images[key].shown, why=words))
    for key in sorted(masks.keys() - images.keys()):
        words = f"there is no picture {'/'.join(key)} in the folder images"
        skipped.append(Skipped(where=masks[key].shown, why=words))
    both = sorted(images.keys() & masks.keys())
    split = _is_split(both)
    if split:
        notes.append(
            "Its train and test folders were kept as published: test pictures are used for the test only."
        )
    pairs = [Pair(images[k], masks[k], split and _tops(k) in TEST) for k in both]
    pairs.sort(key=lambda one: one.is_test)
    return Paired(tuple(pairs), tuple(skipped), tuple(notes))


def _refused(entry: Entry) -> str:
    """Why a file can be neither; empty when it can be its side's."""
    ending = extension(entry.parts)
    if ending not in EXTENSIONS:
        return "it is not a PNG, JPEG, BMP, GIF or WebP file"
    if _side(entry) == MASKS and ending != MASK_EXTENSION:
        return "a mask must be a PNG: other formats change its values or leave them out"
    return ""


def _side(entry: Entry) -> str | None:
    """`images` or `masks`, by the innermost folder of such a name."""
    names = [part.casefold() for part in entry.parts[:-1]]
    return next((name for name in reversed(names) if name in (IMAGES, MASKS)), None)


def _key(entry: Entry) -> _Key:
    """The path without the folder that names the side and without the ending."""
    folders = list(entry.parts[:-1])
    places = [i for i, part in enumerate(folders) if part.casefold() in (IMAGES, MASKS)]
    del folders[places[-1]]
    return (*folders, entry.parts[-1].rpartition(".")[0])


def _tops(key: _Key) -> str:
    """The first folder that says which split a pair is of; empty without one."""
    known = TRAINING | TEST
    return next((part.casefold() for part in key[:-1] if part.casefold() in known), "")


def _is_split(keys: Sequence[_Key]) -> bool:
    tops = Counter(_tops(key) for key in keys)
    return not tops[""] and bool(set(tops) & TEST) and bool(set(tops) & TRAINING)
