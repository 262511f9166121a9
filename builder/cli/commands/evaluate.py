"""`layerloom evaluate RUN`: how good a trained run is."""

import argparse
from pathlib import Path

from builder.cli.follow import figures
from builder.cli.outcome import Outcome
from builder.runs.store import find

NAME = "evaluate"
HELP = "measure a trained run on its test split, or on other data"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("run_id", metavar="RUN", help="a run id or a run directory")
    parser.add_argument("--data", type=Path, metavar="PATH", help="other data of the same kind")
    parser.add_argument("--split", choices=["train", "validation", "test"], default="test")


def run(options: argparse.Namespace) -> Outcome:
    """Evaluates the best weights; opening the test split is recorded in the run."""
    from builder.evaluate.run import evaluate

    target = find(options.run_id)
    results = evaluate(target, options.split, data=options.data)
    state = target.state()
    data = {
        "run": target.id,
        "run_dir": str(target.path),
        "state": state.state,
        "seconds": state.seconds,
        "metrics": {options.split: results.metrics},
        "baseline": results.baseline,
    }
    lines = [f"{options.split}: {figures(results.metrics)}"]
    if results.baseline:
        opponent = results.baseline
        lines.append(f"{opponent['title']}: {figures(opponent['metrics'])}")
    return Outcome(data=data, lines=lines)
