"""`layerloom predict RUN INPUT...`: what a trained run says about files or rows."""

import argparse

from builder.cli.outcome import Outcome
from builder.runs.store import find

NAME = "predict"
HELP = "predict for image files, a CSV file, rows as JSON objects, or texts"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("run_id", metavar="RUN", help="a run id or a run directory")
    parser.add_argument(
        "inputs", nargs="+", metavar="INPUT", help="a file, a JSON object, or a text"
    )


def run(options: argparse.Namespace) -> Outcome:
    """Answers one prediction an input (a CSV gives one a row)."""
    from builder.evaluate.predict import predict

    predictions = predict(find(options.run_id), options.inputs)
    lines = [str(prediction) for prediction in predictions]
    return Outcome(data={"predictions": predictions}, lines=lines)
