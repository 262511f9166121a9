"""Reads a ZIP with the folders images and masks into one array of pictures and one of class codes, of one size."""

import io
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from builder.data.ingest import archive, images, pairs
from builder.data.ingest.arrays import GrowingArray
from builder.data.ingest.found import MAX_LISTED, Progress, Skipped
from builder.data.ingest.pairs import Pair
from builder.data.painting import BACKGROUND
from builder.data.raw import IMAGE
from builder.data.read import FORMATS, fit, open_image
from builder.errors import DataError

MOST_VALUES = 64
"""A mask with more different values is a photograph, or was smoothed."""
MOST_CLASSES = 256
CHUNK = 256
Codes = npt.NDArray[Any]
Broken = dict[str, Skipped]
"""Pictures that cannot be used, by their name."""


def scan(
    path: Path,
    opened: archive.Opened,
    staging: Path,
    *,
    size: tuple[int, int] | None,
    progress: Progress,
) -> images.Images:
    """Writes `image.npy` uint8 (N, H, W, C) and `target.npy` uint8 (N, H, W) into `staging`.

    The classes are the values the masks have, in ascending order, each with the number of masks it is in. Masks are
    resized without mixing values. Raises DataError when more than half of the pairs cannot be used.
    """
    found = pairs.pair(opened.entries)
    if not found.pairs:
        first = found.skipped[0]
        raise DataError(
            f"{path.name}: no picture in the folder images has a mask of the same name in the folder masks "
            f"({first.where}: {first.why})."
        )
    broken: Broken = {}
    sizes, has_colour = _look(opened, found.pairs, broken, progress)
    total = len(found.pairs) + len(found.skipped)
    listed = [*found.skipped, *broken.values()]
    _refuse_broken(path, listed, total)
    chosen, size_notes = images.common_size(sizes, size)
    shape = (*chosen, 3 if has_colour else 1)
    if len(sizes) * chosen[0] * chosen[1] * (shape[2] + 2) > images.MAX_BYTES:
        raise DataError(f"{path.name}: these pictures need too much space; choose a smaller size.")
    kept, seen, notes = _write(
        opened, found.pairs, staging, shape, broken=broken, progress=progress
    )
    listed = [*found.skipped, *broken.values()]
    _refuse_broken(path, listed, total)
    values = sorted(seen)
    if len(values) > MOST_CLASSES:
        raise DataError(
            f"{path.name}: its masks have {len(values):,} different values in all; at most {MOST_CLASSES} classes are "
            "read. Were they smoothed, or saved as photographs?"
        )
    _recode(staging / "values.npy", staging / "target.npy", values)
    return images.Images(
        shape=shape,
        classes=tuple(BACKGROUND if value == 0 else f"value {value}" for value in values),
        counts=tuple(seen[value] for value in values),
        rows=len(kept),
        official_test=sum(one.is_test for one in kept),
        skipped=tuple(listed[:MAX_LISTED]),
        skipped_total=len(listed),
        notes=(*opened.notes, *found.notes, *size_notes, *notes),
    )


def _look(
    opened: archive.Opened, found: tuple[Pair, ...], broken: Broken, progress: Progress
) -> tuple[Counter[tuple[int, int]], bool]:
    """Sizes of all pictures and whether one may have a colour, from headers only."""
    sizes: Counter[tuple[int, int]] = Counter()
    has_colour = False
    for number, one in enumerate(found):
        try:
            height, width, mode = images.header(archive.read(opened.archive, one.image))
        except ValueError as error:
            broken[one.image.shown] = Skipped(where=one.image.shown, why=str(error))
            continue
        sizes[height, width] += 1
        has_colour = has_colour or mode not in images.GREY_MODES
        if number % CHUNK == 0:
            progress(0.3 * number / len(found), f"{number:,} pictures looked at")
    return sizes, has_colour


