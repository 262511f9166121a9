"""The `layerloom` command: one file a command in builder/cli/commands, found by existing."""

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from builder import __version__
from builder.cli import commands
from builder.cli.outcome import Outcome, report
from builder.errors import BuilderError

EXIT_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; the exit code: 0 done, 1 input has problems, 2 wrong usage, 3 the run failed."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help", "--version")):
        words = ["app", *words]
    try:
        arguments = _parser(_modules(words[0])).parse_args(words)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 2
    if arguments.workspace:
        os.environ["LAYERLOOM_HOME"] = str(Path(arguments.workspace).expanduser().resolve())
    try:
        outcome: Outcome = arguments.run(arguments)
    except BuilderError as error:
        outcome = Outcome(data={"error": str(error)}, problems=[str(error)], code=1)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    return report(outcome, as_json=arguments.json)


def _modules(wanted: str) -> dict[str, Any]:
    """Commands by name: the wanted one alone, since each imports what it needs; all of them for help."""
    files = sorted(module.name for module in pkgutil.iter_modules(commands.__path__))
    names = {file.rstrip("_"): file for file in files}
    chosen = [names[wanted]] if wanted in names else files
    loaded = (importlib.import_module(f"{commands.__name__}.{file}") for file in chosen)
    return {module.NAME: module for module in loaded}


def _parser(modules: dict[str, Any]) -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", help="print exactly one JSON object")
    shared.add_argument("--workspace", metavar="DIR", help="where projects, data and runs live")
    parser = argparse.ArgumentParser(
        prog="layerloom",
        description="Draw a neural network, train it, watch every layer learn, take it away.",
    )
    parser.add_argument("--version", action="version", version=f"layerloom {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, module in modules.items():
        command = subparsers.add_parser(
            name, help=module.HELP, description=module.HELP, parents=[shared]
        )
        module.arguments(command)
        command.set_defaults(run=module.run)
    return parser
