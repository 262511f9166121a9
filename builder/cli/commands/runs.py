"""`layerloom runs`: what was trained."""

import argparse

from builder.cli.outcome import Outcome, table
from builder.errors import TrainError
from builder.runs.store import find, list_runs, rebuild_index

NAME = "runs"
HELP = "list runs, show one, or rebuild their index"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument(
        "action", nargs="?", default="list", choices=["list", "show", "rebuild-index"]
    )
    parser.add_argument("run_id", nargs="?", metavar="RUN", help="a run id or a run directory")


def run(options: argparse.Namespace) -> Outcome:
    """Dispatches to the action."""
    return {"list": _list, "show": _show, "rebuild-index": _rebuild}[options.action](options)


def _list(options: argparse.Namespace) -> Outcome:
    rows = []
    for item in list_runs():
        state = item.state()
        rows.append(
            {
                "run": item.id,
                "name": item.name,
                "state": state.state,
                "epoch": state.epoch,
                "created": item.info.created,
                "run_dir": str(item.path),
            }
        )
    header = ("run", "name", "state", "epoch", "created")
    lines = table(header, [[row[name] for name in header] for row in rows])
    return Outcome(data={"runs": rows}, lines=lines if rows else ["No runs yet."])


def _show(options: argparse.Namespace) -> Outcome:
    if not options.run_id:
        raise TrainError("Say which run to show: `layerloom runs show RUN`.")
    item = find(options.run_id)
    state = item.state()
    data = {
        "run": item.id,
        "run_dir": str(item.path),
        "name": item.name,
        "state": state.state,
        "reason": state.reason,
        "epoch": state.epoch,
        "epochs": state.epochs,
        "step": state.step,
        "seconds": state.seconds,
    }
    return Outcome(data=data, lines=[f"{key}: {value}" for key, value in data.items()])


def _rebuild(options: argparse.Namespace) -> Outcome:
    count = rebuild_index()
    return Outcome(data={"runs": count}, lines=[f"Found {count} runs."])
