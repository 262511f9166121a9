"""What masks say in words and numbers: how many pixels each class has, which classes a sample shows; no torch."""

import numpy as np

from builder.data.painting import BACKGROUND
from builder.data.raw import Array, Raw

CHUNK = 1024
"""Masks counted at once."""


def pixel_counts(raw: Raw) -> tuple[tuple[str, int], ...]:
    """Each class of the masks and how many pixels it has, in the order of the codes; empty without masks."""
    if raw.target is None or raw.schema.target is None or not raw.has_masks:
        return ()
    classes = raw.schema.target.classes
    counts = np.zeros(len(classes), np.int64)
    for start in range(0, len(raw), CHUNK):
        codes = np.asarray(raw.target[start : start + CHUNK]).ravel()
        counts += np.bincount(codes, minlength=len(classes))
    return tuple(zip(classes, counts.tolist(), strict=True))


def shown_classes(mask: Array, classes: tuple[str, ...]) -> str:
    """`disc, square`: the classes a mask (H, W) has, largest first; the background only where there is nothing else."""
    counts = np.bincount(np.asarray(mask).ravel(), minlength=len(classes))
    order = [int(code) for code in np.argsort(-counts, kind="stable") if counts[code]]
    names = [classes[code] for code in order if classes[code] != BACKGROUND]
    return ", ".join(names) or BACKGROUND


def verdict(raw: Raw) -> str:
    """`4 classes of pixels, background 71 % of them`."""
    counts = pixel_counts(raw)
    total = sum(count for _, count in counts)
    name, most = max(counts, key=lambda pair: pair[1])
    noun = "class" if len(counts) == 1 else "classes"
    return f"{len(counts):,} {noun} of pixels, {name} {100 * most / max(1, total):.0f} % of them"
