"""`layerloom stop RUN`: ends a run after its step, with a checkpoint."""

import argparse

from builder.cli.outcome import Outcome
from builder.runs import launch
from builder.runs.store import find

NAME = "stop"
HELP = "stop a run; it saves a checkpoint first"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("run_id", metavar="RUN", help="a run id or a run directory")


def run(options: argparse.Namespace) -> Outcome:
    """Asks the run to stop; stopping twice or a finished run changes nothing."""
    target = find(options.run_id)
    launch.stop(target)
    state = target.state()
    return Outcome(
        data={"run": target.id, "state": state.state}, lines=[f"{target.id}: {state.state}"]
    )
