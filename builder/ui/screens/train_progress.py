"""The Progress tab: loss, metric, the model map with its layers over time, and what it says now."""

import streamlit as st

from builder.observe.answers import answer_chart, answer_from_logits
from builder.observe.chart import Chart, Palette
from builder.observe.curves import loss_chart, loss_curves, metric_chart, metric_curves
from builder.observe.guessing import guessing_loss, guessing_metric
from builder.observe.layers import SIGNS, history, sign_chart
from builder.observe.maps import maps_chart, tiles_of
from builder.observe.parts import parts_chart
from builder.ui.follow import follow_choice
from builder.ui.live_plots.component import live_plots
from builder.ui.model_map import layer_list, legend, model_map
from builder.ui.screens.layer_picker import (
    clicked_on_map,
    layer_picker,
    layer_reading,
    layer_steps,
)
from builder.ui.screens.run_watch import file_stem, palette, samples
from builder.ui.screens.train_samples import say_now
from builder.ui.screens.train_scene import Scene
from builder.ui.screens.train_text import show_text
from builder.ui.screens.train_translations import show_translations
from builder.ui.shell.keys import browser
from builder.ui.state import current, widget


def show_progress(scene: Scene) -> None:
    """Draws the default set of charts; before the first point, says that they are on their way."""
    if not len(scene.metrics.steps):
        _nothing_yet(scene)
        return
    colours = palette()
    stem = file_stem(scene.run, scene.project)
    live_plots(_curves(scene, colours), scene.run.id, key="progress_curves", file_name=stem)
    show_text(scene)
    show_translations(scene)
    left, right = st.columns([380, 620], gap="small")
    with left, st.container(border=True, key="map_card"):
        show_map(scene, key="progress_map")
    with right:
        live_plots(
            _layer_charts(scene, colours),
            scene.run.id,
            key="progress_layers",
            file_name=stem,
            columns=1,
        )


def _nothing_yet(scene: Scene) -> None:
    live = scene.told.live
    icon, sentence = (
        ("hourglass_top", "The first points come with the first steps, a moment from now.")
        if live
        else ("info", "It ended before its first step was measured, so there is nothing to draw.")
    )
    with st.container(border=True, key="no_points"):
        st.markdown(f":material/{icon}: {sentence}")


def show_map(scene: Scene, *, key: str) -> None:
    """The map beside the same layers to choose from; on a phone, all of them as a list instead of the map."""
    narrow = browser().width == "phone"
    st.markdown("**Layers**" if narrow else "**Model map**")
    chosen = scene.chosen_layer()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _sign_picker()
        layer_picker(scene, chosen, key=f"{key}_layer")
        layer_steps(scene, chosen)
    layer_reading(scene, chosen)
    if narrow:
        layer_list(scene.names(), scene.readings(), selected=chosen)
    else:
        clicked = model_map(scene.network, scene.readings(), selected=chosen, key=key)
        clicked_on_map(key, clicked)
    legend(scene.sign)


def _sign_picker() -> None:
    names = {sign.statistic: sign.title for sign in SIGNS}
    wanted = current().recall("vital_sign", SIGNS[0].statistic)
    shown = wanted if wanted in names else SIGNS[0].statistic
    st.selectbox(
        "Colour shows",
        list(names),
        format_func=names.__getitem__,
        on_change=_sign_chosen,
        **follow_choice("vital_sign", shown, list(names)),
    )


def _sign_chosen() -> None:
    current().remember("vital_sign", str(widget("vital_sign")))


def _curves(scene: Scene, colours: Palette) -> list[Chart]:
    schema = scene.target_schema
    chance = guessing_loss(schema, scene.loss)
    charts = [
        loss_chart(loss_curves(scene.metrics, scene.steps_per_epoch, guessing=chance), colours)
    ]
    if scene.metric:
        title, percent = scene.metric_title()
        numbers = metric_curves(
            scene.metrics, scene.metric, baseline=guessing_metric(schema, scene.metric)
        )
        charts.append(metric_chart(numbers, colours, title=title, percent=percent))
    parts = parts_chart(scene.metrics, scene.steps_per_epoch, colours)
    return [_to_the_end(chart, scene) for chart in (*charts, *([parts] if parts else []))]


def _to_the_end(chart: Chart, scene: Scene) -> Chart:
    """The chart with room for a few epochs before the first is over; later the axis follows the numbers."""
    if len(scene.metrics.epochs) > 1 or not scene.told.epochs:
        return chart
    axis = {**chart.layout["xaxis"], "range": [0, min(2, scene.told.epochs)]}
    return chart._replace(layout={**chart.layout, "xaxis": axis})


def _layer_charts(scene: Scene, colours: Palette) -> list[Chart]:
    past = history(scene.metrics, scene.sign.statistic, scene.layers, scene.steps_per_epoch)
    chosen = scene.chosen_layer()
    charts = [
        sign_chart(past, scene.sign, colours, chosen=f"{scene.prefix}{chosen}")._replace(id="sign")
    ]
    maps = layer_maps(scene, chosen, colours)
    few = say_now(scene, colours)
    return [chart for chart in (*charts, few, maps) if chart is not None]


def layer_maps(scene: Scene, layer: str, colours: Palette) -> Chart | None:
    """What the layer answers to the chosen sample, None before the first views."""
    output = scene.views.outputs.get(f"{scene.prefix}{layer}") if scene.views else None
    if output is None or scene.views is None:
        return None
    name = scene.layers.get(f"{scene.prefix}{layer}", layer)
    one_scale = bool(current().recall("one_scale", False))
    chart = maps_chart(tiles_of(output), colours, layer=name, one_scale=one_scale)
    note = " · ".join(
        part
        for part in (f"sample {scene.views.sample}, step {scene.views.step}", chart.note)
        if part
    )
    return chart._replace(note=note)


def says_now(scene: Scene, colours: Palette) -> Chart | None:
    """The answer to the chosen sample beside the truth; None for numbers and before the first views."""
    schema = scene.target_schema
    if scene.views is None or schema is None or not schema.target.labels:
        return None
    output = next(scene.network.of_kind("output"), None)
    logits = scene.views.outputs.get(f"{scene.prefix}{output.id}") if output else None
    if logits is None or logits.size not in (len(schema.target.classes), 1):
        return None
    truth = truth_of(scene)
    chart = answer_chart(answer_from_logits(logits, schema.target.classes), colours, truth=truth)
    asked = f"What does it say about sample {scene.views.sample}?"
    return chart._replace(question=f"{asked} The truth is {truth}." if truth else asked)


def truth_of(scene: Scene) -> str:
    """The true answer of the chosen sample in words; empty when the data are gone."""
    data = samples(scene.run)
    if data is None or scene.views is None:
        return ""
    rows = data.rows(data.shown())
    return data.truth(int(rows[scene.views.sample])) if scene.views.sample < len(rows) else ""
