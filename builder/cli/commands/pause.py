"""`layerloom pause RUN`: holds a run; nothing is lost."""

import argparse

from builder.cli.outcome import Outcome
from builder.runs import launch
from builder.runs.store import find

NAME = "pause"
HELP = "pause a run; resume goes on from the same step"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("run_id", metavar="RUN", help="a run id or a run directory")


def run(options: argparse.Namespace) -> Outcome:
    """Asks the run to hold after its step."""
    target = find(options.run_id)
    launch.pause(target)
    state = target.state()
    return Outcome(
        data={"run": target.id, "state": state.state}, lines=[f"{target.id}: {state.state}"]
    )
