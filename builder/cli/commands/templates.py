"""`layerloom templates`: what one can start from."""

import argparse

from builder.cli.outcome import Outcome, table
from builder.projects.templates import templates

NAME = "templates"
HELP = "list the templates: id, title, recipe, data, expected figure and time on two CPU cores"
FIELDS = ("id", "title", "recipe", "dataset", "metric", "expected", "minutes")


def arguments(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def run(options: argparse.Namespace) -> Outcome:
    """The catalogue of templates."""
    rows = [{name: getattr(template, name) for name in FIELDS} for template in templates()]
    lines = table(FIELDS, [[row[name] for name in FIELDS] for row in rows])
    return Outcome(data={"templates": rows}, lines=lines)
