"""`layerloom data inspect PATH`: what was inferred, kept, skipped, and why."""

import argparse
from pathlib import Path
from typing import Any, get_args

from builder.cli.outcome import Outcome, table
from builder.data.ingest.inspect import inspect
from builder.data.ingest.messages import Task

NAME = "data"
HELP = "look at a data file: what is inferred, kept, skipped, and why"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("action", choices=["inspect"])
    parser.add_argument(
        "path",
        type=Path,
        help="a CSV, JSON lines, a text, or a folder or ZIP with one folder a class, or with images and masks",
    )
    parser.add_argument("--target", metavar="COLUMN", help="the column to predict")
    parser.add_argument(
        "--task",
        choices=get_args(Task),
        default="detect",
        help="table: each row is a sample; forecasting: the rows are a time series",
    )


def run(options: argparse.Namespace) -> Outcome:
    """Inspects the file in a limited process of its own; nothing is kept."""
    found = inspect(options.path, target=options.target, task=options.task)
    data: dict[str, Any] = {
        "kind": found.kind,
        "rows": found.rows,
        "columns": [
            {"name": column.name, "type": column.type, "missing": column.missing}
            for column in found.columns
        ],
        "target": found.target,
        "task": found.task,
        "skipped": [{"where": item.where, "why": item.why} for item in found.skipped],
        "warnings": [{"code": item.code, "what": item.what} for item in found.warnings],
    }
    if found.windows is not None:
        data["windows"] = found.windows.model_dump(mode="json")
        data["in_time"] = list(found.in_time)
    lines = [f"{found.kind}, {found.rows:,} rows, target {found.target}, task {found.task}"]
    lines += found.in_time
    if found.windows is not None:
        back, on = found.windows.lookback, found.windows.horizon
        lines.append(f"windows: {back:,} steps back, {on:,} ahead, season {found.windows.season}")
    lines += table(
        ("column", "type", "missing"), [(c.name, c.type, c.missing) for c in found.columns]
    )
    lines += [f"skipped {item.where}: {item.why}" for item in found.skipped]
    lines += [f"warning: {item.what}" for item in found.warnings]
    return Outcome(data=data, lines=lines)
