"""`layerloom queue`: which runs wait for a device, in order."""

import argparse

from builder.cli.outcome import Outcome, table
from builder.runs.queue import waiting

NAME = "queue"
HELP = "show the runs that wait for a device, in order"


def arguments(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def run(options: argparse.Namespace) -> Outcome:
    """Live tickets, first to go first."""
    rows = [
        {"position": place, "run": ticket.run_id, "devices": ", ".join(ticket.slots)}
        for place, ticket in enumerate(waiting(), start=1)
    ]
    lines = table(("position", "run", "devices"), [list(row.values()) for row in rows])
    return Outcome(data={"queue": rows}, lines=lines if rows else ["Nothing waits."])
