"""`layerloom resume RUN`: goes on from a pause, or from the last checkpoint."""

import argparse

from builder.cli.follow import follow
from builder.cli.outcome import Outcome
from builder.runs import launch
from builder.runs.store import find

NAME = "resume"
HELP = "go on with a paused, stopped, failed or interrupted run"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("run_id", metavar="RUN", help="a run id or a run directory")
    parser.add_argument("--detach", action="store_true", help="do not wait for the end")


def run(options: argparse.Namespace) -> Outcome:
    """Resumes and, unless detached, follows the run to its end."""
    target = find(options.run_id)
    launch.resume(target)
    if options.detach:
        return Outcome(data={"run": target.id, "state": target.state().state})
    return follow(target)
