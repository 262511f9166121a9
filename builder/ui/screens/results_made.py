"""Results of networks that give samples back or make new ones."""

import numpy as np
import streamlit as st

from builder.evaluate.results import Results, read_arrays
from builder.observe.chart import Palette
from builder.observe.errors import counts_chart, errors_chart
from builder.observe.shown import shown_chart
from builder.runs.store import Run
from builder.ui import words
from builder.ui.live_plots.component import live_plots


def show_reconstructions(run: Run, results: Results, colours: Palette, stem: str) -> None:
    """Draws how errors are spread, and the samples that come back worst and best."""
    told = results.reconstructions
    if told is None:
        return
    arrays = read_arrays(run.path, results.split)
    charts = [errors_chart(np.asarray(told.errors), told.threshold, colours)]
    for name, title in (("worst", "Come back worst"), ("best", "Come back best")):
        rows = {
            word: arrays[f"{name}:{word}"]
            for word in ("input", "reconstruction")
            if f"{name}:{word}" in arrays
        }
        if len(rows) == 2:
            chart = shown_chart(rows, colours)
            charts.append(chart._replace(id=name, title=title))
    live_plots(charts, f"{run.id}/{results.split}", key="results_plots", file_name=stem, columns=1)
    st.caption(words.plain(_narrow_words(told.width, told.features)))
    st.caption(words.plain(f"{told.threshold_words} Here: {words.share(told.unusual)}."))


def _narrow_words(width: int, features: int) -> str:
    if width >= features:
        return (
            f"No layer of this network is narrower than the {features} values of a sample, so principal "
            "components of that width copy the input; the comparison says little."
        )
    return f"The narrowest place of the network holds {width} of the {features} values of a sample."


def show_made_samples(run: Run, results: Results, colours: Palette, stem: str) -> None:
    """Draws new samples, how many of each class there are, and what is known of them in words."""
    arrays = read_arrays(run.path, results.split)
    charts = []
    if "generated" in arrays:
        chart = shown_chart({"generated": arrays["generated"]}, colours)
        charts.append(chart._replace(note="as they came, none was picked"))
    told = results.made
    if told is not None:
        charts.append(counts_chart(results.classes, told.sure_by_class, colours))
    live_plots(charts, f"{run.id}/{results.split}", key="results_plots", file_name=stem, columns=2)
    if told is None:
        return
    st.caption(
        f"The classifier that judges was trained on real samples and names {words.share(told.judge_accuracy)} of "
        f"{words.count(told.judge_samples)} others rightly. It is sure from 90 % on."
    )
    copies = told.nearest < 0.5 * told.nearest_real
    st.caption(
        f"A new sample differs from the nearest training sample by {words.loss(told.nearest)} a value, a real one "
        f"by {words.loss(told.nearest_real)}"
        + (": many new samples are nearly copies." if copies else ": new samples are no copies.")
    )
