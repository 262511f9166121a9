"""`layerloom code FILE`: the PyTorch source of a project."""

import argparse
from pathlib import Path

from builder.cli.outcome import Outcome
from builder.readiness.expect import expectations
from builder.spec import codec

NAME = "code"
HELP = "print the PyTorch source that would train"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("file", type=Path, help="a *.loom.json project")


def run(options: argparse.Namespace) -> Outcome:
    """The generated source of all networks."""
    from builder.network.source import generate

    project = codec.read(options.file)
    source = generate(project, expectations(project))
    return Outcome(data={"source": source.text}, lines=[source.text.rstrip("\n")])
