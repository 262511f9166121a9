"""The native twin of the model map: every layer in order, with keyboard and screen reader."""

from functools import partial

import streamlit as st

from builder.ui import words
from builder.ui.screens.train_scene import Scene
from builder.ui.state import current, set_widget, widget


def layer_picker(scene: Scene, chosen: str, *, key: str) -> None:
    """A list of the layers with the value of the chosen vital sign; choosing one selects it everywhere."""
    found = scene.readings()
    labels = {}
    for layer, name in scene.layers.items():
        node_id = layer.removeprefix(scene.prefix)
        reading = found.get(node_id)
        sick = " ⚠" if reading and not reading.healthy else ""
        labels[node_id] = words.cut(name, 28) + (f" · {reading.words}{sick}" if reading else "")
    if not labels:
        return
    if widget(key) != chosen:
        set_widget(key, chosen)
    st.selectbox(
        "Layer",
        list(labels),
        key=key,
        format_func=lambda i: labels.get(i, i),
        on_change=partial(_picked, key),
    )


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
