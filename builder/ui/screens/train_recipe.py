"""What the network learns, and the settings that are the task's own; both draw themselves from the recipes."""

from typing import Any

import streamlit as st

from builder.spec.data import DataSchema
from builder.spec.training import TrainingSpec
from builder.train.recipes import catalogue as recipes
from builder.train.recipes.base import Recipe
from builder.train.recipes.options import OptionInfo, RecipeOptions, described
from builder.train.settings import Resolved
from builder.ui import words
from builder.ui.screens.train_inputs import Change, choice, fraction, switch, whole


def task_choice(schema: DataSchema, fixed: Resolved) -> None:
    """The choice among recipes that fit the data, and in words what is learned and whether labels are used."""
    recipe, setting = fixed.recipe, fixed.settings["recipe"]
    fitting = [one for one in recipes.all_recipes() if one.fits(schema) is None]
    kinds = {one.kind: one.title for one in fitting}
    kinds.setdefault(recipe.kind, recipe.title)
    choice("Task", "recipe", recipe.kind, kinds, set_recipe, help=_TASK, setting=setting)
    st.caption(
        f"{words.plain(recipe.summary)} {words.plain(labels_words(schema, recipe, fixed.options))}"
    )


def labels_words(schema: DataSchema, recipe: Recipe, options: RecipeOptions) -> str:
    """Whether the target is learned from, in a sentence."""
    name = words.cut(schema.target.name, 30)
    if recipe.needs_target:
        return f"Learns from the target “{name}”."
    if recipe.can_ask(options):
        return f"The target “{name}” only says which class a sample is asked for by."
    return f"The target “{name}” is not used: only the samples themselves are."


def own_settings(training: TrainingSpec, fixed: Resolved) -> None:
    """Draws the recipe's own settings."""
    _draw(described(type(fixed.options)), training, fixed.options)


def loss_settings(training: TrainingSpec, fixed: Resolved) -> None:
    """Draws the settings of the chosen loss."""
    _draw(described(type(fixed.loss)), training, fixed.loss)


def set_recipe(training: TrainingSpec, kind: Any) -> TrainingSpec:
    """Another task, with its own usual loss, metric and settings: those of the old one would not suit it."""
    return training.model_copy(
        update={
            "recipe": kind,
            "loss": None,
            "metric": None,
            "keep_best_by": None,
            "recipe_settings": {},
            "networks": {},
            "optimizers": {},
        }
    )


def _draw(options: tuple[OptionInfo, ...], training: TrainingSpec, values: Any) -> None:
    for info in options:
        _DRAWN[info.type](info, getattr(values, info.name), set_option(info))


def set_option(info: OptionInfo) -> Change:
    """Puts one setting of the recipe in; its default, or None, takes it out."""

    def change(training: TrainingSpec, value: Any) -> TrainingSpec:
        kept = {k: v for k, v in training.recipe_settings.items() if k != info.name}
        if value is not None and value != info.default:
            kept[info.name] = value
        return training.model_copy(update={"recipe_settings": kept})

    return change


def _whole(info: OptionInfo, value: int, change: Change) -> None:
    least, most = int(info.minimum or 0), int(info.maximum or 1_000_000)
    whole(info.title, f"option_{info.name}", value, change, least=least, most=most, help=info.help)


def _fraction(info: OptionInfo, value: float, change: Change) -> None:
    fraction(info.title, f"option_{info.name}", value, change, help=info.help)


def _switch(info: OptionInfo, value: bool, change: Change) -> None:
    switch(info.title, f"option_{info.name}", value, change, help=info.help)


def _choice(info: OptionInfo, value: str, change: Change) -> None:
    options = {one: one.replace("_", " ").capitalize() for one in info.choices}
    choice(info.title, f"option_{info.name}", value, options, change, help=info.help)


_DRAWN: dict[str, Any] = {"int": _whole, "float": _fraction, "bool": _switch, "choice": _choice}
_TASK = (
    "What the network learns from these data. It decides the loss, the figures and what is shown."
)
