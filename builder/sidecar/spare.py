"""One warm worker kept ready, so that a click on Train has its first point within a second; no torch here."""

import contextlib
import json
import queue
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from builder.runs import launch
from builder.runs.launch import Process, worker_environment
from builder.runs.priority import at_normal_priority
from builder.sidecar.lane import Lines

ADOPT_SECONDS = 10.0
"""Importing torch can keep it from answering for a moment."""


class WarmWorker:
    """A process that imports torch and waits for a run; it ends when this process does, unless it has one.

    It takes a run while it still warms up, too: that is sooner than a cold process beside it.
    """

    def __init__(self, on_taken: Callable[[], None] = lambda: None) -> None:
        self._on_taken = on_taken
        self._process: Process = at_normal_priority(self._start)
        assert self._process.stdout is not None
        self._lines = Lines(self._process.stdout)
        self._listening = threading.Event()
        self._ready = threading.Event()
        self._answers: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._taken = False
        threading.Thread(target=self._listen, name="spare", daemon=True).start()

    @property
    def pid(self) -> int:
        """Of the process, also after it has adopted a run."""
        return self._process.pid

    def is_free(self) -> bool:
        """Whether it can be given a run, warm or not."""
        return self._listening.is_set() and not self._taken and self._process.poll() is None

    def is_ready(self) -> bool:
        """Whether it is warm and free."""
        return self._ready.is_set() and self.is_free()

    def is_taken(self) -> bool:
        """Whether it has, or had, a run."""
        return self._taken

    def has_died(self) -> bool:
        """Whether it ended without having been given a run."""
        return not self._taken and self._process.poll() is not None

    def wait_ready(self, seconds: float) -> bool:
        """Waits until it is warm; False when it is not by then."""
        return self._ready.wait(seconds)

    def adopt(self, run_path: Path, *, resume: bool) -> Process | None:
        """Hands the run over; None when it could not take it, and then it never will."""
        with self._lock:
            if not self.is_free():
                return None
            self._taken = True
            self._on_taken()
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            words = {"run": str(run_path), "resume": resume}
            adopted = False
            with contextlib.suppress(BrokenPipeError, queue.Empty):
                self._process.stdin.write(json.dumps(words).encode() + b"\n")
                self._process.stdin.flush()
                adopted = self._answers.get(timeout=ADOPT_SECONDS)
            if not adopted:
                self.stop()
                return None
            self._process.stdin.close()  # from now on it belongs to the run
            return self._process

    def stop(self) -> None:
        """Ends it; not to be called once it has a run."""
        self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):  # what it did not read any more
                self._process.stdin.close()

    def _start(self) -> Process:
        return subprocess.Popen(
            [*launch.WORKER, "--spare"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=worker_environment(),
            start_new_session=True,
        )

    def _listen(self) -> None:
        """Takes what it says: that it listens, that it is warm, and whether it took the run."""
        with contextlib.suppress(ValueError):
            while answer := self._lines.next(None):
                if answer.get("listening"):
                    self._listening.set()
                if answer.get("ready"):
                    self._ready.set()
                if "adopted" in answer:
                    self._answers.put(bool(answer["adopted"]))
