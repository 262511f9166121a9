"""The Layers tab: the room of one layer, what it sees in a chosen sample and how it did over time."""

import streamlit as st

from builder.errors import BuilderError
from builder.observe.layers import layer_charts
from builder.runs import launch
from builder.ui import words
from builder.ui.follow import follow
from builder.ui.live_plots.component import live_plots
from builder.ui.screens.run_watch import Samples, file_stem, palette, samples
from builder.ui.screens.sample_picture import sample_picture
from builder.ui.screens.train_progress import layer_maps, says_now, show_map
from builder.ui.screens.train_scene import Scene, ask_views
from builder.ui.state import current, set_widget, widget

_SAMPLE = "view_sample"


def show_layers(scene: Scene) -> None:
    """Draws the map and, beside it, the room of the selected layer."""
    colours = palette()
    left, right = st.columns([340, 660], gap="small")
    with left, st.container(border=True, key="map_card"):
        show_map(scene, key="layers_map")
    layer = scene.chosen_layer()
    with right:
        _sample_row(scene)
        charts = [layer_maps(scene, layer, colours)]
        answer = says_now(scene, colours)
        history = layer_charts(
            scene.metrics, f"{scene.prefix}{layer}", scene.steps_per_epoch, colours
        )
        charts += [*history, answer]
        shown = [chart for chart in charts if chart is not None]
        if shown:
            stem = file_stem(scene.run, scene.project)
            live_plots(shown, f"{scene.run.id}/{layer}", key="layer_room", file_name=stem)
        else:
            st.markdown(
                "This layer has nothing to show yet. Its numbers come with the first steps."
            )


def _sample_row(scene: Scene) -> None:
    data = samples(scene.run)
    if data is None:
        st.caption("The data of this run are gone, so no sample can be chosen.")
        return
    split = data.shown()
    count = len(data.rows(split))
    if not count:
        return
    shown = scene.views.sample if scene.views else 0
    _follow(min(shown, count - 1), live=scene.told.live)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.number_input(
            f"Sample, 0 to {count - 1} ({split})",
            0,
            count - 1,
            step=1,
            key=_SAMPLE,
            on_change=_chosen,
            args=(scene, split),
            width=220,
        )
        wanted = bool(current().recall("one_scale", False))
        st.toggle("One scale for all", on_change=_scale_chosen, **follow("one_scale", wanted))
        _picture(scene, data, int(widget(_SAMPLE) or 0))


def _picture(scene: Scene, data: Samples, sample: int) -> None:
    row = int(data.rows(data.shown())[sample])
    picture = sample_picture(data.raw, row)
    with st.container(horizontal=True, vertical_alignment="center", width="content", gap="small"):
        truth = data.truth(row)
        if picture is not None:
            st.image(
                picture, width=64, alt=f"Sample {sample}: {truth}" if truth else f"Sample {sample}"
            )
        st.caption(f"truth: {words.plain(truth)}" if truth else "")


def _follow(sample: int, *, live: bool) -> None:
    """Shows the sample the views are of, until another is asked for."""
    drafts = current().drafts
    if widget(_SAMPLE) is None:
        set_widget(_SAMPLE, drafts.get(_SAMPLE, sample) if live else sample)


def _chosen(scene: Scene, split: str) -> None:
    sample = int(widget(_SAMPLE) or 0)
    state = current()
    state.drafts[_SAMPLE] = sample
    try:
        if scene.told.live:
            launch.choose_view(scene.run, sample=sample, split=split)
        else:
            ask_views(scene.run, sample=sample, split=split)
    except BuilderError as error:
        state.say(str(error), is_error=True)


def _scale_chosen() -> None:
    current().remember("one_scale", bool(widget("one_scale")))
