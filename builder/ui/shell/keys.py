"""The shell component: shortcuts, tab title, width class, theme mark, and words when the server is gone."""

from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from builder.ui.live_plots.component import addresses
from builder.ui.state import widget

KEY = "shell"
AWAY = "LayerLoom is not running. Training goes on. Start it again; this page reconnects."
BACK = "shell_back"
BUTTONS = {"train": "bar_train", "undo": "bar_undo", "redo": "bar_redo", "back": BACK}
"""What a shortcut presses: the key of a real button. Screens have their own keys in their own components."""

SINGLE = {
    "k": ("head_hold", "bar_hold"),
    "[": ("layer_before",),
    "]": ("layer_after",),
}
"""Keys pressed alone, outside text fields: pause or resume, the layer before, the layer after. The first of the
buttons that is there and can be pressed is pressed; its tooltip names the key."""

ONCE = ("bar_train", "door_", "continue_", "open_", "blank_", "preview_open", "row_open_")
"""Buttons that lead to another screen: a double click counts once. Keys, or how they begin."""

_SHELL = st.components.v2.component(
    "layerloom_shell",
    html="<span class='shell'></span>\n",
    css=".shell { display: none }\n",
    js=Path(__file__).with_name("keys.js").read_text(encoding="utf-8"),
)


class Browser(NamedTuple):
    """What the browser told about itself."""

    width: str = "desktop"
    """`phone` below 640 px, `tablet` below 1100, else `desktop`."""
    screen: int = 0
    """The screen asked for by `g` and a digit, 1 to 8; 0 when none."""
    at: int = 0
    """When it was asked for, in the browser's own milliseconds."""


def browser() -> Browser:
    """What the shell component last reported; until it has, what the browser calls itself."""
    said: dict[str, Any] = widget(KEY) or {}
    asked = said.get("screen") or {}
    width = said.get("width")
    return Browser(
        width if width in ("phone", "tablet", "desktop") else _likely_width(),
        int(asked.get("number", 0)),
        int(asked.get("at", 0)),
    )


def _likely_width() -> str:
    """A phone says so in its first request: its page is then drawn for it at once, and no early press goes astray."""
    return "phone" if "Mobi" in (st.context.headers.get("User-Agent") or "") else "desktop"


def stand_by() -> None:
    """The unseen button that draws the whole page again; pressed by the component when the server is back.

    A new server knows no fragment of an open page, so nothing in one would answer before that.
    """
    # Without words: its style comes a moment later than itself, and nobody is to see it flash by.
    st.button("\u2060", key=BACK, type="tertiary")


def mount(title: str) -> None:
    """Mounts the component; `title` is what the browser tab says."""
    _SHELL(
        key=KEY,
        data={
            "buttons": BUTTONS,
            "single": {key: list(buttons) for key, buttons in SINGLE.items()},
            "once": ", ".join(f'[class*="st-key-{key}"]' for key in ONCE),
            "title": title,
            "width": browser().width,
            "words": {"away": AWAY},
            "charts": addresses(),
        },
        on_screen_change=lambda: None,
        on_width_change=lambda: None,
    )
