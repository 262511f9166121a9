"""The canvas on the page: the only file that mounts it; the bundle is served once from assets/canvas by URL."""

import hashlib
import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import streamlit as st

from builder.paths import ASSETS
from builder.ui import state, theme
from builder.ui.canvas.message import CanvasMessage, read_message

FOLDER = ASSETS / "canvas"
_LOADER = Path(__file__).with_name("loader.js")
# Its frame is never drawn: declaring it gives the folder an address, which a page may import from.
_ROUTE = st.components.v1.declare_component("assets", path=str(FOLDER))


def _style() -> str:
    """The theme's variables, light or dark as the page is, and the words shown until the bundle is here."""
    light, dark = theme.css_variables("light"), theme.css_variables("dark")
    lines = [
        f"  {name}: light-dark({value}, {dark[name]});"
        if value != dark[name]
        else f"  {name}: {value};"
        for name, value in light.items()
    ]
    plain = (
        ".canvas { height: 560px; }\n"
        ".canvas-words { margin: 0; padding: 24px; font: 15px/22px var(--ll-font); color: var(--ll-muted); }\n"
    )
    return ":host, .canvas {\n" + "\n".join(lines) + "\n}\n" + plain


_CANVAS = st.components.v2.component(
    "layerloom_canvas",
    html="<div class='canvas'>\n<p class='canvas-words' role='status'>Loading the drawing surface</p></div>\n",
    css=_style(),
    js=_LOADER.read_text(encoding="utf-8"),
)


@lru_cache(maxsize=1)
def bundle_url() -> str:
    """Where the browser finds the bundle; a new build has a new address, so no stale copy is used."""
    version = hashlib.sha256((FOLDER / "canvas.js").read_bytes()).hexdigest()[:12]
    prefix = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{'/' + prefix if prefix else ''}/component/{_ROUTE.name}/canvas.js?v={version}"


def sent(key: str) -> CanvasMessage | None:
    """The newest message of the canvas mounted under `key`; SpecError when it is not a drawing."""
    value = state.widget(key)
    document = value.get("doc") if hasattr(value, "get") else None
    return read_message(_plain(document))


class Shown(Protocol):
    """A drawing, or two of them compared, as a message to the browser."""

    def data(self) -> dict[str, Any]:
        """The message; plain JSON."""
        ...


def canvas(view: Shown, key: str, *, on_change: Callable[[], None] | None = None) -> None:
    """Draws the canvas."""
    data = {**view.data(), "bundle": bundle_url()}
    _CANVAS(key=key, data=data, on_doc_change=on_change or _nothing)


def _nothing() -> None:
    """A change of the canvas reruns the page; the page reads it there."""


def _plain(value: Any) -> Any:
    """Streamlit wraps what a component sends; this gives plain dicts and lists."""
    return None if value is None else json.loads(json.dumps(value))
