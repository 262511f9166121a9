"""Masks as colours, answers and files: used by the app and copied into exported programs."""

import colorsys
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

BACKGROUND = "background"
"""A class of this name is what is left over: dark in masks, not laid over pictures."""
GROUND = (42, 47, 58)
OKABE_ITO = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (204, 121, 167),
    (240, 228, 66),
    (0, 114, 178),
    (213, 94, 0),
)
"""Colours that stay apart for all kinds of colour vision (Okabe and Ito 2008)."""
GOLDEN = 0.618034
"""Steps of hue that never come near an earlier one soon."""
MOST_COLOURS = 256
"""A PNG with a palette has no more."""

Pixels = npt.NDArray[np.uint8]


def colours(classes: Sequence[str]) -> Pixels:
    """A colour for each class, uint8 (classes, 3); the background is dark."""
    found, place = [], 0
    for name in classes:
        found.append(GROUND if name == BACKGROUND else _colour(place))
        place += name != BACKGROUND
    return np.array(found, dtype=np.uint8).reshape(-1, 3)


def _colour(place: int) -> tuple[int, ...]:
    if place < len(OKABE_ITO):
        return OKABE_ITO[place]
    number = place - len(OKABE_ITO)
    red, green, blue = colorsys.hsv_to_rgb(number * GOLDEN % 1, 0.75 - 0.3 * (number % 2), 0.9)
    return round(255 * red), round(255 * green), round(255 * blue)


def painted(mask: npt.NDArray[Any], classes: Sequence[str]) -> Pixels:
    """Class codes (..., H, W) in the colours of their classes: uint8 (..., H, W, 3)."""
    pixels: Pixels = colours(classes)[np.asarray(mask).astype(np.int64)]
    return pixels


def answers(outputs: npt.NDArray[Any], classes: Sequence[str]) -> list[dict[str, Any]]:
    """One answer a picture, ready for JSON: `{"mask", "shares": {class: share of the pixels}, "certainty"}`.

    outputs: logits (N, classes, H, W). `mask` has the code of each pixel's class, row by row; `certainty` is the mean
    probability of the classes that were answered.
    """
    shifted = outputs.astype(np.float64) - outputs.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    sure = (powers.max(axis=1) / powers.sum(axis=1)).mean(axis=(1, 2))
    masks = outputs.argmax(axis=1)
    counts = [np.bincount(mask.ravel(), minlength=len(classes)) / mask.size for mask in masks]
    return [
        {
            "mask": mask.tolist(),
            "shares": {
                name: float(share) for name, share in zip(classes, one, strict=True) if share
            },
            "certainty": float(certainty),
        }
        for mask, one, certainty in zip(masks, counts, sure, strict=True)
    ]


def mask_file(mask: npt.NDArray[Any], classes: Sequence[str]) -> bytes:
    """A mask (H, W) as a PNG with a palette: its values are the codes, its colours those of the classes."""
    if len(classes) > MOST_COLOURS:
        raise ValueError(f"A mask file holds {MOST_COLOURS} classes, and these are {len(classes)}.")
    image = Image.fromarray(np.asarray(mask).astype(np.uint8))
    image.putpalette(colours(classes).tobytes())
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return buffer.getvalue()
