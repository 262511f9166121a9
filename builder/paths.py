"""Where the workspace and the packaged files are."""

import os
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
"""The installed `builder` package."""

ROOT = PACKAGE / "_app" if (PACKAGE / "_app" / "app.py").is_file() else PACKAGE.parent
"""Folder of app.py, pages/ and assets/: inside the package in a wheel, the repository in a checkout."""

ASSETS = ROOT / "assets"


def _platform_data_folder() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def workspace() -> Path:
    """The folder that holds projects, data and runs; created with mode 0700 on first use.

    `LAYERLOOM_HOME` wins over the platform's user data folder.
    """
    chosen = os.environ.get("LAYERLOOM_HOME")
    folder = (
        Path(chosen).expanduser().resolve() if chosen else _platform_data_folder() / "layerloom"
    )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def room(name: str) -> Path:
    """A folder of the workspace (`projects`, `blocks`, `data`, `runs`, `queue`, `trash`), created with mode 0700."""
    folder = workspace() / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
