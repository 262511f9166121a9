"""What people want of a run, read from its control folder and from signals; no torch."""

import json
import signal
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

from builder.runs.launch import PAUSE, STOP, VIEW
from builder.train.control import Wish

STOPPED_AT_ONCE = 42
_PATIENCE_SECONDS = 0.05


class FileControl:
    """The control of a worker: files in `control/`, and SIGTERM as another way to say stop.

    The first SIGTERM asks for the end after the step, with a checkpoint; the second ends the process at once.
    """

    def __init__(self, run_path: Path):
        self.folder = run_path / "control"
        self._told = threading.Event()
        self._terminations = 0
        self._view: tuple[int, int] = (0, 0)
        """Modification time of view.json, and the sample it named."""

    def listen(self) -> None:
        """Lets SIGTERM and SIGINT reach this control; only the main thread may call it."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def poll(self) -> Wish:
        """The wish of this moment: three file stats."""
        return Wish(stop=self.stop_wanted(), pause=self._has(PAUSE), sample=self._sample())

    def wait(self) -> None:
        """Blocks while a pause is wanted and no stop is."""
        while self._has(PAUSE) and not self.stop_wanted():
            self._told.wait(_PATIENCE_SECONDS)

    def stop_wanted(self) -> bool:
        """Whether the run is to end."""
        return self._told.is_set() or self._has(STOP)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._terminations += 1
        if self._terminations > 1:
            raise SystemExit(STOPPED_AT_ONCE)
        self._told.set()

    def _has(self, name: str) -> bool:
        return (self.folder / name).exists()

    def _sample(self) -> int:
        path = self.folder / VIEW
        try:
            modified = path.stat().st_mtime_ns
            if modified != self._view[0]:
                wanted: Any = json.loads(path.read_bytes())["sample"]
                self._view = (modified, max(0, int(wanted)))
        except (OSError, ValueError, KeyError, TypeError):
            return self._view[1]
        return self._view[1]


class Pace:
    """Says yes at most once in so many seconds of the monotonic clock."""

    def __init__(self, seconds: float):
        self.seconds = seconds
        self._next = 0.0

    def due(self) -> bool:
        """Whether it is time again; if so, the waiting begins anew."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self.seconds
        return True
