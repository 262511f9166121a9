"""What was deleted, kept for thirty days and given back on request."""

import contextlib
import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from builder.errors import StorageError
from builder.paths import room
from builder.projects.atomic import refusals_told, write_json

KEPT_DAYS = 30
_MARK = "deleted.json"


class Trashed(NamedTuple):
    """A folder in the trash: its id, the name people knew it by, and when it was deleted."""

    id: str
    name: str
    deleted: datetime
    folder: Path


def throw_away(folder: Path, kind: str, name: str) -> None:
    """Moves a project's or run's folder into the trash; `kind` is `projects` or `runs`."""
    place = _place(kind) / folder.name
    with refusals_told(folder):
        write_json(folder / _MARK, {"name": name, "deleted": datetime.now(UTC).isoformat()})
        if place.exists():
            shutil.rmtree(place)
        shutil.move(folder, place)


def take_back(identifier: str, kind: str, to: Path) -> Path:
    """Moves a folder from the trash to `to`; StorageError when it is no longer there."""
    found = next((entry for entry in trashed(kind) if entry.id == identifier), None)
    if found is None:
        raise StorageError(
            f"This is no longer in the trash; it is kept there for {KEPT_DAYS} days."
        )
    if to.exists():
        raise StorageError(f"{to.name} is there already; nothing was restored over it.")
    with refusals_told(to):
        shutil.move(found.folder, to)
        (to / _MARK).unlink(missing_ok=True)
    return to


def trashed(kind: str) -> list[Trashed]:
    """What the trash holds of one kind, last deleted first."""
    found = []
    for folder in _place(kind).iterdir():
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            mark = json.loads((folder / _MARK).read_bytes())
            when = datetime.fromisoformat(mark["deleted"])
            found.append(Trashed(folder.name, str(mark["name"]), when, folder))
    return sorted(found, key=lambda entry: entry.deleted, reverse=True)


def empty_old(kind: str, *, now: datetime | None = None) -> int:
    """Removes for good what was deleted more than thirty days ago; returns how many folders went."""
    limit = (now or datetime.now(UTC)) - timedelta(days=KEPT_DAYS)
    old = [entry for entry in trashed(kind) if entry.deleted < limit]
    for entry in old:
        shutil.rmtree(entry.folder, ignore_errors=True)
    return len(old)


def _place(kind: str) -> Path:
    place = room("trash") / kind
    with refusals_told(place):
        os.makedirs(place, mode=0o700, exist_ok=True)  # noqa: PTH103 - mode applies to every level
    return place
