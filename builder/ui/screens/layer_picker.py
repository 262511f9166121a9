"""The native twin of the model map: every layer in order, with keyboard and screen reader."""

from functools import partial

import streamlit as st

from builder.ui import words
from builder.ui.screens.train_scene import Scene
from builder.ui.state import current, widget


def layer_picker(scene: Scene, chosen: str, *, key: str) -> None:
    """A list of the layers; choosing one selects it everywhere."""
    names = scene.names()
    if not names:
        return
    # A choice made elsewhere gets a new widget: the browser may still report the old one of this, as if just picked.
    shown: dict[str, tuple[int, str]] = current().drafts.setdefault("layer_pickers", {})
    number, before = shown.get(key, (0, chosen))
    number += before != chosen
    shown[key] = (number, chosen)
    st.selectbox(
        "Layer",
        list(names),  # words that change while it lives would reset the choice
        index=list(names).index(chosen) if chosen in names else 0,
        key=f"{key}_{number}",
        format_func=lambda i: words.cut(names.get(str(i), str(i)), 28),
        on_change=partial(_picked, key, number),
    )


def layer_steps(scene: Scene, chosen: str) -> None:
    """Buttons to the layer before and after, in reading order; also on the keys [ and ]."""
    layers = list(scene.names())
    if chosen not in layers:
        return
    place = layers.index(chosen)
    with st.container(key="layer_steps", horizontal=True, gap="xxsmall", width="content"):
        for label, icon, key, to, where in (
            ("Previous layer", "chevron_left", "[", place - 1, "before"),
            ("Next layer", "chevron_right", "]", place + 1, "after"),
        ):
            there = 0 <= to < len(layers)
            st.button(
                label,
                icon=f":material/{icon}:",
                key=f"layer_{where}",
                help=f"{label} ({key})" if there else "There is no further layer on this side",
                disabled=not there,
                on_click=_stepped,
                args=(layers, chosen, to - place),
            )


def _stepped(layers: list[str], drawn: str, by: int) -> None:
    """From where the choice is now: a press may come before the buttons are drawn for it."""
    state = current()
    now = state.selected_layer if state.selected_layer in layers else drawn
    state.selected_layer = layers[min(max(0, layers.index(now) + by), len(layers) - 1)]


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


def _picked(key: str, number: int) -> None:
    shown: dict[str, tuple[int, str]] = current().drafts["layer_pickers"]
    if shown[key][0] != number:
        return  # a widget that is no longer shown, reported once more
    chosen = str(widget(f"{key}_{number}") or "")
    shown[key] = (number, chosen)
    current().selected_layer = chosen
