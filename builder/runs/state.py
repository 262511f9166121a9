"""What a run is doing now, from its state file and the kernel's word on whether its process lives."""

import contextlib
import json
import time
from pathlib import Path
from typing import Any, NamedTuple

from builder.projects.atomic import write_json
from builder.runs import liveness
from builder.runs.events import plain_json

STATE = "state.json"
LIVE = ("queued", "starting", "running", "pausing", "paused", "stopping")
OVER = ("finished", "stopped", "failed", "interrupted")
QUIET_SECONDS = 20.0
"""A training process whose progress counter stands still this long is shown as not responding."""

_watched: dict[str, tuple[int, float]] = {}
"""Run path to (progress counter, when this process first saw it, monotonic seconds)."""


class RunState(NamedTuple):
    """One moment of a run; counts are 0 and times None until known."""

    state: str
    reason: str = ""
    """One sentence for people; empty when the state says it all."""
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps: int = 0
    seconds: float | None = None
    seconds_left: float | None = None
    best: float | None = None
    """Best value of `metric` on validation so far."""
    metric: str = ""
    attempt: int = 1
    live: bool = False
    responding: bool = True
    position: int | None = None
    """1-based place in line while queued."""
    code: int | None = None
    """Exit code of the worker, once over."""
    device: str = ""
    """In words: `CPU · 2 cores`."""
    saved_step: int | None = None
    """Step of the last checkpoint, from which it can be resumed."""
    steps_per_epoch: int = 0
    samples_per_second: float | None = None
    early: bool = False
    """Finished by its own rules before the last epoch."""

    @property
    def over(self) -> bool:
        """Whether nothing will happen any more unless somebody resumes it."""
        return self.state in OVER


def write_state(run_path: Path, values: dict[str, Any], *, durable: bool = True) -> None:
    """Replaces state.json; the keys are fields of RunState and `pulse`, the progress counter."""
    plain, _ = plain_json(values)
    write_json(run_path / STATE, plain, durable=durable)


def read_raw(run_path: Path) -> dict[str, Any]:
    """The state file as written; empty when there is none or it is damaged."""
    with contextlib.suppress(OSError, ValueError):
        values = json.loads((run_path / STATE).read_bytes())
        if isinstance(values, dict):
            return values
    return {}


def read_state(run_path: Path) -> RunState:
    """The truth about a run now: a state that claims life without a living process reads as interrupted."""
    # In this order: a worker takes its lock before the launch lock is let go, and writes its last state
    # before its lock is let go.
    launching = liveness.launching(run_path)
    pid = liveness.owner(run_path / liveness.WORKER_LOCK)
    raw = read_raw(run_path)
    state = _from(raw)
    if state.over and launching:
        return state._replace(state="starting", reason="", live=True, code=None)
    if state.over or not raw.get("launched", True):
        return state
    if pid is None and not launching:
        return state._replace(state="interrupted", reason=_lost(state), seconds_left=None)
    responding = pid is None or _responds(run_path, raw, state, pid)
    return state._replace(live=True, responding=responding)


def _from(raw: dict[str, Any]) -> RunState:
    known = {name: raw[name] for name in RunState._fields if name in raw}
    known["state"] = known.get("state") if known.get("state") in (*LIVE, *OVER) else "queued"
    return RunState(**{**known, "live": False, "responding": True, "position": None})


def _lost(state: RunState) -> str:
    if state.state == "queued":
        return "Its place in line was kept, but the program that waited there has ended. Start it again."
    if state.saved_step:
        return f"Its process ended without a word. Resume it from step {state.saved_step:,}."
    return "Its process ended without a word before the first checkpoint. Start it again."


def _responds(run_path: Path, raw: dict[str, Any], state: RunState, pid: int) -> bool:
    if liveness.suspended(pid):
        return False
    key, pulse, now = str(run_path), int(raw.get("pulse", 0)), time.monotonic()
    seen = _watched.get(key)
    if seen is None or seen[0] != pulse or state.state != "running":
        _watched[key] = (pulse, now)
        return True
    return now - seen[1] < QUIET_SECONDS
