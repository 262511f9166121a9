"""`layerloom projects`: what is in the workspace."""

import argparse

from builder.cli.outcome import Outcome, table
from builder.projects.store import list_projects

NAME = "projects"
HELP = "list the projects of the workspace"


def arguments(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def run(options: argparse.Namespace) -> Outcome:
    """Every project, latest first."""
    rows = [{"id": p.id, "name": p.name, "edited": p.edited.isoformat()} for p in list_projects()]
    lines = table(("id", "name", "edited"), [list(row.values()) for row in rows])
    return Outcome(data={"projects": rows}, lines=lines if rows else ["No projects yet."])
