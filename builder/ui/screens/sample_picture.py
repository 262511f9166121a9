"""A raw sample as a small crisp picture."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from builder.data.raw import IMAGE, Raw

LEAST_SIDE = 112
"""Small pictures are enlarged pixel by pixel to at least this."""


def sample_picture(raw: Raw, row: int) -> NDArray[np.uint8] | None:
    """The picture of a row, None for data without pictures."""
    images = raw.fields.get(IMAGE)
    return None if images is None else crisp(np.asarray(images[row]), raw.schema.maximum)


def crisp(pixels: NDArray[Any], maximum: int) -> NDArray[np.uint8]:
    """Pixels (H, W, C) in 0..maximum as uint8 0..255, each enlarged to a square of whole pixels."""
    full = np.rint(pixels.astype(np.float64) * 255 / max(1, maximum)).astype(np.uint8)
    factor = max(1, -(-LEAST_SIDE // max(full.shape[:2])))
    larger = full.repeat(factor, axis=0).repeat(factor, axis=1)
    grey: NDArray[np.uint8] = larger[:, :, 0] if larger.shape[2] == 1 else larger
    return grey
