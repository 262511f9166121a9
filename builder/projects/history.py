"""An open project: every edit is saved at once, can be undone without limit, and knows about other windows."""

import contextlib
import json
import time
from bisect import bisect_left
from datetime import UTC, datetime
from typing import Any, NamedTuple

from builder.errors import BuilderError, SpecError
from builder.projects.atomic import write_text
from builder.projects.folder import DOCUMENT, HISTORY, folder_of, locked
from builder.projects.journal import Journal
from builder.projects.patch import Patch, backward, diff, forward
from builder.spec.codec import digest, encode, read
from builder.spec.edits import Edit, MoveNodes, SetKnobs
from builder.spec.project import Project

TOGETHER_SECONDS = 1.0
"""Moves of the same layers, or changes of the same settings, that follow each other faster undo as one."""
_LARGEST_RECORDED_EDIT = 4096


class ConflictError(SpecError):
    """The project was changed in another window since this one looked.

    Attributes:
        revision: the revision the project is at now.
        theirs: the project as it is now.
        since: what was done meanwhile, oldest first.
    """

    def __init__(self, revision: int, theirs: Project, since: tuple[str, ...]):
        what = f": {since[-1][0].lower()}{since[-1][1:]}" if since else ""
        super().__init__(
            f"This project was changed in another window{what}. Your change was not applied; "
            "look at the newer version and make it again, or keep yours."
        )
        self.revision, self.theirs, self.since = revision, theirs, since


class Entry(NamedTuple):
    """One line of the history list; `undone` when it stands above the present."""

    revision: int
    label: str
    at: datetime
    undone: bool


