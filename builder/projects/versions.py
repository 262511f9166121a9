"""Named versions of a project: the whole document under a name and a note, kept until somebody deletes it."""

import contextlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError

from builder.errors import SpecError
from builder.projects.atomic import refusals_told, write_json, write_text
from builder.projects.folder import folder_of, locked, random_id
from builder.projects.trash import KEPT_DAYS
from builder.spec.base import Frozen, Id, Label
from builder.spec.codec import encode, read, read_json
from builder.spec.project import Project

FOLDER = "versions"
MOST = 1000
_CARD, _DOCUMENT = ".json", ".loom.json"


class Version(Frozen):
    """What the list shows: name, note, when it was saved, and on which step of the history it stood."""

    id: Id
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    note: Annotated[str, StringConstraints(max_length=2000)] = ""
    saved: str
    revision: Annotated[int, Field(ge=0)] = 0
    deleted: Label = ""
    """When it was deleted; empty while it is not."""

    @property
    def at(self) -> datetime:
        """When it was saved."""
        return datetime.fromisoformat(self.saved)


def save(
    project_id: str, project: Project, name: str, *, note: str = "", revision: int = 0
) -> Version:
    """Keeps the project as it is under a name; SpecError without a name or with one that is taken."""
    folder = _folder(project_id)
    with locked(folder_of(project_id)):
        if len(_cards(folder)) >= MOST:
            raise SpecError(
                f"{MOST:,} versions are kept. Delete some that are not needed any more."
            )
        version = Version(
            id=random_id(),
            name=_free(folder, name),
            note=note.strip()[:2000],
            saved=datetime.now(UTC).isoformat(),
            revision=revision,
        )
        write_text(folder / f"{version.id}{_DOCUMENT}", encode(project))
        _write(folder, version)  # the card last: a version is there whole or not at all
    return version


def versions(project_id: str) -> list[Version]:
    """The versions of a project, last saved first."""
    return [version for version in _cards(_folder(project_id)) if not version.deleted]


def find(project_id: str, version_id: str) -> Version:
    """One version; SpecError when it is gone."""
    for version in versions(project_id):
        if version.id == version_id:
            return version
    raise SpecError("This version is not here any more; it was deleted, or the link is wrong.")


def open_version(project_id: str, version_id: str) -> Project:
    """The project as it was saved; SpecError when it is gone or unreadable."""
    version = find(project_id, version_id)
    return read(_folder(project_id) / f"{version.id}{_DOCUMENT}")


def describe(project_id: str, version_id: str, *, name: str, note: str) -> Version:
    """Gives a version another name and note."""
    folder = _folder(project_id)
    with locked(folder_of(project_id)):
        old = find(project_id, version_id)
        wanted = old.name if name.strip() == old.name else _free(folder, name)
        changed = old.model_copy(update={"name": wanted, "note": note.strip()[:2000]})
        _write(folder, changed)
    return changed


def delete(project_id: str, version_id: str) -> Version:
    """Takes a version out of the list; `restore` brings it back within thirty days."""
    old = find(project_id, version_id)
    gone = old.model_copy(update={"deleted": datetime.now(UTC).isoformat()})
    _write(_folder(project_id), gone)
    return gone


def deleted(project_id: str) -> list[Version]:
    """Deleted versions that can be brought back, last deleted first."""
    gone = [version for version in _cards(_folder(project_id)) if version.deleted]
    return sorted(gone, key=lambda version: version.deleted, reverse=True)


def restore(project_id: str, version_id: str) -> Version:
    """Brings a deleted version back, under a free name; SpecError when it is no longer kept."""
    folder = _folder(project_id)
    old = next((one for one in deleted(project_id) if one.id == version_id), None)
    if old is None:
        raise SpecError(
            f"This version is no longer kept; a deleted one stays for {KEPT_DAYS} days."
        )
    back = old.model_copy(update={"deleted": "", "name": unused_name(project_id, old.name)})
    _write(folder, back)
    return back


def unused_name(project_id: str, wanted: str) -> str:
    """`wanted`, or with the next number when a version is called so already."""
    taken = {version.name for version in versions(project_id)}
    numbered = (f"{wanted[:190]} {number}" for number in range(2, len(taken) + 3))
    return next(name for name in (wanted, *numbered) if name not in taken)


def empty_old(project_folder: Path, *, now: datetime | None = None) -> int:
    """Removes for good what was deleted more than thirty days ago; returns how many versions went."""
    folder = project_folder / FOLDER
    limit = ((now or datetime.now(UTC)) - timedelta(days=KEPT_DAYS)).isoformat()
    old = [one for one in _cards(folder) if one.deleted and one.deleted < limit]
    for version in old:
        for ending in (_CARD, _DOCUMENT):
            with contextlib.suppress(OSError):
                (folder / f"{version.id}{ending}").unlink()
    return len(old)


def _folder(project_id: str) -> Path:
    folder = folder_of(project_id) / FOLDER
    with refusals_told(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _cards(folder: Path) -> list[Version]:
    """Every readable card, last saved first; a damaged one does not hide the others."""
    found = []
    for path in folder.glob(f"*{_CARD}"):
        if path.name.endswith(_DOCUMENT) or path.name.startswith("."):
            continue
        with contextlib.suppress(OSError, SpecError, ValidationError, ValueError):
            value = read_json(path.read_bytes(), path.name)
            card = Version.model_validate_json(json.dumps(value))
            datetime.fromisoformat(card.saved)
            if (folder / f"{card.id}{_DOCUMENT}").is_file() and path.stem == card.id:
                found.append(card)
    return sorted(found, key=lambda version: version.saved, reverse=True)


def _free(folder: Path, name: str) -> str:
    """The name as it is kept; SpecError when it is empty or another version has it."""
    wanted = " ".join(name.split())[:200]
    if not wanted:
        raise SpecError("A version needs a name, such as “before dropout”.")
    if any(version.name == wanted and not version.deleted for version in _cards(folder)):
        raise SpecError(f"There is a version called {wanted!r} already. Choose another name.")
    return wanted


def _write(folder: Path, version: Version) -> None:
    write_json(folder / f"{version.id}{_CARD}", version.model_dump(mode="json"))
