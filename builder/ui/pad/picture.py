"""From strokes to the raw picture a network was trained on: same place, size, pen and brightness."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Pixels = NDArray[np.uint8]
Stroke = Sequence[tuple[float, float]]

SAMPLES = 200
INK = 0.15
"""From this share of the greatest value on, a pixel counts as ink."""
PENS = (0.06, 0.08, 0.1, 0.12, 0.14, 0.16, 0.19)
"""Widths of the pen tried, as shares of the picture's height."""
OVERSAMPLED = 16


class Placement(NamedTuple):
    """How the subject sits in the training pictures; lengths are shares of the picture's sides."""

    height: int
    width: int
    channels: int
    maximum: int
    bright_ink: bool
    """True when the subject is brighter than the ground, as in the digits."""
    tall: float
    wide: float
    """Usual size of the box around the subject; 1 × 1 when it fills the picture."""
    centre: tuple[float, float]
    """Usual middle of that box, down and across."""
    ink: float
    """Usual mean of the subject's brightness over the whole picture, 0..1."""


def placement_of(images: NDArray[Any], maximum: int) -> Placement:
    """How the subject sits in pictures uint8 (N, H, W, C)."""
    some = np.asarray(images[:SAMPLES], dtype=np.float64).mean(axis=3) / max(1, maximum)
    border = np.concatenate(
        [some[:, 0].ravel(), some[:, -1].ravel(), some[:, :, 0].ravel(), some[:, :, -1].ravel()]
    )
    bright = bool(np.median(border) < 0.5)
    inked = some if bright else 1 - some
    boxes = np.array([_box(picture) for picture in inked])
    height, width = some.shape[1:]
    top, bottom, left, right = boxes.T
    return Placement(
        height,
        width,
        int(images.shape[3]),
        maximum,
        bright,
        float(np.median(bottom - top) / height),
        float(np.quantile(right - left, 0.9) / width),
        (
            float(np.median((top + bottom) / 2) / height),
            float(np.median((left + right) / 2) / width),
        ),
        float(np.median(inked.mean(axis=(1, 2)))),
    )


def picture_of(strokes: Sequence[Stroke], place: Placement) -> Pixels:
    """The drawing as a raw picture uint8 (H, W, C), 0..maximum, placed as the training pictures are."""
    placed = _placed([np.asarray(s, dtype=np.float64) for s in strokes if len(s)], place)
    tries = [_drawn(placed, pen, place) for pen in PENS]
    ink = min(tries, key=lambda picture: abs(float(picture.mean()) - place.ink))
    shown = ink if place.bright_ink else 1 - ink
    grey = np.rint(shown * place.maximum).astype(np.uint8)
    return np.repeat(grey[:, :, None], place.channels, axis=2)


def _box(picture: NDArray[np.float64]) -> tuple[int, int, int, int]:
    """Top, bottom, left and right of the ink; the whole picture when there is none."""
    ink = picture > INK * max(picture.max(), 1e-9)
    if not ink.any():
        return 0, picture.shape[0], 0, picture.shape[1]
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def _placed(strokes: list[NDArray[np.float64]], place: Placement) -> list[NDArray[np.float64]]:
    """Strokes moved and scaled to where the subject usually is; points become (across, down) in picture heights."""
    ratio = place.width / place.height
    if not strokes:
        return []
    if place.tall > 0.97 and place.wide > 0.97 and place.ink > 0.45:
        return [
            stroke * (ratio, 1.0) for stroke in strokes
        ]  # pictures without a subject on a ground
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    pen = PENS[2]
    size = np.maximum(high - low, 1e-3)
    room_down, room_across = max(place.tall - pen, 0.1), max(place.wide * ratio - pen, 0.1)
    scale = min(room_down / size[1], room_across / size[0], 6.0)
    middle = np.array([place.centre[1] * ratio, place.centre[0]])
    return [(stroke - (low + high) / 2) * scale + middle for stroke in strokes]


def _drawn(strokes: list[NDArray[np.float64]], pen: float, place: Placement) -> NDArray[np.float64]:
    """Ink 0..1 (H, W): drawn large, then averaged down, so that edges are smooth."""
    factor = OVERSAMPLED if place.height <= 64 else 2
    big = Image.new("L", (place.width * factor, place.height * factor), 0)
    brush = ImageDraw.Draw(big)
    unit = place.height * factor
    radius = pen * unit / 2
    for stroke in strokes:
        points = [(float(x) * unit, float(y) * unit) for x, y in stroke]
        if len(points) > 1:
            brush.line(points, fill=255, width=max(1, round(2 * radius)), joint="curve")
        for x, y in (points[0], points[-1]):
            brush.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    pixels = np.asarray(big, dtype=np.float64) / 255
    means: NDArray[np.float64] = pixels.reshape(place.height, factor, place.width, factor).mean(
        (1, 3)
    )
    return means
