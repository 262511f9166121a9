"""Pictures with masks on the Data screen: each picture beside itself with its mask over it."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from builder.data.describe import Sample
from builder.data.painting import colours
from builder.data.profile import Profile
from builder.observe.masks import overlaid
from builder.ui import words
from builder.ui.screens.sample_picture import address, enlarged

SIDE = 96
"""A picture is at least so many pixels wide or high before it is drawn."""
WIDTH = 156
"""Of both side by side, so that a phone shows two pairs in a row."""


def look(shown: list[Sample], found: Profile) -> None:
    """Draws the samples, the picture left and its mask over it right, and how many pixels each class has."""
    classes = [name for name, _ in found.pixel_counts]
    cells = st.grid(6, min_column_width=WIDTH, gap="small", key="grid_masks")
    for one in shown:
        with cells:
            st.image(
                address(_pair(one, classes)),
                caption=words.plain(one.answer),
                width=WIDTH,
                alt=f"A picture, and beside it the same with its mask: {one.answer}",
            )
    total = max(1, sum(count for _, count in found.pixel_counts))
    table = pd.DataFrame(
        [
            {
                "Colour": address(_chip(place, classes)),
                "Class": name,
                "Share of pixels": count / total,
            }
            for place, (name, count) in enumerate(found.pixel_counts)
        ]
    )
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            "Colour": st.column_config.ImageColumn(width="small"),
            "Share of pixels": st.column_config.ProgressColumn(
                format="percent", min_value=0, max_value=1
            ),
        },
        alt="The colour of each class, and its share of all pixels",
    )


def _pair(one: Sample, classes: list[str]) -> NDArray[np.uint8]:
    """The picture and the picture under its mask, a light line between: uint8 (H, W, 3)."""
    picture = np.asarray(one.image).astype(np.float32) / 255
    over = overlaid(picture, one.mask, classes)
    both: list[NDArray[Any]] = [np.broadcast_to(picture, over.shape), over]
    left, right = (enlarged(np.rint(255 * half).astype(np.uint8), SIDE) for half in both)
    line = np.full((left.shape[0], 2, 3), 255, np.uint8)
    return np.concatenate([left, line, right], axis=1)


def _chip(place: int, classes: list[str]) -> NDArray[np.uint8]:
    return np.broadcast_to(colours(classes)[place], (16, 16, 3)).copy()
