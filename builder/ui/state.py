"""The one thing a browser session remembers: which project, run and layer it looks at."""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

from builder.errors import BuilderError, SpecError, StorageError
from builder.paths import room, workspace
from builder.projects import atomic, store
from builder.projects.history import ConflictError, Document
from builder.readiness.report import ProjectReport
from builder.runs import store as runs_store
from builder.runs.store import Run
from builder.sidecar.client import Sidecar, shared
from builder.spec.codec import read_json
from builder.spec.edits import Edit, apply_all
from builder.spec.network import Network
from builder.spec.problems import Problem
from builder.spec.project import Project
from builder.ui import silence
from builder.ui.reports import Reports

_KEY = "layerloom"
_SILENCED = "silenced"
NOTICE_SECONDS = 10.0


@dataclass(frozen=True)
class Notice:
    """One sentence about what just happened, with a way back for a while."""

    text: str
    undo: Callable[[], None] | None = None
    is_error: bool = False
    until: float = 0.0


@dataclass(frozen=True)
class Clash:
    """A change made on a version that another window has changed meanwhile; nothing of it is saved yet."""

    mine: str
    """What was about to be done here, in past tense."""
    theirs: str
    """What was done meanwhile, the newest; empty when it has no words (an undo)."""
    keep_mine: Callable[[], bool]
    """Does it on the newer version after all."""


