"""Results of networks that give samples back or make new ones."""

import numpy as np
import streamlit as st

from builder.evaluate.results import Results, read_arrays
from builder.observe.chart import Palette
from builder.observe.errors import errors_chart
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
