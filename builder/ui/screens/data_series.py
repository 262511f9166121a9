"""A series on the Data screen: every series over time, its splits in their colours."""

import streamlit as st

from builder.data.describe import moment_of
from builder.data.split import split
from builder.data.store import open_raw
from builder.observe.forecasts import series_chart
from builder.spec.data import DataSpec
from builder.ui.live_plots.component import live_plots
from builder.ui.screens.run_watch import palette

SHOWN = 6


def series_look(spec: DataSpec) -> None:
    """Draws the series and says what one sample is."""
    raw = open_raw(spec)
    line, windows = raw.timeline, raw.schema.windows
    if line is None or windows is None:
        return
    parts = split(raw, spec.split)
    length = windows.lookback + windows.horizon
    spans = {
        name: (int(line.starts[rows[0]]), int(line.starts[rows[-1]]) + length)
        for name, rows in zip(("training", "validation", "test"), parts[:3], strict=True)
        if len(rows)
    }
    times = [moment_of(raw, place) for place in range(len(line.values))]
    charts = [
        series_chart(times, line.values[:, place], name, spans, palette())
        for place, name in enumerate(windows.series[:SHOWN])
    ]
    live_plots(
        charts, f"series/{raw.schema.name}", key="data_series", file_name="series", columns=1
    )
    more = (
        f" {SHOWN} of {len(windows.series)} series are drawn."
        if len(windows.series) > SHOWN
        else ""
    )
    st.caption(
        f"A sample is {windows.lookback:,} steps to look back on and {windows.horizon:,} to forecast.{more}"
    )
