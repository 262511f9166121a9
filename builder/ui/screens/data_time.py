"""Order in time in the wizard: what was found, whether rows are samples or a series, and the windows."""

from collections.abc import Callable

import streamlit as st

from builder.data.ingest.found import Inspection
from builder.data.ingest.messages import Task
from builder.spec.data import Windows
from builder.ui import words

TASKS: dict[Task, str] = {
    "forecasting": ":material/timeline: Rows are a time series",
    "table": ":material/table_rows: Each row is a sample",
}


def task(asked: Task, found: Inspection, chosen: Callable[[Task], None]) -> None:
    """What was found about time in sentences, and the way to read the rows otherwise."""
    now: Task = "forecasting" if found.windows is not None else "table"
    for sentence in found.in_time:
        st.markdown(f":material/schedule: {words.plain(sentence)}")
    wanted = st.segmented_control(
        "Rows",
        list(TASKS),
        format_func=TASKS.__getitem__,
        default=now,
        required=True,
        key=f"data_rows_{asked}_{now}",
        label_visibility="collapsed",
    )
    if wanted is not None and wanted != now:
        chosen(wanted)
        st.rerun()


def windows(found: Inspection, now: Windows, *, file: str) -> Windows:
    """The windows as chosen: series, columns known in advance, steps back and ahead. `file` tells files apart."""
    assert found.windows is not None
    numbers = [
        column.name
        for column in found.columns
        if column.type in ("number", "boolean") and column.name != now.time
    ]
    series = st.multiselect(
        "Forecast these series",
        numbers,
        default=list(now.series),
        key=f"data_window_series_{file}",
        help="Each becomes a column of every sample.",
    )
    others = [name for name in numbers if name not in series]
    covariates: list[str] = []
    if others:
        covariates = st.multiselect(
            "Known in advance",
            others,
            default=[name for name in now.covariates if name in others],
            key=f"data_window_known_{file}",
            help="Columns whose future values are known when forecasting, such as holidays or planned prices.",
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        back = st.number_input(
            "Steps back", 1, 100_000, now.lookback, key=f"data_window_back_{file}", width=140
        )
        ahead = st.number_input(
            "Steps ahead", 1, 10_000, now.horizon, key=f"data_window_ahead_{file}", width=140
        )
        season = st.number_input(
            "Season",
            1,
            100_000,
            now.season,
            key=f"data_window_season_{file}",
            width=140,
            help="Steps after which the series repeats itself; 1 if it does not.",
        )
    if not series:
        st.error("Choose at least one series to forecast.", icon=":material/error:")
        return now
    return now.model_copy(
        update={
            "series": tuple(series),
            "covariates": tuple(covariates),
            "lookback": int(back),
            "horizon": int(ahead),
            "season": int(season),
        }
    )
