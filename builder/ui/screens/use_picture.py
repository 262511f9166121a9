"""The picture input of the Use screen: a drawing pad, an uploaded picture, or a sample of the data."""

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from builder.data.raw import IMAGE
from builder.data.read import MAX_PIXELS, fit, open_image
from builder.runs.store import Run
from builder.ui import words
from builder.ui.follow import follow
from builder.ui.pad.component import drawing, pad
from builder.ui.pad.picture import Placement, picture_of, placement_of
from builder.ui.screens.run_watch import Samples, shows_of
from builder.ui.screens.sample_picture import address, crisp
from builder.ui.screens.use_answer import ask, show_answer
from builder.ui.screens.use_typical import typical_place
from builder.ui.state import current, widget

_HOW = "use_how"
WAYS = ("Draw", "Upload", "Sample")
WITHOUT_PAD = ("Sample", "Upload")
"""Of masks: what a pen draws is no picture such a network knows."""


@st.cache_data(show_spinner=False, max_entries=16)
def _placement(path: str, _data: Samples) -> Placement:
    rows = _data.rows("train")
    images = np.asarray(_data.raw.fields[IMAGE][rows[:200]])
    return placement_of(images, _data.raw.schema.maximum)


def show_picture_input(run: Run, data: Samples) -> None:
    """Draws the input on the left and the answer on the right."""
    ways = WITHOUT_PAD if shows_of(run) == "masks" else WAYS
    remembered = current().recall(_HOW, ways[0])
    with st.container(horizontal=True, gap="large", key="use_columns"):
        with st.container(width=300):
            how = st.segmented_control(
                "Input",
                ways,
                required=True,
                label_visibility="collapsed",
                on_change=_remember,
                **follow(_HOW, remembered if remembered in ways else ways[0], "default"),
            )
            pixels, truth, notes = _WAYS[str(how or ways[0])](run, data)
        if pixels is None:
            with st.container(width=420):
                st.markdown("##### The answer shows here")
                st.caption(notes[0] if notes else "It changes while you draw.")
            return
        with st.container(width=150, key="use_seen"):
            _seen(pixels, data, notes)
        with st.container(width=460, key="use_answer_here"):
            picture = pixels.astype(np.float32) / max(1, data.raw.schema.maximum)
            show_answer(run, ask(run, [pixels]), truth=truth, picture=picture)


def _seen(pixels: NDArray[Any], data: Samples, notes: tuple[str, ...]) -> None:
    height, width, channels = pixels.shape
    st.caption("The network sees it like this")
    size = f"{width}×{height} {'grey' if channels == 1 else 'colour'}"
    seen = address(crisp(pixels, data.raw.schema.maximum))
    st.image(seen, width=128, alt=f"The picture as the network sees it, {size}")
    st.caption(size)
    for note in notes:
        st.caption(words.plain(note))


Input = tuple[NDArray[Any] | None, str, tuple[str, ...]]
"""Raw pixels (H, W, C), the true answer where it is known, and what was done to the picture."""


def _drawn(run: Run, data: Samples) -> Input:
    pad("use_pad", label="Draw one sample as in the data")
    strokes = drawing("use_pad")
    if strokes is None:  # nobody has drawn yet: one sample already answered
        images = data.raw.fields[IMAGE]
        place = typical_place(run, data, lambda row: np.asarray(images[row]))
        row = int(data.rows(data.shown())[place])
        return (
            np.asarray(images[row]),
            data.truth(row),
            ("a sample of the data, until you draw",),
        )
    if not strokes:
        return None, "", ("Draw something; the answer changes with the pen.",)
    return picture_of(strokes, _placement(str(run.path), data)), "", ()


def _uploaded(run: Run, data: Samples) -> Input:
    file = st.file_uploader(
        "A picture from this computer",
        type=["png", "jpg", "jpeg", "bmp", "gif", "webp"],
        key="use_file",
    )
    if file is None:
        return (
            None,
            "",
            (f"PNG, JPEG, BMP, GIF or WebP, up to {MAX_PIXELS // 10**6} million pixels.",),
        )
    try:
        picture = open_image(file.getvalue())
    except ValueError as error:
        st.error(
            f"This picture cannot be used: {words.plain(str(error))}.", icon=":material/error:"
        )
        return None, "", ()
    height, width, channels = data.raw.fields[IMAGE].shape[1:]
    fitted = fit(picture.pixels, height, width, channels)
    maximum = data.raw.schema.maximum
    pixels = np.rint(fitted.pixels.astype(np.float64) * maximum / 255).astype(np.uint8)
    return pixels, "", (*picture.notes, *fitted.notes)


def _sampled(run: Run, data: Samples) -> Input:
    rows = data.rows(data.shown())
    number = st.number_input(
        f"Sample, 0 to {len(rows) - 1} ({data.shown()})", 0, len(rows) - 1, step=1, key="use_sample"
    )
    row = int(rows[int(number)])
    return np.asarray(data.raw.fields[IMAGE][row]), data.truth(row), ()


_WAYS = {"Draw": _drawn, "Upload": _uploaded, "Sample": _sampled}


def _remember() -> None:
    current().remember(_HOW, str(widget(_HOW) or WAYS[0]))
