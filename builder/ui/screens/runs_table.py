"""The table of runs: one row a run, figures first."""

import math
from typing import Any

import pandas as pd

from builder.errors import BuilderError
from builder.projects import store as projects
from builder.runs import words as run_vocabulary
from builder.runs.store import Run
from builder.ui import words
from builder.ui.shell.facts import data_name

POINTS = 40


def rows(runs: list[Run]) -> pd.DataFrame:
    """One row a run; an unreadable one is listed with its reason."""
    names = {one.id: one.name for one in projects.list_projects()}
    return pd.DataFrame([_row(run, names) for run in runs], columns=COLUMNS)


COLUMNS = ["Run", "Project", "State", "Best", "Loss", "Parameters", "Minutes", "Data", "When"]


def _row(run: Run, names: dict[str, str]) -> dict[str, Any]:
    info = run.info
    state = run.state()
    best = "–"
    if state.best is not None:
        best = f"{words.metric(state.metric, state.best)} {words.metric_name(state.metric)}"
    return {
        "Run": info.name,
        "Project": names.get(info.project_id or "", "–"),
        "State": info.problem or run_vocabulary.chip(state),
        "Best": best,
        "Loss": loss_curve(run),
        "Parameters": parameters(run),
        "Minutes": None if state.seconds is None else state.seconds / 60,
        "Data": _data(run),
        "When": info.created.astimezone().replace(tzinfo=None),
    }


def loss_curve(run: Run) -> list[float]:
    """The validation loss of every epoch, thinned to what a table cell can show."""
    try:
        epochs = run.metrics().epochs
    except BuilderError:
        return []
    name = next((n for n in ("validation/loss", "train/loss") if epochs.has(n)), None)
    if name is None:
        return []
    values = [float(value) for value in epochs.column(name) if math.isfinite(value)]
    step = max(1, len(values) // POINTS)
    return values[::step]


def parameters(run: Run) -> int | None:
    """How many parameters the trained network has, as the run itself announced when it started."""
    for event in run.events():
        if "parameters" in event:
            return int(event["parameters"])
    return None


def _data(run: Run) -> str:
    try:
        return data_name(run.project.data)
    except BuilderError:
        return "–"
