"""Starting, stopping, pausing and resuming runs from outside their process."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Protocol

from builder.errors import TrainError
from builder.paths import PACKAGE
from builder.projects.atomic import refusals_told, write_json
from builder.projects.folder import random_id
from builder.runs import liveness, tickets
from builder.runs.priority import at_normal_priority
from builder.runs.state import OVER, read_raw, write_state
from builder.runs.store import LOG, Run

STOP, PAUSE, VIEW = "stop", "pause", "view.json"
WORKER = (sys.executable, "-m", "builder.sidecar.worker")
"""The command of a run's process; the run directory follows."""

_ARRIVING_SECONDS = 2.0
_LEAVING_SECONDS = 5.0
_APART_SECONDS = 0.1  # equal signals that wait together arrive as one

Process = subprocess.Popen[bytes]


class Spare(Protocol):
    """A process that has torch imported and waits for a run."""

    def adopt(self, run_path: Path, *, resume: bool) -> Process | None:
        """Hands the run over; the process that has its lock now, or None when the spare could not take it."""
        ...


def launch(run: Run, *, spare: Spare | None = None, resume: bool = False) -> None:
    """Gives the run a process of its own, which outlives this one; nothing happens when it has one already.

    The warm spare takes it when a device is free, else a new process that waits in line without torch.
    Raises TrainError when the system refuses to start a process; the run is then failed.
    """
    with liveness.launch_held(run.path) as descriptor:
        if descriptor is None or not _gone(run):
            return
        _clear_wishes(run)
        free = tickets.is_free(run.info.device)
        raw = {
            key: value for key, value in read_raw(run.path).items() if key not in ("code", "reason")
        }
        token = random_id()
        words = {
            **raw,
            "state": "queued",
            "launched": True,
            "resume": resume,
            "pulse": 0,
            "launch": token,
        }
        write_state(run.path, words)
        process = spare.adopt(run.path, resume=resume) if spare is not None and free else None
        if process is None:
            process = _started(run, words, resume=resume, descriptor=descriptor)
    _watch(run, process, token)


def stop(run: Run, *, now: bool = False) -> None:
    """Asks the run to end after its step with a checkpoint; asking again, or when it is over, changes nothing.

    `now` gives up the step and the checkpoint. A run that waits in line ends at once.
    """
    state = run.state()
    lost_its_place = state.state == "interrupted" and read_raw(run.path).get("state") == "queued"
    if state.over and not lost_its_place:
        return
    if not state.live:
        _settle(run, "stopped", "It was stopped before it began.", {})
        return
    asked = _wish(run, STOP)
    pid = _arrived(run)
    if pid is None:
        if not liveness.launching(run.path):  # it never came, or has just ended by itself
            _settle(run, "stopped", "It was stopped before it began.", {})
        return  # still starting: it looks for the wish by itself
    with contextlib.suppress(ProcessLookupError):
        if asked:
            os.kill(pid, signal.SIGTERM)
        if now:
            time.sleep(_APART_SECONDS if asked else 0)
            os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGCONT)  # a suspended process cannot hear


def pause(run: Run) -> None:
    """Asks the run to hold after its step; it keeps its device and everything in memory, and saves a checkpoint."""
    if run.is_live():
        _wish(run, PAUSE)


def resume(run: Run, *, spare: Spare | None = None) -> None:
    """Ends a pause, or goes on from the last checkpoint of a run that was stopped, failed or interrupted.

    A run without a checkpoint begins again. Raises TrainError when the run is finished.
    """
    state = run.state()
    if state.live:
        (run.path / "control" / PAUSE).unlink(missing_ok=True)
    elif state.state == "finished":
        raise TrainError(
            f"{run.name} is finished. To train longer, raise the epochs and train again."
        )
    else:
        launch(run, spare=spare, resume=True)


def choose_view(run: Run, *, sample: int, split: str = "validation") -> None:
    """Chooses the sample whose layer outputs the run shows."""
    write_json(run.path / "control" / VIEW, {"sample": sample, "split": split}, durable=False)


def worker_environment() -> dict[str, str]:
    """The environment of a child that must find `builder`, in a checkout and in a wheel, from any folder."""
    paths = [str(PACKAGE.parent), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(filter(None, paths)))}


def open_log(run_path: Path) -> int:
    """A descriptor that appends to the run's log; not inherited unless asked."""
    with refusals_told(run_path / LOG):
        return os.open(run_path / LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def _started(run: Run, words: dict[str, Any], *, resume: bool, descriptor: int) -> Process:
    command = [*WORKER, str(run.path), "--launch-lock", str(descriptor)]
    if resume:
        command.append("--resume")
    log = open_log(run.path)

    def start() -> Process:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=worker_environment(),
            start_new_session=True,
            close_fds=True,
            pass_fds=(descriptor,),
        )

    try:
        return at_normal_priority(start)
    except OSError as error:
        reason = f"The system could not start a process ({error.strerror}); close other programs and try again."
        write_state(run.path, {**words, "state": "failed", "reason": reason, "code": 1})
        raise TrainError(reason) from error
    finally:
        os.close(log)


def _arrived(run: Run) -> int | None:
    """The pid of the run's process, after the moment that a process just started needs to take its lock."""
    give_up = time.monotonic() + _ARRIVING_SECONDS
    while liveness.launching(run.path) and time.monotonic() < give_up:
        time.sleep(0.01)
    return _worker_of(run)


def _gone(run: Run) -> bool:
    """Whether no process has the run; one that has said its last word gets the moment it needs to leave."""
    give_up = time.monotonic() + _LEAVING_SECONDS
    while _worker_of(run) is not None:
        if read_raw(run.path).get("state") not in OVER or time.monotonic() > give_up:
            return False
        time.sleep(0.01)
    return True


def _watch(run: Run, process: Process, token: str) -> None:
    """Waits for the process in a thread, so that it leaves no zombie, and tells an end without a word."""

    def wait() -> None:
        code = process.wait()
        raw = read_raw(run.path)
        if (
            raw.get("state") in OVER or raw.get("launch") != token
        ):  # told, or another process's turn
            return
        _settle(run, *_end_without_word(code), {"code": code})

    threading.Thread(target=wait, name=f"watch {run.path.name}", daemon=True).start()


def _end_without_word(code: int) -> tuple[str, str]:
    if code == -signal.SIGKILL:
        return "interrupted", (
            "Its process was killed from outside, by a person or by the system for want of memory. "
            "Resume it; if it happens again, lower the batch size."
        )
    if code < 0:
        name = signal.Signals(-code).name
        return "failed", f"Its process crashed ({name}); the last lines of the log may say why."
    return "failed", f"Its process ended (exit code {code}) without saying why; see the log."


def _settle(run: Run, state: str, reason: str, rest: dict[str, Any]) -> None:
    """Writes the last state of a run whose process is gone, while nobody can launch it."""
    with liveness.launch_held(run.path) as descriptor:
        if descriptor is None or _worker_of(run) is not None:
            return
        raw = read_raw(run.path)
        if raw.get("state") not in OVER:
            write_state(run.path, {**raw, "state": state, "reason": reason, **rest})
        tickets.leave(run.id)


def _worker_of(run: Run) -> int | None:
    return liveness.owner(run.path / liveness.WORKER_LOCK)


def _wish(run: Run, name: str) -> bool:
    """Leaves a file in control/; False when it was there already."""
    with refusals_told(run.path / "control" / name):
        try:
            (run.path / "control" / name).touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            return False
        return True


def _clear_wishes(run: Run) -> None:
    for name in (STOP, PAUSE):
        (run.path / "control" / name).unlink(missing_ok=True)
