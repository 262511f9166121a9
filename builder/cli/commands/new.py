"""`layerloom new TEMPLATE`: a project file from a template."""

import argparse
from pathlib import Path

from builder.cli.outcome import Outcome
from builder.errors import SpecError
from builder.projects.atomic import write_bytes
from builder.projects.templates import templates
from builder.spec import codec

NAME = "new"
HELP = "write a project file from a template"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("template", help="a template id (see `layerloom templates`)")
    parser.add_argument("-o", "--output", metavar="FILE", help="default: TEMPLATE.loom.json")


def run(options: argparse.Namespace) -> Outcome:
    """Writes the file; refuses an unknown template and an existing file."""
    known = {template.id: template for template in templates()}
    if options.template not in known:
        raise SpecError(
            f"There is no template {options.template!r}; there are {', '.join(sorted(known))}."
        )
    path = Path(options.output or f"{options.template}.loom.json")
    write_bytes(path, codec.encode(known[options.template].project).encode())
    return Outcome(data={"path": str(path), "template": options.template}, lines=[f"Wrote {path}."])
