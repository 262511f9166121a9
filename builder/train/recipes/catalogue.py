"""All recipes, found by existing: every module of this folder is imported once."""

import importlib
import pkgutil
from functools import cache

import builder.train.recipes as folder
from builder.errors import TrainError
from builder.spec.data import DataSchema
from builder.spec.training import TrainingSpec
from builder.train.recipes.base import Recipe, inferred_recipe, registered


@cache
def all_recipes() -> tuple[Recipe, ...]:
    """Every recipe, by title."""
    for module in pkgutil.iter_modules(folder.__path__):
        importlib.import_module(f"{folder.__name__}.{module.name}")
    return tuple(sorted(registered().values(), key=lambda recipe: recipe.title))


def find(kind: str) -> Recipe:
    """The recipe of that kind; TrainError listing the known ones otherwise."""
    all_recipes()
    recipe = registered().get(kind)
    if recipe is None:
        known = ", ".join(registered())
        raise TrainError(f"There is no recipe called {kind!r}; choose one of {known}.")
    return recipe


def infer(training: TrainingSpec, schema: DataSchema) -> Recipe:
    """The recipe chosen, or the one that the data's target asks for."""
    all_recipes()
    return find(inferred_recipe(training, schema))
