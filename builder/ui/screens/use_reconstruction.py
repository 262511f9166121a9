"""What a network gives back of an input, and whether it finds it unusual."""

from typing import Any

import numpy as np
import streamlit as st

from builder.observe.shown import shown_chart
from builder.runs.store import Run
from builder.ui import words
from builder.ui.live_plots.component import live_plots
from builder.ui.screens.run_watch import file_stem, palette, project_of


def show_reconstruction(one: dict[str, Any], run: Run, truth: str) -> None:
    """Draws the reconstruction, its error, and in plain words what the threshold says of it."""
    error, threshold = float(one["error"]), float(one["threshold"])
    unusual = bool(one["unusual"])
    st.markdown(f"## {'Unusual' if unusual else 'Ordinary'}")
    icon = "warning" if unusual else "check_circle"
    against = "above" if unusual else "not above"
    st.markdown(
        f":material/{icon}: Anomaly score {words.loss(error)}, {against} the threshold of "
        f"{words.loss(threshold)}."
    )
    st.progress(
        min(1.0, error / (2 * threshold)) if threshold > 0 else 1.0,
        text="Score; the threshold stands in the middle",
    )
    st.caption(
        "The score is the mean squared difference between the input and what the network gives back. "
        "99 of 100 validation samples score below the threshold; a higher score says that this input is "
        "unlike what it has learned, not what is wrong with it."
        + (f" Label: {words.plain(truth)}." if truth else "")
    )
    given_back = np.asarray(one["reconstruction"], dtype=np.float32)
    if given_back.ndim != 3:
        return
    project = project_of(run)
    chart = shown_chart({"given back": given_back[None]}, palette())._replace(
        id="given_back", title="Reconstruction", question="What does it give back?"
    )
    name = file_stem(run, project) if project else "reconstruction"
    live_plots([chart._replace(height=170)], "use", key="use_back", file_name=name, columns=1)