@dataclass
class State:
    """What this session looks at; the truth itself is on disk (projects, runs) and in the URL (ids)."""

    project_id: str = ""
    run_id: str = ""
    network_name: str = ""
    selected_layer: str = ""
    """Node id of the chosen layer, the same on canvas, map, picker and charts; empty when none."""
    notice: Notice | None = None
    clash: Clash | None = None
    """What waits for a word on which version counts; None usually."""
    drafts: dict[str, Any] = field(default_factory=dict)
    """Unfinished work of a screen (an upload being described), by a name of the screen's own."""
    document: Document | None = None
    remembered: dict[str, Any] = field(default_factory=dict)
    save_error: str = ""
    """Why the last edit could not be saved; empty when it was."""
    screen_first: bool = False
    """Whether the next run of the page draws the screen before the bar, because its answer is waited for there."""

    # --- the project ---------------------------------------------------------------------------

    def open(self, project_id: str) -> None:
        """Looks at this project from now on, with what other tabs did to it; SpecError when it is not here."""
        if self.document is not None and self.project_id == project_id:
            if self.document.refresh() and self.notice is None and self.clash is None:
                label = self.document.undo_label
                self.say(f"Changed elsewhere meanwhile{f': {label}' if label else ''}.")
            return
        self.document = Document(project_id)
        self.clash = None
        store.opened(project_id)
        self.project_id = project_id
        self.run_id = self.network_name = self.selected_layer = ""
        self.remembered = _read_view(project_id)

    def close(self) -> None:
        """Looks at no project any more."""
        self.document = self.clash = None
        self.project_id = self.run_id = self.network_name = self.selected_layer = ""
        self.remembered = {}

    @property
    def project(self) -> Project:
        """The project as it is now; SpecError when none is open."""
        if self.document is None:
            raise SpecError("No project is open. Open one on the Start page.")
        return self.document.project

    @property
    def network(self) -> Network:
        """The network looked at: the chosen one, else the first."""
        return self.project.network(self.network_name) or self.project.networks[0]

    def apply(self, edit: Edit) -> bool:
        """Applies an edit and saves it; False, with a notice or a clash saying why, when it was not."""
        return self.apply_together((edit,), "")

    def apply_together(self, edits: Iterable[Edit], words: str) -> bool:
        """Applies several edits as one step of the history; one edit alone has its own words.

        A change made on an older version than another window has saved waits as `clash` for the person's word.
        """
        if self.document is None:
            return False
        document, all_edits = self.document, tuple(edits)

        def act(base: int | None) -> None:
            if words:
                document.replace(apply_all(all_edits, document.project), words, base_revision=base)
            else:
                document.apply(all_edits[0], base_revision=base)

        return self._do(act, words or all_edits[0].label(document.project), document.revision)

    def put_in_place(self, project: Project, words: str) -> bool:
        """Makes another whole project (a version, a run's drawing) the present one, as one undoable step."""
        if self.document is None:
            return False
        document = self.document
        return self._do(
            lambda base: document.replace(project, words, base_revision=base),
            words,
            document.revision,
        )

    def go_to(self, step: int) -> bool:
        """Undoes or redoes up to a step of the history in one act; redo stays possible."""
        if self.document is None:
            return False
        try:
            self.document.go_to(step, base_revision=self.revision)
        except ConflictError as error:
            self._told_elsewhere(error)
        except BuilderError as error:
            self.say(str(error), is_error=True)
        else:
            return True
        return False

    def _do(self, act: Callable[[int | None], object], label: str, base: int | None) -> bool:
        try:
            act(base)
        except ConflictError as error:
            theirs = error.since[-1] if error.since else ""
            self.clash = Clash(label, theirs, lambda: self._do(act, label, None))
            return False
        except BuilderError as error:
            self.save_error = str(error) if isinstance(error, StorageError) else ""
            self.say(str(error), is_error=True)
            return False
        self.save_error = ""
        return True

    def undo(self) -> str | None:
        """Takes the last edit back, whatever part of the project it changed; its label."""
        return self._step(self.document.undo) if self.document is not None else None

    def redo(self) -> str | None:
        """Does the last undone edit again; its label."""
        return self._step(self.document.redo) if self.document is not None else None

    def _step(self, step: Callable[[int], str | None]) -> str | None:
        """Undoes or redoes what this window shows as next; what another one did meanwhile is only told."""
        try:
            return step(self.revision)
        except ConflictError as error:
            self._told_elsewhere(error)
            return None

    def _told_elsewhere(self, error: ConflictError) -> None:
        what = f": {error.since[-1]}" if error.since else ""
        self.say(f"Changed in another window meanwhile{what}. Look at it and press again.")

    @property
    def revision(self) -> int:
        """The number of the project's present version; 0 when none is open."""
        return self.document.revision if self.document is not None else 0

    @property
    def folder(self) -> str:
        """Where the open project is kept on disk."""
        return str(store.info(self.project_id).folder) if self.project_id else ""

    # --- runs ----------------------------------------------------------------------------------

    def runs(self) -> list[Run]:
        """The runs of this project, latest first."""
        return runs_store.list_runs(self.project_id) if self.project_id else []

    @property
    def run(self) -> Run | None:
        """The run looked at: the one in the URL, else the project's latest; None when there is none."""
        if self.run_id:
            try:
                return runs_store.by_id(self.run_id)
            except BuilderError:
                self.run_id = ""
        return next(iter(self.runs()), None)

    # --- the sidecar ---------------------------------------------------------------------------

    @property
    def sidecar(self) -> Sidecar:
        """The warm torch process beside this server, shared by all sessions."""
        return _sidecar()

    def report(self, wait: float = 0.4) -> ProjectReport | None:
        """The check of the project as it is now, or of a moment ago while the new one is on its way.

        Waits `wait` seconds at most; None while there has been none at all. `report_pending` tells
        whether the answer is about an older drawing. Silenced hints are left out; `silent` has them.
        """
        report = self._reports().get(self.project_id, self.project, wait=wait)
        return report and silence.quiet(report, silence.marks(self.recall(_SILENCED)))

    def silent(self) -> tuple[Problem, ...]:
        """The hints of this project that were asked to keep quiet and would speak now."""
        report = self._reports().get(self.project_id, self.project, wait=0.0)
        return silence.silent(report, silence.marks(self.recall(_SILENCED))) if report else ()

    def mute(self, problem: Problem) -> None:
        """Lets a hint no longer show at this layer, over reloads."""
        self._keep_quiet(silence.marks(self.recall(_SILENCED)) | {silence.mark(problem)})

    def hear(self, problem: Problem) -> None:
        """Lets a silenced hint show again."""
        self._keep_quiet(silence.marks(self.recall(_SILENCED)) - {silence.mark(problem)})

    def _keep_quiet(self, marks: set[silence.Mark]) -> None:
        self.remember(_SILENCED, [list(one) for one in sorted(marks)])

    def report_pending(self) -> bool:
        """Whether the check of the project as it is now has not arrived yet."""
        return self._reports().pending(self.project_id, self.project)

    def report_error(self) -> str:
        """Why the last check could not be made, in a sentence; empty when it could."""
        return self._reports().error(self.project_id, self.project)

    def report_of(self, key: str, project: Project, wait: float = 0.0) -> ProjectReport | None:
        """The check of another project, such as a version; None while it is on its way or cannot be made.

        `key` names what is checked: a newer question under the same key takes the place of an older one.
        """
        return self._reports().exact(f"{self.project_id}{key}", project, wait=wait)

    def report_of_pending(self, key: str, project: Project) -> bool:
        """Whether the check asked for with `report_of` is still on its way."""
        return self._reports().pending(f"{self.project_id}{key}", project)

    def _reports(self) -> Reports:
        return _reports(str(workspace()))

    # --- small memories ------------------------------------------------------------------------

    def say(
        self, text: str, *, undo: Callable[[], None] | None = None, is_error: bool = False
    ) -> None:
        """Shows a sentence above the content for ten seconds, with an Undo button when `undo` is given."""
        self.notice = Notice(text, undo, is_error, time.monotonic() + NOTICE_SECONDS)

    def remember(self, name: str, value: bool | int | float | str | list[Any]) -> None:
        """Keeps a fold, tab or choice of this project over reloads."""
        if self.remembered.get(name) != value:
            self.remembered[name] = value
            if self.project_id:
                atomic.write_bytes(_view_file(self.project_id), _json(self.remembered))

    def recall(self, name: str, default: Any = None) -> Any:
        """What `remember` kept under this name, else the default."""
        return self.remembered.get(name, default)


