"""`layerloom recipes`: how networks can learn, and the settings of each way."""

import argparse

from builder.cli.outcome import Outcome, table
from builder.train.recipes.catalogue import all_recipes
from builder.train.recipes.options import described

NAME = "recipes"
HELP = (
    "list the recipes: kind, networks, losses, settings (--set training.recipe_settings.NAME=VALUE)"
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def run(options: argparse.Namespace) -> Outcome:
    """Every recipe."""
    rows = [
        {
            "recipe": recipe.kind,
            "learns from": "the target" if recipe.needs_target else "samples alone",
            "networks": ", ".join(recipe.networks),
            "losses": ", ".join(loss.kind for loss in recipe.losses),
            "settings": ", ".join(f"{i.name}={i.default}" for i in described(recipe.Options)),
        }
        for recipe in all_recipes()
    ]
    lines = table(tuple(rows[0]), [list(row.values()) for row in rows])
    return Outcome(data={"recipes": rows}, lines=lines)
