"""Several runs side by side: curves, figures, and only the settings that differ."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from builder.errors import BuilderError
from builder.projects.difference import Difference
from builder.projects.difference import compare as difference
from builder.projects.telling import sentences
from builder.runs.store import Run
from builder.ui import theme, words
from builder.ui.shell.compare_link import see_difference
from builder.ui.state import current

MOST = 6
MOST_LINES = 12
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "solid")
"""Curves that lie on each other stay visible: the first is thick, the next have gaps."""


def compare(runs: list[Run]) -> None:
    """Draws the comparison of two to six runs."""
    st.markdown("### Compare")
    if len(runs) > MOST:
        st.caption(f"The first {MOST} of {len(runs)} selected runs.")
    shown = list(reversed(runs[:MOST]))
    metric = next((run.state().metric for run in shown if run.state().metric), "")
    left, right = st.columns(2)
    with left:
        _chart(shown, "validation/loss", "Validation loss", "loss")
    with right:
        if metric and metric != "loss":
            _chart(shown, f"validation/{metric}", f"Validation {words.metric_name(metric)}", metric)
    st.markdown("**What differs**")
    table = differences(shown)
    if table.empty:
        st.caption("Same network, data and settings; only the draw of the dice differs.")
    else:
        st.dataframe(table, alt="Settings that differ between the selected runs")
    if len(shown) == 2:
        _drawings(shown[0], shown[1])


def _drawings(before: Run, now: Run) -> None:
    """How the drawings of two runs differ, in words, and the way to see it on the canvas."""
    try:
        found = difference(before.project, now.project)
    except BuilderError as error:
        st.caption(words.plain(str(error)))
        return
    st.markdown("**The drawn networks**")
    if not found.drawing_differs:
        st.caption("Both runs trained the same drawing.")
        return
    told = [line for graph in found.graphs for line in sentences(Difference((graph,), (), (), ()))]
    st.markdown("\n".join(f"- {words.plain(line)}" for line in told[:MOST_LINES]))
    if len(told) > MOST_LINES:
        st.caption(f"and {len(told) - MOST_LINES:,} more")
    project = current().project_id or before.project_id or now.project_id or ""
    if project and st.button(
        "See the difference", icon=":material/difference:", key="runs_difference"
    ):
        see_difference(f"run:{before.id}", f"run:{now.id}", project=project)


def _chart(runs: list[Run], column: str, title: str, metric: str) -> None:
    figure = go.Figure(layout=theme.plotly_layout())
    for place, run in enumerate(runs):
        epochs = run.metrics().epochs
        if epochs.has(column):
            values = epochs.column(column)
            figure.add_scatter(
                x=epochs.column("epoch"),
                y=values,
                name=words.cut(run.name, 20),
                mode="lines+markers" if len(values) < 3 else "lines",
                line={"width": 2 if place else 4, "dash": DASHES[place % len(DASHES)]},
            )
    figure.update_layout(
        title_text=title,
        height=300,
        xaxis_title_text="epoch",
        showlegend=True,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 1, "xanchor": "right"},
    )
    best = [f"{run.name} {words.metric(run.state().metric, run.state().best)}" for run in runs]
    st.plotly_chart(figure, key=f"compare_{metric}", theme=None, alt=f"{title}: {', '.join(best)}")


def differences(runs: list[Run]) -> pd.DataFrame:
    """One row a setting that is not the same in all runs, one column a run."""
    flat = {run.name: _flat(run) for run in runs}
    names = sorted({name for values in flat.values() for name in values})
    rows = {
        name: {run: str(values.get(name, "–")) for run, values in flat.items()}
        for name in names
        if len({str(values.get(name, "–")) for values in flat.values()}) > 1
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def _flat(run: Run) -> dict[str, Any]:
    """Settings of training, data and network by their names, without positions and ids."""
    state = run.state()
    figures = {
        "best": words.metric(state.metric, state.best),
        "time": words.duration(state.seconds),
    }
    try:
        project = run.project
    except BuilderError as error:
        return {**figures, "problem": str(error)}
    settings = project.training.model_dump(mode="json", exclude_none=True)
    settings.setdefault("epochs", state.epochs)
    found: dict[str, Any] = {}
    _walk("training", {**settings, "seed": run.info.seed}, found)
    _walk(
        "data", project.data.model_dump(mode="json", exclude={"snapshot"}, exclude_none=True), found
    )
    found = {_setting(name): value for name, value in found.items()}
    for network in project.networks:
        for node in network.nodes:
            _walk(node.name, {"kind": node.kind, **node.model_dump(mode="json")["knobs"]}, found)
    return {**figures, **found}


def _setting(name: str) -> str:
    """`training.optimizer.learning_rate` as people read it: `optimizer: learning rate`."""
    *parents, last = name.removeprefix("training.").replace("_", " ").split(".")
    return f"{', '.join(parents)}: {last}" if parents else last


def _walk(prefix: str, value: Any, found: dict[str, Any]) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            _walk(f"{prefix}.{name}", inner, found)
    else:
        found[prefix] = value
