"""The Train screen: settings before a run, everything live during it, what came of it after."""

import streamlit as st

from builder.runs.store import Run
from builder.ui.screens.run_head import changed_strip, pick_run
from builder.ui.screens.style import use_style
from builder.ui.screens.train_expected import show_expected
from builder.ui.screens.train_live import show_run
from builder.ui.screens.train_settings import show_settings
from builder.ui.state import current


def show() -> None:
    """Draws settings on the left and the run, or the frames it will fill, on the right."""
    use_style()
    state = current()
    run = state.run
    left, right = st.columns([300, 1000], gap="medium")
    with left, st.container(key="train_left"):
        if run is not None and run.is_live():
            _what_runs(run)
        else:
            show_settings(state)
    with right, st.container(key="train_right"):
        if run is None:
            show_expected(state)
            return
        if len(state.runs()) > 1:
            pick_run()
        changed_strip(run)
        show_run(run)


def _what_runs(run: Run) -> None:
    from builder.ui.screens.train_settings import show_fixed

    show_fixed(run)