class Document:
    """A project in the workspace, open for editing; several may be open on the same project.

    Each edit is appended to the history and the project file replaced before `apply` returns. A new edit
    after an undo drops the undone steps from undo and redo; their lines stay in `history.jsonl`.
    """

    def __init__(self, project_id: str):
        self.id = project_id
        self.folder = folder_of(project_id)
        self._file = self.folder / DOCUMENT
        self._journal = Journal(self.folder / HISTORY)
        self._last_target: tuple[Any, ...] | None = None
        self._last_moment = 0.0
        with locked(self.folder):
            self._journal.read_new()
            self.project = self._agreed()

    @property
    def revision(self) -> int:
        """Counts every edit, undo and redo; what `base_revision` is compared with."""
        return self._journal.revision

    @property
    def step(self) -> int:
        """The revision of the step in force, as in `entries()`; 0 = as created."""
        return self._journal.steps[self._journal.top - 1].revision if self.can_undo else 0

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return self._journal.top > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone step to do again."""
        return self._journal.top < len(self._journal.steps)

    @property
    def undo_label(self) -> str | None:
        """What undo would take back."""
        return self._journal.steps[self._journal.top - 1].label if self.can_undo else None

    @property
    def redo_label(self) -> str | None:
        """What redo would do again."""
        if not self.can_redo:
            return None
        return self._journal.steps[self._journal.group_after(self._journal.top) - 1].label

    def refresh(self) -> bool:
        """Takes in what other windows did; returns whether anything changed."""
        if self._journal.path.stat().st_size == self._journal.size:
            return False
        with locked(self.folder):
            return self._catch_up()

    def apply(self, edit: Edit, base_revision: int | None = None) -> Project:
        """The project after the edit, saved.

        Raises ConflictError when `base_revision` is given and another window changed the project since, SpecError
        when the edit does not fit, StorageError when it could not be saved (then nothing has changed).
        """
        with locked(self.folder):
            self._require(base_revision)
            changed = edit.apply(self.project)
            target = _target(edit)
            soon = time.monotonic() - self._last_moment < TOGETHER_SECONDS
            joins = target is not None and soon and target == self._last_target
            by: dict[str, Any] | None = edit.model_dump(mode="json")
            if len(json.dumps(by)) > _LARGEST_RECORDED_EDIT:
                by = None  # the patch says it all; whole drawings would fill the disk
            done = self._save_edit(changed, edit.label(self.project), by, joins=joins)
        self._last_target, self._last_moment = target, time.monotonic()
        return done

    def replace(self, project: Project, words: str, base_revision: int | None = None) -> Project:
        """Puts another whole project in place as one undoable step, e.g. a restored version."""
        with locked(self.folder):
            self._require(base_revision)
            return self._save_edit(project, words, None, joins=False)

    def undo(self, base_revision: int | None = None) -> str | None:
        """Takes back the last step; returns its label, None when there was nothing to take back."""
        with locked(self.folder):
            self._require(base_revision)
            label = self.undo_label
            if label is not None:
                self._move(self._journal.group_before(self._journal.top))
            return label

    def redo(self, base_revision: int | None = None) -> str | None:
        """Does the last undone step again; returns its label, None when there was none."""
        with locked(self.folder):
            self._require(base_revision)
            label = self.redo_label
            if label is not None:
                self._move(self._journal.group_after(self._journal.top))
            return label

    def go_to(self, revision: int, base_revision: int | None = None) -> None:
        """Undoes or redoes up to the step with this revision (as in `entries()`; 0 = as created)."""
        with locked(self.folder):
            self._require(base_revision)
            top = self._top_at(revision)
            if top != self._journal.top:
                self._move(top)

    def at(self, revision: int) -> Project:
        """The project as it was at a step of the history; the present one stays as it is."""
        return _project(self._value_at(self._top_at(revision)))

    def entries(self, start: int = 0, stop: int | None = None) -> tuple[Entry, ...]:
        """The history list or a part of it, oldest first; steps that undo together are one entry."""
        steps, top = self._journal.steps, self._journal.top
        return tuple(
            Entry(steps[i].revision, steps[i].label, datetime.fromisoformat(steps[i].at), i >= top)
            for i in self._journal.ends[start:stop]
        )

    @property
    def num_entries(self) -> int:
        """How long the history list is, told without making it."""
        return len(self._journal.ends)

    @property
    def place(self) -> int:
        """The place in `entries()` of the step in force; -1 as created."""
        return bisect_left(self._journal.ends, self._journal.top) - 1

    def places_of(self, text: str) -> list[int]:
        """Places in `entries()` of the labels with this text in them, whatever its capitals."""
        return self._journal.places_of(text)

    def label_of(self, revision: int) -> str | None:
        """What the step with this revision did; None when it is not part of the history."""
        top = self._journal.top_at(revision)
        return self._journal.steps[top - 1].label if top else None

    def _require(self, base_revision: int | None) -> None:
        before = self.revision
        self._catch_up()
        if base_revision is not None and base_revision != self.revision:
            since = self._journal.labels_since(base_revision)
            raise ConflictError(self.revision, self.project, since)
        if self.revision != before:
            self._last_target = None

    def _catch_up(self) -> bool:
        changed = self._journal.read_new()
        if changed:
            self.project = read(self._file)
        return changed

    def _save_edit(
        self, project: Project, label: str, by: dict[str, Any] | None, *, joins: bool
    ) -> Project:
        patch = diff(self.project.model_dump(mode="json"), project.model_dump(mode="json"))
        if patch:
            self._save(project, "edit", label=label, by=by, patch=patch, joins=joins)
        return self.project

    def _move(self, top: int) -> None:
        at_top = self._journal.steps[top - 1].revision if top else 0
        self._last_target = None
        self._save(_project(self._value_at(top)), "move", top=at_top)

    def _top_at(self, revision: int) -> int:
        top = self._journal.top_at(revision)
        if top is None:
            raise SpecError("This step is no longer part of the history; reload the page.")
        return top

    def _value_at(self, top: int) -> Any:
        value, steps = self.project.model_dump(mode="json"), self._journal.steps
        for step in reversed(steps[top : self._journal.top]):
            value = backward(value, step.patch)
        for step in steps[self._journal.top : top]:
            value = forward(value, step.patch)
        return value

    def _save(self, project: Project, do: str, **rest: Any) -> None:
        """History first, then the file: after a crash between the two, opening finishes the second."""
        size = self._journal.size
        try:
            self._journal.add(do, digest(project), datetime.now(UTC).isoformat(), **rest)
            write_text(self._file, encode(project))
        except BuilderError:
            self._take_back(size)
            raise
        self.project = project

    def _take_back(self, size: int) -> None:
        """Puts history and file back to where they were before a save that failed half-way."""
        journal = Journal(self._journal.path)
        journal.size = size
        journal.cut_tail()
        self._journal = Journal(journal.path)
        self._journal.read_new()
        before = encode(self.project)
        with contextlib.suppress(BuilderError, OSError):
            if self._file.read_text() != before:
                write_text(self._file, before, durable=False)

    def _agreed(self) -> Project:
        """The project after making file and history agree, whatever a crash or another program left."""
        journal = self._journal
        try:
            project = read(self._file)
        except SpecError:
            value = journal.value()
            if value is None:
                raise
            project = _project(value)
            write_text(self._file, encode(project))
            return project
        found = digest(project)
        if found == journal.digest:
            return project
        value = journal.value()
        now = datetime.now(UTC).isoformat()
        if value is None:
            patch: Patch = [{"at": [], "old": None, "new": project.model_dump(mode="json")}]
            journal.cut_tail()
            journal.path.unlink(missing_ok=True)
            self._journal = Journal(journal.path)
            self._journal.add(
                "edit", found, now, label="Created", by=None, patch=patch, joins=False
            )
        elif found == journal.digest_before:
            project = _project(value)
            write_text(self._file, encode(project))
        else:
            patch = diff(value, project.model_dump(mode="json"))
            words = "Changed outside LayerLoom"
            journal.add("edit", found, now, label=words, by=None, patch=patch, joins=False)
        return project


def _target(edit: Edit) -> tuple[Any, ...] | None:
    """What an edit drags or dials; None for acts that stand alone."""
    if isinstance(edit, MoveNodes):
        return (edit.kind, edit.graph, tuple(sorted(edit.positions)))
    if isinstance(edit, SetKnobs):
        return (edit.kind, edit.graph, edit.node, tuple(sorted(edit.knobs)), edit.unset)
    return None


def _project(value: Any) -> Project:
    return Project.model_validate_json(json.dumps(value))
