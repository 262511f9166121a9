"""Reads a ZIP with one folder a class into one array of images of one size."""

import io
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, UnidentifiedImageError

from builder.data.ingest import archive, folders
from builder.data.ingest.arrays import GrowingArray
from builder.data.ingest.found import MAX_LISTED, Progress, Skipped
from builder.data.raw import IMAGE
from builder.data.read import FORMATS, MAX_PIXELS, fit, is_grey, open_image
from builder.errors import DataError

LARGEST = 128
"""Images are made at most so many pixels wide and high unless another size is chosen."""
MAX_BYTES = 8 * 1024**3
MOST_BROKEN = 0.5
GREY_MODES = frozenset(("1", "L", "LA", "I", "I;16", "I;16B"))
CHUNK = 256


class Images(NamedTuple):
    """Images that were read: shape (H, W, C), classes with counts, and what was set aside."""

    shape: tuple[int, int, int]
    classes: tuple[str, ...]
    counts: tuple[int, ...]
    rows: int
    official_test: int
    skipped: tuple[Skipped, ...]
    skipped_total: int
    notes: tuple[str, ...]


def scan(path: Path, staging: Path, *, size: tuple[int, int] | None, progress: Progress) -> Images:
    """Writes `image.npy` uint8 (N, H, W, C) and `target.npy` int64 (N,) into `staging`.

    Size: `size` (height, width), or the most common one. One channel where no image has a colour. Raises DataError
    when the ZIP is not honest, has no class folders, or more than half of its images cannot be read.
    """
    with archive.opened(path) as opened:
        own = [
            tuple(i.filename.strip("/").split("/"))
            for i in opened.archive.infolist()
            if archive.is_folder(i)
        ]
        filed = folders.sort(opened.entries, own)
        if not filed.files:
            raise DataError(_no_images(path, opened.entries, filed))
        sizes, has_colour, broken = _look(opened, filed, progress)
        _refuse_broken(path, broken, len(filed.files))
        chosen, size_notes = common_size(sizes, size)
        channels = 3 if has_colour else 1
        if len(sizes) * chosen[0] * chosen[1] * channels > MAX_BYTES:
            raise DataError(
                f"{path.name}: {len(sizes):,} images of this size need too much space; choose a smaller one."
            )
        done = _write(
            opened,
            filed,
            staging / f"{IMAGE}.npy",
            (*chosen, channels),
            broken=broken,
            progress=progress,
        )
    _refuse_broken(path, broken, len(filed.files))
    shape = (*chosen, done.channels)
    kept = [f for f in filed.files if f.entry.parts not in broken]
    listed = [*filed.skipped, *broken.values()]
    return Images(
        shape=shape,
        classes=done.classes,
        counts=done.counts,
        rows=len(kept),
        official_test=sum(f.is_test for f in kept),
        skipped=tuple(listed[:MAX_LISTED]),
        skipped_total=len(listed),
        notes=(*opened.notes, *filed.notes, *size_notes, *done.notes),
    )


class _Written(NamedTuple):
    channels: int
    classes: tuple[str, ...]
    counts: tuple[int, ...]
    notes: tuple[str, ...]


_Broken = dict[tuple[str, ...], Skipped]


def _look(
    opened: archive.Opened, filed: folders.Sorted, progress: Progress
) -> tuple[Counter[tuple[int, int]], bool, _Broken]:
    """Sizes of all images, whether one may have a colour, and those that cannot be opened; headers only."""
    sizes: Counter[tuple[int, int]] = Counter()
    has_colour = False
    broken: _Broken = {}
    for number, file in enumerate(filed.files):
        try:
            data = archive.read(opened.archive, file.entry)
            height, width, mode = header(data)
        except ValueError as error:
            broken[file.entry.parts] = Skipped(where=file.entry.shown, why=str(error))
            continue
        sizes[height, width] += 1
        has_colour = has_colour or mode not in GREY_MODES
        if number % CHUNK == 0:
            progress(0.3 * number / len(filed.files), f"{number:,} images looked at")
    return sizes, has_colour, broken