def recalled(project_id: str, name: str, default: Any = None) -> Any:
    """What `remember` kept for a project that need not be open."""
    return _read_view(project_id).get(name, default)


def current() -> State:
    """The state of this browser session."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = State()
    state: State = st.session_state[_KEY]
    return state


def widget(key: str, default: Any = None) -> Any:
    """The value a widget or component with this key holds now."""
    return st.session_state.get(key, default)


def set_widget(key: str, value: Any) -> None:
    """Gives a widget a value; only before it is drawn in this run, or in a callback."""
    st.session_state[key] = value


def forget_widget(key: str) -> None:
    """Lets a widget start afresh."""
    st.session_state.pop(key, None)


def open_from_url() -> str:
    """Takes project and run from the URL, else keeps the session's, and writes both back into the URL.

    Returns a sentence when the URL names something that is not here any more; empty otherwise.
    """
    state = current()
    complaint = ""
    wanted = st.query_params.get("project", state.project_id)
    if wanted:
        try:
            state.open(wanted)
        except BuilderError as error:
            state.close()
            complaint = str(error)
    run_id = st.query_params.get("run", "")
    if run_id and run_id != state.run_id:
        complaint = complaint or _open_run(state, run_id)
    write_url()
    return complaint


def write_url() -> None:
    """Puts the ids of project and run into the URL, so that reload and links show the same."""
    state = current()
    for name, value in (("project", state.project_id), ("run", state.run_id)):
        if st.query_params.get(name, "") == value:
            continue
        if value:
            st.query_params[name] = value
        else:
            del st.query_params[name]


def _open_run(state: State, run_id: str) -> str:
    try:
        run = runs_store.by_id(run_id)
    except BuilderError:
        return "The run in this link is not here any more. The project's other runs are on the Runs page."
    state.run_id = run.id
    if not state.project_id and run.project_id:
        try:
            state.open(run.project_id)
        except BuilderError:
            return "The project of this run is not here any more; the run keeps its own copy."
        state.run_id = run.id
    return ""


@st.cache_resource(show_spinner=False)
def _sidecar() -> Sidecar:
    return shared()


@st.cache_resource(show_spinner=False, max_entries=4)
def _reports(home: str) -> Reports:
    def ask(project_id: str, project: Project) -> ProjectReport | None:
        payload = {"project": project.model_dump(mode="json")}
        answer = _sidecar().latest(project_id, "check", payload, timeout=30.0)
        return None if answer is None else ProjectReport.model_validate_json(_json(answer))

    return Reports(ask)


def warm() -> None:
    """Starts the sidecar and the spare worker, without waiting for them."""
    _sidecar().warm()


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _view_file(project_id: str) -> Path:
    return room("views") / f"{project_id}.json"


def _read_view(project_id: str) -> dict[str, Any]:
    try:
        kept = read_json(_view_file(project_id).read_bytes(), "The view file")
    except (OSError, SpecError):
        return {}
    return kept if isinstance(kept, dict) else {}
