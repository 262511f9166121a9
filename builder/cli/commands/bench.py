"""`layerloom bench`: speed as ratios against hand-written code, and what anomaly detection finds, in one run."""

import argparse

from builder.bench.catalogue import BENCHES
from builder.cli.outcome import Outcome, table

NAME = "bench"
HELP = "measure speed against hand-written code"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("what", nargs="?", default="train", choices=sorted(BENCHES))
    parser.add_argument("--rounds", type=int, default=15, help="paired rounds a case")


def run(options: argparse.Namespace) -> Outcome:
    """Runs the benchmark and prints one row a case."""
    rows = [row._asdict() for row in BENCHES[options.what](rounds=options.rounds)]
    lines = table(("case", "against", "ratio", "spread"), [list(row.values()) for row in rows])
    return Outcome(data={"rows": rows}, lines=lines)
