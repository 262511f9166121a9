"""Where one project lives on disk, and the lock that keeps two writers apart."""

import contextlib
import fcntl
import os
import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from builder.errors import SpecError, StorageError
from builder.paths import room
from builder.projects.atomic import refusals_told

DOCUMENT = "project.loom.json"
HISTORY = "history.jsonl"
CARD = "card.json"
THUMBNAIL = "thumbnail.json"
ID = re.compile(r"^[A-Za-z0-9_-]{1,64}$")
"""What the id of a folder of ours looks like; nothing else becomes part of a path."""

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
_PATIENCE_SECONDS = 10.0


def random_id(length: int = 12) -> str:
    """A new id that nobody can guess, of small letters and digits that are not mistaken for each other."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def folder_of(project_id: str) -> Path:
    """The folder of a project; SpecError when there is none."""
    folder = room("projects") / project_id
    if not ID.fullmatch(project_id) or not folder.is_dir():
        raise SpecError(
            "This project is not in the workspace; it was deleted, or the link is wrong."
        )
    return folder


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the folder for one writer: other threads, tabs and processes wait.

    `flock` on a descriptor of its own keeps threads of one process apart too, which `lockf` would not.
    """
    with refusals_told(folder / "lock"):
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait_for(descriptor)
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int) -> None:
    give_up = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > give_up:
                raise StorageError(
                    "Another window has been saving for 10 seconds; nothing was changed here. Try again."
                ) from None
            time.sleep(0.005)
        else:
            return
