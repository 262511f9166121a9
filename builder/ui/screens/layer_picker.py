"""The native twin of the model map: every layer in order, with keyboard and screen reader."""

from functools import partial

import streamlit as st

from builder.ui import words
from builder.ui.follow import follow_choice
from builder.ui.screens.train_scene import Scene
from builder.ui.state import current, widget


def layer_picker(scene: Scene, chosen: str, *, key: str) -> None:
    """A list of the layers; choosing one selects it everywhere."""
    names = {layer.removeprefix(scene.prefix): name for layer, name in scene.layers.items()}
    if not names:
        return
    st.selectbox(
        "Layer",
        list(names),  # words that change while it lives would reset the choice
        format_func=lambda i: words.cut(names.get(str(i), str(i)), 28),
        on_change=partial(_picked, key),
        **follow_choice(key, chosen, list(names)),
    )


def layer_reading(scene: Scene, chosen: str) -> None:
    """What the map's colour says about the chosen layer, in words."""
    reading = scene.readings().get(chosen)
    name = words.plain(scene.layers.get(f"{scene.prefix}{chosen}", chosen))
    if reading is None:
        st.caption(f"{name} has no {scene.sign.title.lower()}: it has no weights.")
        return
    sick = "" if reading.healthy else " :material/warning: out of the healthy range"
    st.caption(f"{name}: {scene.sign.title.lower()} {words.plain(reading.words)}{sick}")


def clicked_on_map(key: str, clicked: str) -> None:
    """Selects the layer clicked last, once: the map keeps its value when the choice changes elsewhere."""
    state = current()
    seen = state.drafts.setdefault("map_clicks", {})
    if clicked and seen.get(key) != clicked:
        seen[key] = clicked
        if state.selected_layer != clicked:
            state.selected_layer = clicked
            rerun_here()


def rerun_here() -> None:
    """Draws again at once, the fragment alone where that is possible."""
    try:
        st.rerun(scope="fragment")
    except st.errors.StreamlitAPIException:
        st.rerun()


def _picked(key: str) -> None:
    current().selected_layer = str(widget(key) or "")
