"""The process of one run: takes its lock, waits in line without torch, trains, and leaves one last word."""

import argparse
import contextlib
import json
import os
import select
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from builder.errors import BuilderError
from builder.projects.atomic import sweep
from builder.runs import liveness, tickets
from builder.runs.launch import open_log
from builder.runs.priority import lower
from builder.runs.state import read_raw, write_state
from builder.runs.store import Run
from builder.sidecar.control import STOPPED_AT_ONCE, FileControl
from builder.sidecar.endings import ALREADY_RUNNING, ending_of
from builder.sidecar.recorder import Recorder
from builder.train.control import Control, Wish
from builder.train.events import Ended, Event

Training = Callable[[Path, Control], Iterator[Event]]
"""Prepares the run in a directory and trains it, announcing what happens."""

_GLANCE_SECONDS = 0.05
_MORE_LIKELY_KILLED = "500"
"""When memory runs out, the system ends a run before it ends the server."""


def train(run_path: Path, control: Control) -> Iterator[Event]:
    """The training of this product: what is drawn, on what data, by which recipe, is in the directory."""
    from builder.readiness.compile import prepare_job
    from builder.train.loop import train as loop

    yield from loop(prepare_job(run_path, control=control))


def main(arguments: Sequence[str] | None = None, training: Training = train) -> int:
    """Runs one worker and returns its exit code."""
    parser = argparse.ArgumentParser(prog="builder.sidecar.worker", description=__doc__)
    parser.add_argument("run", nargs="?", type=Path, help="a run directory")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument(
        "--spare", action="store_true", help="get warm, then wait on stdin for a run"
    )
    parser.add_argument("--launch-lock", type=int, help="descriptor to close once the run is ours")
    options = parser.parse_args(arguments)
    if options.spare:
        return _spare(training)
    if options.run is None:
        parser.error("a run directory or --spare is needed")
    path = options.run.resolve()
    control = _taken(path)
    if control is None:
        print(f"Another process has the run {path.name}.", file=sys.stderr)  # noqa: T201 - into the log
        return ALREADY_RUNNING
    if options.launch_lock is not None:
        os.close(options.launch_lock)
    return work(path, control, training)


def work(path: Path, control: FileControl, training: Training) -> int:
    """Waits for a device, then trains the run in `path`, whose lock this process holds; the exit code."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_MORE_LIKELY_KILLED, encoding="ascii")
    try:
        return _attempt(path, control, training)
    except SystemExit:
        _last_word(
            path, "stopped", "It was stopped at once; resume goes on from the last checkpoint.", 42
        )
        return STOPPED_AT_ONCE
    except BaseException as error:  # noqa: BLE001 - the last line of defence: every end has a word
        traceback.print_exc()
        reason, code = ending_of(error, read_raw(path).get("batch_size"))
        _last_word(path, "failed", reason, code)
        return code
    finally:
        # The last word is written: whoever resumes the run need not wait until Python and torch have shut down.
        liveness.let_go(path / liveness.WORKER_LOCK)


def _taken(path: Path) -> FileControl | None:
    """Takes the lock of a run; None when another process has it.

    Signals are listened to first: whoever sees the lock taken may send one at that very moment.
    """
    control = FileControl(path)
    control.listen()
    return control if liveness.take(path / liveness.WORKER_LOCK) else None


def _attempt(path: Path, control: FileControl, training: Training) -> int:
    run = Run(path)
    sweep(path)
    slot = _slot(run, control)
    if slot is None:
        _last_word(path, "stopped", "It was stopped while it waited in line.", 0)
        return 0
    recorder = Recorder(path)
    recorder.enter("starting")
    for event in training(path, _Noted(control, recorder)):
        recorder.record(event)
        if isinstance(event, Ended):
            return int(recorder.state["code"])
    raise RuntimeError("the training ended without saying how")


def _slot(run: Run, control: FileControl) -> str | None:
    """The device slot of this run; the wait costs no torch."""
    info = run.info
    words = {"state": "queued", "reason": "", "launched": True}
    write_state(run.path, {**read_raw(run.path), **words})
    ticket = tickets.join(info.id, run.path, priority=info.priority, device=info.device)
    slot = tickets.wait_for_slot(ticket, control.stop_wanted)
    if slot is not None and info.device in ("auto", "cuda"):
        _show_only(slot)
    return slot


def _show_only(slot: str) -> None:
    """Lets torch see the GPU of the slot and no other; nothing to do for other devices."""
    kind, _, index = slot.partition("-")
    if kind == "cuda":
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        names = [word.strip() for word in visible.split(",")] if visible else None
        os.environ["CUDA_VISIBLE_DEVICES"] = names[int(index)] if names else index


class _Noted:
    """A control that lets the state file say `stopping` and `pausing` as soon as the loop hears of it."""

    def __init__(self, control: FileControl, recorder: Recorder):
        self._control, self._recorder = control, recorder
        self.wait = control.wait

    def poll(self) -> Wish:
        wish = self._control.poll()
        state = self._recorder.state["state"]
        if wish.stop and state in ("running", "paused"):
            self._recorder.enter("stopping")
        elif wish.pause and state == "running":
            self._recorder.enter("pausing")
        return wish


def _last_word(path: Path, state: str, reason: str, code: int) -> None:
    """Writes a terminal state unless there is one; the room kept for it is freed first."""
    raw = read_raw(path)
    (path / "control" / "reserve").unlink(missing_ok=True)
    with contextlib.suppress(
        BuilderError
    ):  # nothing can be written at all: it then reads as interrupted
        if raw.get("state") not in ("finished", "stopped", "failed"):
            ending = {"state": state, "reason": reason, "code": code, "seconds_left": None}
            write_state(path, {**raw, **ending})


def _spare(training: Training) -> int:
    """Imports what every run needs and waits for a run, which it takes before it is warm, too; ends when stdin does."""
    warming = threading.Thread(target=_import_quietly, name="warming")
    warming.start()
    _say({"listening": True})
    while warming.is_alive() and not select.select([sys.stdin], [], [], _GLANCE_SECONDS)[0]:
        pass
    if not warming.is_alive():
        _first_step()
        _say({"ready": True})

    def warm_training(path: Path, control: Control) -> Iterator[Event]:
        warming.join()
        yield from training(path, control)

    line = sys.stdin.readline()
    if not line:
        warming.join()
        return 0
    path = Path(json.loads(line)["run"])
    control = _taken(path)
    _say({"adopted": control is not None})
    if control is None:
        return ALREADY_RUNNING  # whoever asked begins a process of its own
    _turn_to_log(path)
    return work(path, control, warm_training)


def _import_quietly() -> None:
    """The heavy imports, in a thread of low priority: warming up slows no run, and the main thread keeps its own."""
    lower(threading.get_native_id())
    with contextlib.suppress(ImportError):  # the run that meets it tells it
        import torch

        torch.optim.AdamW([torch.zeros(1, requires_grad=True)], lr=0.1)
        import builder.readiness.compile
        import builder.train.loop  # noqa: F401 - imported to be warm


def _first_step() -> None:
    with contextlib.suppress(ImportError):
        import torch

        weight = torch.zeros(2, 2, requires_grad=True)
        optimizer = torch.optim.AdamW([weight], lr=0.1)
        (weight @ weight).sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()


def _turn_to_log(path: Path) -> None:
    """From here on this process belongs to the run: its words go to the log, the server's pipes are let go."""
    log = open_log(path)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.close(nothing)


def _say(words: dict[str, bool]) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
