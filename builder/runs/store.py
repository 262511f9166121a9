"""The runs of the workspace: each a directory that holds everything about one training."""

import contextlib
import importlib.metadata
import json
import platform
import re
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from builder import __version__
from builder.errors import TrainError
from builder.paths import room
from builder.projects import trash
from builder.projects.atomic import refusals_told, sweep, write_json, write_text
from builder.projects.folder import DOCUMENT, locked, random_id
from builder.projects.trash import Trashed
from builder.runs import metrics, tickets
from builder.runs.events import read_events
from builder.runs.facts import FACTS, FORMAT, RunInfo, forget, read_info
from builder.runs.state import RunState, read_state, write_state
from builder.spec.codec import encode, read
from builder.spec.project import Project

__all__ = [
    "LOG",
    "Run",
    "RunInfo",
    "RunState",
    "create",
    "delete",
    "find",
    "list_runs",
    "rebuild_index",
    "restore",
    "tidy",
    "trashed",
]

LOG = "log.txt"
ANSWERS = "answers:"
"""Before a node's key in views/latest.npz: its answers to the first few samples, not the chosen one's output."""
SHOWN, SHOWN_FACTS = "shown.npz", "shown.json"
"""In views/: the samples a recipe shows, by word, and the step they are of."""
_NUMBERS = "numbers.json"
_ID = re.compile(r"^[A-Za-z0-9_-]{1,64}$")
_LOG_TAIL_BYTES = 64 * 1024
_KEPT_KEYS = 200


class Run:
    """One run on disk; cheap to make, everything is read when asked for."""

    def __init__(self, path: Path):
        self.path = path

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and other.path == self.path

    def __hash__(self) -> int:
        return hash(self.path)

    @property
    def info(self) -> RunInfo:
        """What was fixed when the run was made."""
        return read_info(self.path)

    @property
    def id(self) -> str:
        """The run's id, as in links and on the command line."""
        return self.info.id

    @property
    def name(self) -> str:
        """What people call it: `Run 7`, or the name they gave."""
        return self.info.name

    @property
    def number(self) -> int:
        """Its number within the project, from 1."""
        return self.info.number

    @property
    def project_id(self) -> str | None:
        """The project it belongs to; None for a run of a loose file."""
        return self.info.project_id

    @property
    def project(self) -> Project:
        """The project as it was when the run was made."""
        return read(self.path / DOCUMENT)

    def state(self) -> RunState:
        """What it is doing now."""
        problem = self.info.problem
        if problem is not None:
            return RunState("failed", reason=problem)
        state = read_state(self.path)
        return (
            state._replace(position=tickets.position(self.path))
            if state.state == "queued"
            else state
        )

    def is_live(self) -> bool:
        """Whether its process is there, waiting in line included."""
        return self.state().live

    def metrics(self) -> metrics.Metrics:
        """All its numbers; a live page keeps a `metrics.Follower` instead."""
        return metrics.read(self.path)

    def events(self, after: int = -1) -> list[dict[str, Any]]:
        """What happened, in order; only what has a number above `after`."""
        return read_events(self.path / "events.jsonl", after)

    def log_tail(self, lines: int = 50) -> str:
        """The last lines its process printed."""
        with contextlib.suppress(OSError), (self.path / LOG).open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - _LOG_TAIL_BYTES))
            text = file.read().decode("utf-8", errors="replace")
            return "\n".join(deque(text.splitlines(), maxlen=lines))
        return ""

    def results(self, split: str) -> dict[str, Any] | None:
        """What was measured on `validation` or `test`, or None when it was not."""
        with contextlib.suppress(OSError, ValueError):
            value = json.loads((self.path / "results" / f"{split}.json").read_bytes())
            return value if isinstance(value, dict) else None
        return None

    def views(self) -> Path | None:
        """The file with every layer's outputs for the chosen sample, or None when there is none yet."""
        latest = self.path / "views" / "latest.npz"
        return latest if latest.is_file() else None

    def shown(self) -> Path | None:
        """The file with the samples the recipe shows, or None when there is none."""
        path = self.path / "views" / SHOWN
        return path if path.is_file() else None

    def can_resume(self) -> bool:
        """Whether a checkpoint is there to go on from."""
        return (self.path / "checkpoints" / "index.json").is_file()

    def rename(self, name: str) -> None:
        """Gives it another name; an empty one gives `Run 7` back."""
        facts = json.loads((self.path / FACTS).read_bytes())
        wanted = name.strip()[:200] or f"Run {self.number}"
        write_json(self.path / FACTS, {**facts, "name": wanted})
        forget(self.path)