def header(data: bytes) -> tuple[int, int, str]:
    """Height and width of an upright image, and its mode; ValueError says why it cannot be opened."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValueError(
                    f"it has {image.width:,}×{image.height:,} pixels; at most {MAX_PIXELS // 10**6} million are read"
                )
            turned = image.format in ("JPEG", "PNG", "WEBP") and image.getexif().get(0x0112, 1) in (
                5,
                6,
                7,
                8,
            )
            height, width = (image.width, image.height) if turned else (image.height, image.width)
            return height, width, image.mode
    except UnidentifiedImageError as error:
        raise ValueError("it is not a PNG, JPEG, BMP, GIF or WebP image") from error
    except Image.DecompressionBombError as error:
        raise ValueError(f"it has more than {MAX_PIXELS // 10**6} million pixels") from error
    except (OSError, SyntaxError, EOFError, IndexError, TypeError) as error:
        raise ValueError("the image is damaged or cut off") from error


def common_size(
    sizes: Counter[tuple[int, int]], chosen: tuple[int, int] | None
) -> tuple[tuple[int, int], list[str]]:
    """The size all images get, height and width, and what is to be said about it."""
    if chosen is not None:
        return chosen, [f"All images are resized to {chosen[1]}×{chosen[0]} pixels, as you chose."]
    (height, width), times = sizes.most_common(1)[0]
    total = sum(sizes.values())
    scale = min(1.0, LARGEST / max(height, width))
    final = (max(1, round(height * scale)), max(1, round(width * scale)))
    notes = []
    if len(sizes) > 1:
        notes.append(
            f"Images come in {len(sizes):,} sizes; {width}×{height} is the most common ({times:,} of {total:,})."
        )
    if len(sizes) > 1 or final != (height, width):
        notes.append(
            f"All images are resized to {final[1]}×{final[0]} pixels; choose another size if details matter."
        )
    return final, notes


def _write(
    opened: archive.Opened,
    filed: folders.Sorted,
    path: Path,
    shape: tuple[int, int, int],
    *,
    broken: _Broken,
    progress: Progress,
) -> _Written:
    height, width, channels = shape
    notes: Counter[str] = Counter()
    answers: list[str] = []
    all_grey = True
    with GrowingArray(path, "|u1", shape) as array:
        waiting: list[np.ndarray] = []
        for number, file in enumerate(filed.files):
            if file.entry.parts in broken:
                continue
            try:
                picture = open_image(archive.read(opened.archive, file.entry))
            except ValueError as error:
                broken[file.entry.parts] = Skipped(where=file.entry.shown, why=str(error))
                continue
            notes.update(picture.notes)
            all_grey = all_grey and is_grey(picture.pixels)
            waiting.append(fit(picture.pixels, height, width, channels).pixels)
            answers.append(file.class_name)
            if len(waiting) == CHUNK:
                array.append(np.stack(waiting))
                waiting.clear()
                progress(0.3 + 0.65 * number / len(filed.files), f"{number:,} images read")
        if waiting:
            array.append(np.stack(waiting))
    if channels == 3 and all_grey:
        _drop_colour(path)
        channels = 1
    counts = Counter(answers)
    classes = tuple(name for name in filed.classes if counts[name])
    codes = {name: code for code, name in enumerate(classes)}
    np.save(
        path.with_name("target.npy"), np.array([codes[name] for name in answers], dtype=np.int64)
    )
    told = tuple(f"{times:,} images: {words}." for words, times in sorted(notes.items()))
    return _Written(channels, classes, tuple(counts[name] for name in classes), told)


def _drop_colour(path: Path) -> None:
    """Keeps one of three equal channels."""
    grey = path.with_name("grey.npy")
    images = np.load(path, mmap_mode="r")
    with GrowingArray(grey, "|u1", (*images.shape[1:3], 1)) as array:
        for start in range(0, len(images), CHUNK):
            array.append(images[start : start + CHUNK, ..., :1])
    del images
    grey.replace(path)


def _refuse_broken(path: Path, broken: _Broken, total: int) -> None:
    if len(broken) > MOST_BROKEN * total:
        first = next(iter(broken.values()))
        raise DataError(
            f"{path.name}: {len(broken):,} of {total:,} images cannot be read (the first, {first.where}: {first.why}). "
            "Check how they were saved."
        )


def _no_images(path: Path, entries: tuple[archive.Entry, ...], filed: folders.Sorted) -> str:
    names = {entry.parts[-1].lower() for entry in entries}
    if "[content_types].xml" in names:
        return (
            f"{path.name} is an Office document (xlsx, docx). Save its table as CSV and try again."
        )
    if any(name.endswith((".csv", ".tsv", ".txt")) for name in names):
        return f"{path.name} holds a text table instead of images. Unpack it and upload the table itself."
    if any("no folder" in skipped.why for skipped in filed.skipped):
        return (
            f"{path.name} has images but no folders. Put the images of each class into a folder named like the class "
            "and zip these folders."
        )
    return f"{path.name} holds no images. It needs one folder a class with PNG, JPEG, BMP, GIF or WebP files."
