"""The Use screen of a network that makes new samples: how many, from which seed, of which class."""

from typing import Any

import numpy as np
import streamlit as st

from builder.errors import BuilderError
from builder.observe.shown import shown_chart
from builder.runs.store import Run
from builder.sidecar.arrays import unpacked
from builder.train.recipes.base import Recipe
from builder.train.recipes.catalogue import infer
from builder.train.recipes.options import RecipeOptions, described
from builder.ui import words
from builder.ui.live_plots.component import live_plots
from builder.ui.screens.run_watch import Samples, file_stem, palette, project_of
from builder.ui.state import current, set_widget, widget

MOST = 64
_SEED = "made_seed"


def show_made(run: Run, data: Samples) -> None:
    """Draws the wishes on the left and the samples on the right."""
    left, right = st.columns([300, 700], gap="large")
    with left:
        count = st.slider("How many", 8, MOST, 32, step=8, key="made_count")
        seed = st.number_input(
            "Seed",
            0,
            2**31 - 1,
            0,
            step=1,
            key=_SEED,
            help="Start of all chance: the same seed gives the same samples.",
        )
        recipe, options = _recipe(run)
        label = _label(data) if recipe is not None and recipe.can_ask(options) else None
        settings = _settings(recipe, options) if recipe is not None else {}
        st.button(
            "Others",
            icon=":material/casino:",
            key="made_others",
            on_click=_next_seed,
            width="stretch",
        )
    with right:
        _samples(run, {"count": int(count), "seed": int(seed), "settings": settings}, label)


def _recipe(run: Run) -> tuple[Recipe | None, RecipeOptions]:
    """The run's recipe with its settings; None while its data are not known."""
    project = project_of(run)
    schema = project.data.snapshot if project else None
    if project is None or schema is None:
        return None, RecipeOptions()
    recipe = infer(project.training, schema)
    return recipe, recipe.options(project.training)


def _settings(recipe: Recipe, options: RecipeOptions) -> dict[str, int | float]:
    """What else the recipe lets be chosen for each draw, as sliders and numbers; the run's own values first."""
    chosen: dict[str, int | float] = {}
    for info in described(recipe.DrawOptions):
        kind = int if info.type == "int" else float
        least, most = kind(info.minimum or 0), kind(info.maximum or 1000)
        value = kind(getattr(options, info.name))
        chosen[info.name] = st.number_input(
            info.title, least, most, value, key=f"made_{info.name}", help=info.help
        )
    return chosen


def _label(data: Samples) -> int | None:
    names = ["any", *data.raw.classes]
    chosen = st.selectbox("Class", names, key="made_class")
    return None if chosen == "any" else list(data.raw.classes).index(str(chosen))


def _next_seed() -> None:
    set_widget(_SEED, (int(widget(_SEED) or 0) + 1) % 2**31)


def _samples(run: Run, asked: dict[str, Any], label: int | None) -> None:
    wanted = {"run": str(run.path), **asked}
    if label is not None:
        wanted["label"] = label
    try:
        with st.spinner("Making new samples", show_time=True):
            answer = current().sidecar.request("generate", wanted)
        made = unpacked(answer["samples"]).astype(np.float32)
    except BuilderError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return
    project = project_of(run)
    name = file_stem(run, project) if project else "samples"
    chart = shown_chart({"generated": made}, palette(), note=f"seed {asked['seed']}")
    live_plots([chart], f"made {run.id}", key="made_samples", file_name=name, columns=1)
    milliseconds = float(answer["milliseconds"])
    st.caption(
        f":material/timer: {words.plural(len(made), 'sample')} made in {words.duration(milliseconds / 1000)}. "
        "None of them is in the data; all are shown as they came, none was picked."
    )