def create(
    project: Project,
    *,
    project_id: str | None = None,
    run_dir: Path | None = None,
    seed: int | None = None,
    device: str | None = None,
    parent: str | None = None,
    start_from: Run | None = None,
    name: str | None = None,
    key: str | None = None,
    priority: int = 50,
) -> Run:
    """A new run with a snapshot of the project, ready for `launch`.

    While a run with the same `key` is not over, that run comes back instead, so that a double click or two
    tabs start one. Lower `priority` goes first in line. `seed` and `device` win over the project's.
    `start_from` is an earlier run: layers it had too begin with its best weights.
    """
    chosen = {"seed": seed, "device": device}
    training = project.training.model_copy(
        update={name: value for name, value in chosen.items() if value is not None}
    )
    project = project.model_copy(update={"training": training})
    folder = room("runs")
    with locked(folder):
        numbers = _numbers(folder)
        earlier = _unfinished(numbers, key)
        if earlier is not None:
            return earlier
        run_id = f"{numbers['next']:06d}-{random_id(8)}"
        number = numbers["projects"].get(project_id or "", 0) + 1
        path = folder / run_id if run_dir is None else _outside(run_dir)
        facts = {
            "format": FORMAT,
            "id": run_id,
            "name": name or f"Run {number}",
            "number": number,
            "created": datetime.now(UTC).isoformat(),
            "project_id": project_id,
            "seed": training.seed,
            "device": training.device,
            "parent": parent or (start_from.id if start_from else None),
            "start_from": str(start_from.path) if start_from else None,
            "key": key,
            "priority": priority,
            "versions": _versions(),
        }
        with refusals_told(path):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            (path / "control").mkdir(mode=0o700)
        write_text(path / DOCUMENT, encode(project))
        epochs = project.training.epochs or 0  # an inferred number is told by the worker
        write_state(path, {"state": "queued", "launched": False, "epochs": epochs})
        write_json(path / FACTS, facts)  # last: a directory without it is not a run
        if run_dir is not None:
            write_json(folder / f"{run_id}.link", {"path": str(path)})
        numbers["next"] += 1
        numbers["projects"][project_id or ""] = number
        if key is not None:
            numbers["keys"] = dict([*numbers["keys"].items(), (key, run_id)][-_KEPT_KEYS:])
        write_json(folder / _NUMBERS, numbers)
    return Run(path)


def find(run_id_or_path: str | Path) -> Run:
    """The run with this id, or in this directory; TrainError when there is none.

    For the command line: what comes out of a URL goes through `by_id`, which opens no paths.
    """
    text = str(run_id_or_path)
    with contextlib.suppress(OSError, ValueError, RuntimeError):  # not even the name of a file
        if _ID.fullmatch(text):
            with contextlib.suppress(TrainError):
                return by_id(text)
        path = Path(text).expanduser()
        if (path / FACTS).is_file():
            return Run(path.resolve())
    raise TrainError(_unknown(text))


def by_id(run_id: str) -> Run:
    """The run with this id in the workspace; TrainError when there is none. An id, never a path."""
    if _ID.fullmatch(run_id):
        folder = room("runs")
        for path in (folder / run_id, _linked(folder / f"{run_id}.link")):
            if path is not None and (path / FACTS).is_file():
                return Run(path)
    raise TrainError(_unknown(run_id))


def _unknown(text: str) -> str:
    return f"There is no run {text[:120]!r}; it was deleted, or the link is wrong."


def list_runs(project_id: str | None = None) -> list[Run]:
    """All runs, newest first; only those of one project when it is given. Unreadable ones are listed too."""
    runs = [Run(path) for path in _paths()]
    infos = {run: run.info for run in runs}
    if project_id is not None:
        runs = [run for run in runs if infos[run].project_id == project_id]
    return sorted(runs, key=lambda run: infos[run].id, reverse=True)


def delete(run: Run) -> None:
    """Moves the run to the trash for thirty days; TrainError while it is live."""
    info = run.info
    if run.is_live():
        raise TrainError(f"{info.name} is still at work; stop it first, then delete it.")
    (room("runs") / f"{info.id}.link").unlink(missing_ok=True)
    tickets.leave(info.id)
    trash.throw_away(run.path, "runs", info.name)


def restore(run_id: str) -> Run:
    """Takes a run back from the trash."""
    return Run(trash.take_back(run_id, "runs", room("runs") / run_id))


def trashed() -> list[Trashed]:
    """Deleted runs that can be restored, last deleted first."""
    return trash.trashed("runs")


def rebuild_index() -> int:
    """Repairs the numbering from the run directories, which are the truth; returns how many runs there are."""
    folder = room("runs")
    with locked(folder):
        forget()
        write_json(folder / _NUMBERS, _counted())
    return len(_paths())


def tidy() -> None:
    """At start-up: removes leftovers of killed writers and what has been in the trash for thirty days."""
    sweep(room("runs"))
    sweep(room("queue"))
    trash.empty_old("runs")


def _paths() -> list[Path]:
    folder = room("runs")
    found = []
    for entry in folder.iterdir():
        if entry.suffix == ".link":
            path = _linked(entry)
            if path is not None and path.is_dir():
                found.append(path)
        elif _ID.fullmatch(entry.name) and (entry / FACTS).exists():
            found.append(entry)
    return found


def _linked(link: Path) -> Path | None:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return Path(json.loads(link.read_bytes())["path"])
    return None


def _outside(run_dir: Path) -> Path:
    path = run_dir.expanduser().resolve()
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise TrainError(f"{path.name} is there already and not empty; choose a new run directory.")
    return path


def _unfinished(numbers: dict[str, Any], key: str | None) -> Run | None:
    with contextlib.suppress(TrainError):
        if key in numbers["keys"]:
            run = find(numbers["keys"][key])
            return None if run.state().over else run
    return None


def _numbers(folder: Path) -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        numbers = json.loads((folder / _NUMBERS).read_bytes())
        return {name: numbers[name] for name in ("next", "projects", "keys")}
    return _counted()


def _counted() -> dict[str, Any]:
    """The numbering as the run directories tell it."""
    last, projects, keys = 0, dict[str, int](), dict[str, str]()
    for path in _paths():
        info = read_info(path)
        sequence = info.id.partition("-")[0]
        last = max(last, int(sequence) if sequence.isdigit() else 0)
        project = info.project_id or ""
        projects[project] = max(projects.get(project, 0), info.number)
        if info.key is not None:
            keys[info.key] = max(keys.get(info.key, ""), info.id)
    return {"next": last + 1, "projects": projects, "keys": keys}


def _versions() -> dict[str, str]:
    versions = {"layerloom": __version__, "python": platform.python_version()}
    for name in ("torch", "numpy"):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[name] = importlib.metadata.version(name)
    return versions
