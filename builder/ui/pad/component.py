"""The pad on the page; what comes back are strokes, so that any picture size can be made of them."""

import math
from pathlib import Path
from typing import Any

import streamlit as st

from builder.ui.state import widget

_HERE = Path(__file__).parent
MAX_STROKES = 200
MAX_POINTS = 20_000

_PAD = st.components.v2.component(
    "layerloom_pad",
    html="<div class='pad'></div>\n",
    css="\n" + (_HERE / "pad.css").read_text(encoding="utf-8"),
    js="\n" + (_HERE / "pad.js").read_text(encoding="utf-8"),
)

Stroke = list[tuple[float, float]]
"""Points of one pen movement, 0..1 from the left and from the top."""


def pad(
    key: str, *, label: str = "Drawing pad", size: int = 288, start: list[Stroke] | None = None
) -> None:
    """Draws the pad; `drawing(key)` gives what is on it, also before the pad is drawn in this run.

    `start` is what lies on the pad until somebody draws.
    """
    flat = [[round(v, 3) for point in stroke for v in point] for stroke in start or []]
    _PAD(
        key=key,
        data={"label": label, "size": size, "start": flat},
        on_drawing_change=_noted,
    )


def drawing(key: str) -> list[Stroke] | None:
    """The strokes on the pad; None before anybody touched it, empty after Clear."""
    told = widget(key)
    if told is None:
        return None
    value = told.get("drawing")
    return None if value is None else strokes_of(value)


def strokes_of(value: Any) -> list[Stroke]:
    """Strokes from what a browser sent; whatever is not a stroke is left out."""
    listed = value.get("strokes") if isinstance(value, dict) else None
    strokes: list[Stroke] = []
    points = 0
    for flat in listed[:MAX_STROKES] if isinstance(listed, list) else []:
        numbers = flat if isinstance(flat, list) else []
        if not numbers or len(numbers) % 2 or not all(_is_place(n) for n in numbers):
            continue
        points += len(numbers) // 2
        if points > MAX_POINTS:
            break
        strokes.append(list(zip(numbers[::2], numbers[1::2], strict=True)))
    return strokes


def _is_place(number: Any) -> bool:
    usable = isinstance(number, (int, float)) and not isinstance(number, bool)
    return usable and math.isfinite(number) and -0.5 <= number <= 1.5


def _noted() -> None:
    """Streamlit keeps the component's state only where a callback is given."""