def _write(
    opened: archive.Opened,
    found: tuple[Pair, ...],
    staging: Path,
    shape: tuple[int, int, int],
    *,
    broken: Broken,
    progress: Progress,
) -> tuple[list[Pair], Counter[int], tuple[str, ...]]:
    """Pictures, and the masks' own values; the pairs that are in, and in how many masks each value is."""
    height, width, channels = shape
    kept: list[Pair] = []
    seen: Counter[int] = Counter()
    notes: Counter[str] = Counter()
    with (
        GrowingArray(staging / f"{IMAGE}.npy", "|u1", shape) as pictures,
        GrowingArray(staging / "values.npy", "<u2", (height, width)) as masks,
    ):
        for number, one in enumerate(found):
            if one.image.shown in broken:
                continue
            try:
                picture = open_image(archive.read(opened.archive, one.image))
            except ValueError as error:
                broken[one.image.shown] = Skipped(where=one.image.shown, why=str(error))
                continue
            try:
                values = _mask(archive.read(opened.archive, one.mask), picture.pixels.shape[:2])
            except ValueError as error:
                broken[one.image.shown] = Skipped(where=one.mask.shown, why=str(error))
                continue
            notes.update(picture.notes)
            seen.update(np.unique(values).tolist())
            pictures.append(fit(picture.pixels, height, width, channels).pixels[None])
            masks.append(resized(values, height, width)[None])
            kept.append(one)
            if number % CHUNK == 0:
                progress(0.3 + 0.6 * number / len(found), f"{number:,} pictures read")
    told = tuple(f"{times:,} pictures: {words}." for words, times in sorted(notes.items()))
    return kept, seen, told


def _mask(data: bytes, size: tuple[int, int]) -> Codes:
    """The values of a mask, uint16 (H, W); ValueError says why it is none for a picture of that size."""
    images.header(data)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            image.load()
            values = np.asarray(image)
    except (OSError, SyntaxError, EOFError, IndexError, TypeError, MemoryError) as error:
        raise ValueError("the mask is damaged or cut off") from error
    if values.ndim == 3:
        colours = values[..., :3] if values.shape[2] >= 3 else values[..., :1]
        if (colours != colours[..., :1]).any():
            raise ValueError(
                "it is coloured, and a mask is grey or has a palette, with one value for each class"
            )
        values = colours[..., 0]
    if values.shape != size:
        raise ValueError(
            f"it has {values.shape[1]}×{values.shape[0]} pixels and its picture {size[1]}×{size[0]}; make both alike"
        )
    different = len(np.unique(values))
    if different > MOST_VALUES:
        raise ValueError(
            f"it has {different:,} different values; a mask has one for each class, at most {MOST_VALUES}"
        )
    if int(values.min()) < 0 or int(values.max()) > 65_535:
        raise ValueError("it has values outside of 0 to 65,535")
    codes: Codes = values.astype(np.uint16)
    return codes


def resized(values: Codes, height: int, width: int) -> Codes:
    """Each new pixel has the value of the nearest old one: uint16 (H, W) -> uint16 (height, width)."""
    old_height, old_width = values.shape
    rows = ((np.arange(height) + 0.5) * old_height / height).astype(np.int64)
    columns = ((np.arange(width) + 0.5) * old_width / width).astype(np.int64)
    near: Codes = values[rows[:, None], columns[None, :]]
    return near


def _recode(source: Path, target: Path, values: list[int]) -> None:
    """Puts the place of each value among all values in its stead; the source is removed."""
    places = np.zeros(max(values) + 1, np.uint8)
    places[values] = np.arange(len(values))
    masks = np.load(source, mmap_mode="r")
    with GrowingArray(target, "|u1", masks.shape[1:]) as array:
        for start in range(0, len(masks), CHUNK):
            array.append(places[masks[start : start + CHUNK]])
    del masks
    source.unlink()


def _refuse_broken(path: Path, listed: list[Skipped], total: int) -> None:
    if len(listed) > images.MOST_BROKEN * total:
        where, why = listed[0].where, listed[0].why
        raise DataError(
            f"{path.name}: {len(listed):,} of {total:,} pictures cannot be used (first {where}: {why}). Each needs "
            "a mask of the same name and size."
        )
