"""Before the first run: the frames that training will fill, each with what it answers."""

from typing import Any

import numpy as np
import streamlit as st

from builder.errors import BuilderError
from builder.observe.chart import Chart, axes, line
from builder.observe.guessing import guessing_loss, guessing_metric
from builder.train.recipes import catalogue as recipes
from builder.train.settings import Resolved, resolve, training_samples
from builder.ui import words
from builder.ui.live_plots.component import live_plots
from builder.ui.model_map import model_map
from builder.ui.screens.run_watch import palette
from builder.ui.state import State


def resolved(state: State) -> Resolved | None:
    """Every setting of the next run with its origin; None while there is no data or a setting cannot work."""
    schema = state.project.data.snapshot
    if schema is None:
        return None
    try:
        training = state.project.training
        samples = training_samples(state.project.data, schema.samples)
        return resolve(training, schema, recipes.infer(training, schema), samples=samples)
    except BuilderError:
        return None


def show_expected(state: State) -> None:
    """Says that nothing has been trained, and shows the frames with captions."""
    st.markdown("### Nothing has been trained yet")
    st.markdown(
        "Press Train. It starts with settings that suit this data, and these charts fill as it goes."
        if state.project.data.snapshot is not None
        else "Choose data first. The settings follow from it, and these charts fill while it trains."
    )
    live_plots(expected_charts(state), "expected", key="expected_plots")
    with st.container(border=True):
        st.markdown(
            "**Model map**  \n:gray[Which layer is ill? Each layer gets the colour of its gradient.]"
        )
        model_map(state.network, {}, selected=state.selected_layer, key="expected_map")


def expected_charts(state: State) -> list[Chart]:
    """Loss and metric frames over the epochs to come, with the line that guessing gets."""
    fixed = resolved(state)
    uses = fixed is not None and fixed.recipe.needs_target
    schema = state.project.data.snapshot if uses else None
    loss_kind = fixed.loss.kind if fixed else ""
    metric = fixed.metric if fixed else None
    chance = guessing_loss(schema, loss_kind)
    title = metric.title if metric else "Metric"
    shares = bool(metric and metric.as_share)
    guess = guessing_metric(schema, metric.kind) if metric else None
    epochs = fixed.epochs if fixed else 10
    level = 100 * guess if guess is not None and shares else guess
    loss_words = ("loss", "Loss", "Is it learning, is it memorising?")
    return [
        _frame(epochs, loss_words, chance, "How wrong it is; should fall"),
        _frame(
            epochs,
            ("metric", title, "How good is it?"),
            level,
            "Measured after every epoch; should "
            + ("fall" if metric and metric.better == "lower" else "rise"),
        ),
    ]


def _frame(epochs: int, words_of: tuple[str, str, str], level: float | None, caption: str) -> Chart:
    id, title, question = words_of
    colours = palette()
    layout: dict[str, Any] = axes(y="")
    layout["xaxis"] |= {"range": [0, epochs], "fixedrange": True}
    layout["yaxis"] |= {"range": [0, 1.3 * level if level else 1], "fixedrange": True}
    layout["yaxis"]["showticklabels"] = bool(level)
    layout["annotations"] = [
        {
            "xref": "paper",
            "yref": "paper",
            "x": 0.5,
            "y": 0.4,
            "text": caption,
            "showarrow": False,
            "bgcolor": colours.ground,
            "borderpad": 4,
            "font": {"size": 13, "color": colours.muted},
        }
    ]
    layout["showlegend"] = bool(level)
    traces = []
    if level:
        ends = np.array([0.0, float(epochs)])
        dotted = line(
            ends, np.array([level, level]), "always guessing", colours.muted, dash="dot", width=1.5
        )
        traces.append(dotted)
    alt = f"Empty until training starts. {caption}."
    if level:
        alt += f" Always guessing gets {words.loss(level)}."
    return Chart(id, title, question, traces, layout, alt, height=220)
