"""A raw sample as a small crisp picture, carried in the page itself: no second request that could come too late."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from builder.data.raw import IMAGE, Raw
from builder.observe.maps import png

LEAST_SIDE = 112
"""Small pictures are enlarged pixel by pixel to at least this."""
MOST_SIDE = 256
"""Large ones are shrunk to this: they are shown smaller still."""


def sample_picture(raw: Raw, row: int) -> str | None:
    """The picture of a row as a data address, None for data without pictures."""
    images = raw.fields.get(IMAGE)
    return None if images is None else address(crisp(np.asarray(images[row]), raw.schema.maximum))


def address(pixels: NDArray[np.uint8]) -> str:
    """A picture (H, W) or (H, W, C) as the data address of a PNG of at most MOST_SIDE pixels."""
    if max(pixels.shape[:2]) <= MOST_SIDE:
        return png(pixels)
    small = Image.fromarray(pixels)
    small.thumbnail((MOST_SIDE, MOST_SIDE))
    return png(np.asarray(small))


def enlarged(image: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The picture (H, W, C), every pixel a square of whole pixels, so that at least one side reaches `side`."""
    pixels = image[:, :, 0] if image.ndim == 3 and image.shape[2] == 1 else image
    times = max(1, -(-side // max(pixels.shape[:2])))
    return pixels.repeat(times, axis=0).repeat(times, axis=1)


def crisp(pixels: NDArray[Any], maximum: int) -> NDArray[np.uint8]:
    """Pixels (H, W, C) in 0..maximum as uint8 0..255, each enlarged to a square of whole pixels."""
    full = np.rint(pixels.astype(np.float64) * 255 / max(1, maximum)).astype(np.uint8)
    factor = max(1, -(-LEAST_SIDE // max(full.shape[:2])))
    larger = full.repeat(factor, axis=0).repeat(factor, axis=1)
    grey: NDArray[np.uint8] = larger[:, :, 0] if larger.shape[2] == 1 else larger
    return grey
