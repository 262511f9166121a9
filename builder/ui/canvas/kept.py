"""Starred kinds of layers and those used last: one small file of the workspace, the same in every project."""

import contextlib

from pydantic import ValidationError

from builder.errors import BuilderError
from builder.paths import workspace
from builder.projects import atomic
from builder.ui.canvas.message import Kept

FILE = "palette.json"


def kept() -> Kept:
    """What was kept; nothing where there is no such file or it cannot be read."""
    try:
        return Kept.model_validate_json((workspace() / FILE).read_bytes())
    except (OSError, ValidationError):
        return Kept()


def keep(new: Kept) -> None:
    """Keeps them for the next time; a full disk costs only this comfort."""
    if new != kept():
        with contextlib.suppress(BuilderError):
            atomic.write_text(workspace() / FILE, new.model_dump_json())
