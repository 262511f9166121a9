"""The projects of the workspace: create, list, rename, duplicate, delete, restore, import."""

import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from builder.errors import BuilderError, SpecError
from builder.paths import room
from builder.projects import trash, versions
from builder.projects.atomic import refusals_told, sweep, write_json, write_text
from builder.projects.folder import CARD, DOCUMENT, THUMBNAIL, folder_of, random_id
from builder.projects.history import Document
from builder.projects.trash import Trashed
from builder.spec.codec import decode, digest, encode, read
from builder.spec.edits import RenameProject
from builder.spec.project import Project


class StoredProject(NamedTuple):
    """A project as the list of all projects shows it; `problem` says why it cannot be opened, if so."""

    id: str
    name: str
    folder: Path
    created: datetime
    opened: datetime
    edited: datetime
    template: str = ""
    problem: str | None = None


def create(project: Project) -> StoredProject:
    """A new project in the workspace, with its history begun."""
    project_id = random_id()
    folder = room("projects") / project_id
    with refusals_told(folder):
        folder.mkdir(mode=0o700)
    now = datetime.now(UTC).isoformat()
    write_text(folder / DOCUMENT, encode(project))
    write_json(folder / CARD, {"created": now, "opened": now})
    Document(project_id)  # writes the first line of the history
    return info(project_id)


def load(project_id: str) -> Project:
    """The project as saved; SpecError when it is gone or unreadable."""
    return read(folder_of(project_id) / DOCUMENT)


def info(project_id: str) -> StoredProject:
    """What the list shows about one project."""
    return _card(folder_of(project_id))


def list_projects() -> list[StoredProject]:
    """All projects, last opened first; an unreadable one is listed with its reason."""
    found = [_card(folder) for folder in room("projects").iterdir() if folder.is_dir()]
    return sorted(found, key=lambda stored: stored.opened, reverse=True)


def opened(project_id: str) -> None:
    """Notes that the project was opened now."""
    folder = folder_of(project_id)
    write_json(folder / CARD, {**_notes(folder), "opened": datetime.now(UTC).isoformat()})


def rename(project_id: str, name: str) -> StoredProject:
    """Gives the project another name, as an undoable step of its history."""
    Document(project_id).apply(RenameProject(name=name[:200]))
    return info(project_id)


def duplicate(project_id: str, name: str | None = None) -> StoredProject:
    """A copy with a history of its own, named `name` or `<name> copy`."""
    project = load(project_id)
    wanted = name or f"{project.name[:190]} copy"
    return create(project.model_copy(update={"name": wanted}))


def delete(project_id: str) -> None:
    """Moves the project to the trash, where it stays for thirty days."""
    folder = folder_of(project_id)
    trash.throw_away(folder, "projects", _card(folder).name)


def restore(project_id: str) -> StoredProject:
    """Takes the project back from the trash."""
    trash.take_back(project_id, "projects", room("projects") / project_id)
    return info(project_id)


def trashed() -> list[Trashed]:
    """Deleted projects that can be restored, last deleted first."""
    return trash.trashed("projects")


def import_text(text: str | bytes, what: str = "The file") -> StoredProject:
    """A new project from the text of a `*.loom.json`; SpecError names the first fault."""
    return create(decode(text, what))


def thumbnail(project_id: str) -> str | None:
    """The stored SVG picture of the drawing, or None when there is none or the drawing has changed since."""
    folder = folder_of(project_id)
    with contextlib.suppress(OSError, ValueError, KeyError, BuilderError):
        stored = json.loads((folder / THUMBNAIL).read_bytes())
        if stored["digest"] == digest(read(folder / DOCUMENT)):
            return str(stored["svg"])
    return None


def set_thumbnail(project_id: str, svg: str) -> None:
    """Keeps a picture of the drawing as it is now."""
    folder = folder_of(project_id)
    write_json(folder / THUMBNAIL, {"digest": digest(read(folder / DOCUMENT)), "svg": svg})


def tidy() -> None:
    """At start-up: removes leftovers of killed writers, and projects and versions deleted more than thirty days ago."""
    sweep(room("projects"))
    trash.empty_old("projects")
    for folder in room("projects").iterdir():
        versions.empty_old(folder)


def _card(folder: Path) -> StoredProject:
    notes = _notes(folder)
    name, template, problem = folder.name, "", None
    try:
        project = read(folder / DOCUMENT)
        name, template = project.name, project.template
    except SpecError as error:
        problem = str(error)
    edited = _modified(folder / DOCUMENT)
    return StoredProject(
        id=folder.name,
        name=name,
        folder=folder,
        created=_when(notes.get("created"), edited),
        opened=_when(notes.get("opened"), edited),
        edited=edited,
        template=template,
        problem=problem,
    )


def _notes(folder: Path) -> dict[str, Any]:
    try:
        notes = json.loads((folder / CARD).read_bytes())
    except (OSError, ValueError):
        return {}
    return notes if isinstance(notes, dict) else {}


def _when(text: Any, otherwise: datetime) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return otherwise


def _modified(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return datetime.fromtimestamp(0, UTC)
