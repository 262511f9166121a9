"""The Use screen: your own input on the left, what the network says about it on the right."""

import streamlit as st

from builder.runs.store import Run
from builder.ui.screens.run_head import changed_strip, has_weights, nothing_trained, pick_run
from builder.ui.screens.run_watch import Samples, samples, shows_of
from builder.ui.screens.style import use_style
from builder.ui.screens.use_batch import show_batch
from builder.ui.screens.use_continue import show_continuing
from builder.ui.screens.use_made import show_made
from builder.ui.screens.use_picture import show_picture_input
from builder.ui.screens.use_row import show_row_input
from builder.ui.screens.use_series import show_series_input
from builder.ui.screens.use_text import show_text_input


def show() -> None:
    """Draws the input that suits the run's data, and answers while it changes."""
    use_style()
    run = pick_run()
    if run is None:
        nothing_trained("This page then answers to your own drawing, picture or row of values.")
        return
    changed_strip(run)
    if not has_weights(run):
        return
    data = samples(run)
    if data is None:
        st.warning(
            "The data of this run are gone, so this page cannot say what an input looks like. "
            "Bring the data back, or export the model and use it elsewhere.",
            icon=":material/warning:",
        )
        return
    _inputs(run, data)


_INPUTS = {
    "image": show_picture_input,
    "table": show_row_input,
    "text": show_text_input,
    "series": show_series_input,
}
_BY_RECIPE = {"generated": show_made, "text": show_continuing}
"""Recipes that take another input than their data have, by what they show."""


def _inputs(run: Run, data: Samples) -> None:
    draw = _BY_RECIPE.get(shows_of(run), _INPUTS[data.raw.kind])

    @st.fragment
    def one() -> None:
        draw(run, data)

    one()
    if shows_of(run) not in _BY_RECIPE:
        show_batch(run, data)
