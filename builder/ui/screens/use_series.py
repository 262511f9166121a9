"""The series input of the Use screen: the forecast from the newest rows, of the data or of a file."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from builder.data.read import read
from builder.observe.forecasts import forecast_chart
from builder.runs.store import Run
from builder.ui import words
from builder.ui.live_plots.component import live_plots
from builder.ui.screens import courses
from builder.ui.screens.run_watch import Samples, file_stem, how_read, palette, project_of
from builder.ui.screens.use_answer import ask

WAYS = ("The data", "A file")
SHOWN = 6


def show_series_input(run: Run, data: Samples) -> None:
    """Draws where to go on from, and how it goes on."""
    how = st.segmented_control(
        "Go on from",
        WAYS,
        default=WAYS[0],
        required=True,
        key="use_series_how",
    )
    window = _file(run) if how == WAYS[1] else courses.last_window(data.raw)
    if window is None:
        st.caption("The forecast shows here.")
        return
    said = ask(run, [window])
    if said.trouble:
        st.error(words.plain(said.trouble), icon=":material/error:")
        return
    names = courses.names_of(data.raw)
    charts = [
        forecast_chart(
            courses.of_answer(courses.known(window[:, place]), said.predictions[0], name),
            palette(),
            name=name,
            id=f"forecast_{place}",
            title=name,
        )
        for place, name in enumerate(names[:SHOWN])
    ]
    project = project_of(run)
    stem = file_stem(run, project) if project else "forecast"
    live_plots(charts, f"{run.id}/{how}", key="use_forecast", file_name=stem, columns=1)
    if len(names) > SHOWN:
        st.caption(f"{SHOWN} of {len(names)} series")
    st.caption(f":material/timer: answered in {words.duration(said.milliseconds / 1000)}")


def _file(run: Run) -> NDArray[np.float64] | None:
    """The newest rows of a CSV of the user's own, as they are read for this run."""
    settings = how_read(run)
    if settings is None:
        return None
    columns = [name for name in (settings["time"], *settings["names"]) if name]
    st.caption(
        f"A CSV with at least the last {settings['lookback']} rows and these columns: "
        f"{words.plain(', '.join(columns))}"
    )
    file = st.file_uploader("CSV file", type=["csv"], key="use_series_file")
    if file is None:
        return None
    try:
        found = read(file.getvalue(), settings)
    except ValueError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return None
    for note in found.notes:
        st.caption(words.plain(note))
    window: NDArray[np.float64] = found.fields["window"][0]
    return window
