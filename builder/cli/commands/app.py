"""`layerloom app`: the web app."""

import argparse

from builder.cli.outcome import Outcome
from builder.ui.launch import run_app

NAME = "app"
HELP = "start the web app (also what `layerloom` alone does)"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=None, help="port (default 8501, or a free one)")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")


def run(options: argparse.Namespace) -> Outcome:
    """Runs the app until it is stopped."""
    code = run_app(host=options.host, port=options.port, no_browser=options.no_browser)
    return Outcome(data={"exit": code}, code=code)
