"""`layerloom export RUN --format F`: takes a trained model away, verified."""

import argparse
from pathlib import Path

from builder.cli.outcome import Outcome
from builder.export.formats import formats
from builder.runs.store import find

NAME = "export"
HELP = "export a trained run and measure that it is the same model"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("run_id", metavar="RUN", help="a run id or a run directory")
    parser.add_argument("--format", required=True, choices=[f.kind for f in formats()])
    parser.add_argument(
        "-o", "--output", type=Path, metavar="PATH", help="default: named after the run"
    )


def run(options: argparse.Namespace) -> Outcome:
    """Writes the export, reloads it in a clean process and runs real samples through both."""
    from builder.export.write import export

    done = export(find(options.run_id), options.format, options.output)
    data = {
        "path": str(done.path),
        "format": done.format,
        "bytes": done.bytes,
        "samples": done.verified.samples,
        "max_abs_difference": done.verified.max_abs_difference,
    }
    return Outcome(data=data, lines=[f"{done.path}: {done.verified.sentence()}"])
