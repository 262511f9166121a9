"""Pictures of simple shapes over each other with the class of every pixel, made by rule; no torch."""

from functools import cache

import numpy as np

from builder.data.raw import IMAGE, Array, Raw, RawSchema
from builder.spec.data import TargetSchema

SAMPLES = 1600
SIDE = 32
CLASSES = ("background", "disc", "square", "triangle")
MOST_SHAPES = 3
SMALLEST, LARGEST = 5, 9
"""Half the width of a shape, in pixels."""
NOISE = 20
"""Spread of the noise on every value, of 255."""
CONTRAST = 70
"""The least difference of two colours, in the channel where they differ most."""
VISIBLE = 0.5
"""No shape may hide more of another."""


class Draws:
    """Whole numbers from the bits of PCG64 alone, so that they are the same with every numpy and on every machine."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def between(self, low: int, high: int) -> int:
        """A number from `low` to `high`, both included."""
        return low + int(self._bits.random_raw()) % (high - low + 1)

    def bells(self, *shape: int) -> Array:
        """Numbers around 0 with a spread of about 209, int64: sums of eight bytes (Irwin-Hall)."""
        raw = self._bits.random_raw(int(np.prod(shape)))
        total = raw.view(np.uint8).reshape(-1, 8).sum(axis=1, dtype=np.int64)
        bells: Array = (total - 1020).reshape(shape)
        return bells


@cache
def shapes_with_masks(title: str) -> Raw:
    """Pictures uint8 (N, 32, 32, 3) of one to three shapes, and masks uint8 (N, 32, 32) with the class of each pixel.

    Colours are drawn anew for every shape and ground, so none tells a class.
    """
    draws = Draws(11)
    pairs = [_picture(draws) for _ in range(SAMPLES)]
    schema = RawSchema(
        name=title,
        kind="image",
        samples=SAMPLES,
        target=TargetSchema(kind="mask", name="mask", classes=CLASSES),
    )
    images = np.stack([image for image, _ in pairs])
    return Raw({IMAGE: images}, np.stack([mask for _, mask in pairs]), schema)


def _picture(draws: Draws) -> tuple[Array, Array]:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    colours = [_colour(draws, [])]
    image = np.broadcast_to(colours[0], (SIDE, SIDE, 3)).astype(np.int64)
    drawn: list[Array] = []
    for _ in range(draws.between(1, MOST_SHAPES)):
        code = draws.between(1, len(CLASSES) - 1)
        area = _area(code, draws)
        if any((area & one).sum() > (1 - VISIBLE) * one.sum() for one in drawn):
            continue
        drawn = [one & ~area for one in drawn] + [area]
        colours.append(_colour(draws, colours))
        image[area], mask[area] = colours[-1], code
    noisy = image + draws.bells(SIDE, SIDE, 3) * NOISE // 209
    return np.clip(noisy, 0, 255).astype(np.uint8), mask


def _area(code: int, draws: Draws) -> Array:
    """The pixels of a shape at a random place, bool (SIDE, SIDE)."""
    half = draws.between(SMALLEST, LARGEST)
    x, y = (draws.between(half, SIDE - 1 - half) for _ in range(2))
    across, down = np.arange(SIDE)[None, :] - x, np.arange(SIDE)[:, None] - y
    areas: dict[str, Array] = {
        "disc": across**2 + down**2 <= half**2 + half,
        "square": np.maximum(abs(across), abs(down)) < half,
        "triangle": (2 * abs(across) <= down + half) & (down <= half),
    }
    return areas[CLASSES[code]]


def _colour(draws: Draws, others: list[Array]) -> Array:
    """Red, green and blue that differ enough from all of these."""
    while True:
        found = np.array([draws.between(20, 235) for _ in range(3)])
        if all(abs(found - other).max() >= CONTRAST for other in others):
            return found
