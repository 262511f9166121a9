"""`layerloom import PATH`: brings another project into the workspace or a file."""

import argparse
from pathlib import Path

from builder.cli.outcome import Outcome
from builder.projects import store
from builder.projects.atomic import write_bytes
from builder.spec import codec

NAME = "import"
HELP = "check a project file from elsewhere and bring it in"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("path", type=Path, help="a *.loom.json project")
    parser.add_argument("-o", "--output", metavar="FILE", help="write a file instead")


def run(options: argparse.Namespace) -> Outcome:
    """Reads strictly, then stores; the file's own formatting is not kept."""
    project = codec.read(options.path)
    if options.output:
        write_bytes(Path(options.output), codec.encode(project).encode())
        return Outcome(data={"path": options.output}, lines=[f"Wrote {options.output}."])
    stored = store.create(project)
    return Outcome(data={"project": stored.id}, lines=[f"Imported as project {stored.id}."])
