"""`layerloom layers`: the catalogue."""

import argparse

from builder.cli.outcome import Outcome, table
from builder.layers.catalogue import all_kinds

NAME = "layers"
HELP = "list the catalogue of layers: kind, family, summary"


def arguments(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def run(options: argparse.Namespace) -> Outcome:
    """Every kind of layer."""
    rows = [
        {"kind": kind.kind, "family": kind.family, "summary": kind.summary} for kind in all_kinds()
    ]
    lines = table(("kind", "family", "summary"), [list(row.values()) for row in rows])
    return Outcome(data={"layers": rows}, lines=lines)
