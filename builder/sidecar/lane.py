"""One sidecar process seen from the server: started when needed, asked one thing at a time, ended when it hangs."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from typing import IO, Any

import psutil

from builder.errors import BuilderError
from builder.paths import room
from builder.runs.launch import worker_environment
from builder.sidecar.endings import OUT_OF_MEMORY
from builder.sidecar.kinds import Kind

START_SECONDS = 120.0
_MAX_LOG_BYTES = 2_000_000
_GONE = object()


class SidecarError(BuilderError):
    """The sidecar could not answer; `fault` is the name of the error it met, if it met one."""

    def __init__(self, message: str, fault: str = ""):
        super().__init__(message)
        self.fault = fault


class _ProcessGoneError(SidecarError):
    """The process ended without an answer."""


class Lines:
    """The JSON lines a process prints, read in a thread so that waiting for one can end."""

    def __init__(self, stream: IO[bytes]):
        self._lines: queue.SimpleQueue[Any] = queue.SimpleQueue()
        threading.Thread(target=self._read, args=(stream,), name="lines", daemon=True).start()

    def next(self, seconds: float | None) -> Any:
        """The next line's value; None when the process ended, TimeoutError when it says nothing in time."""
        try:
            line = self._lines.get(timeout=None if seconds is None else max(seconds, 0.001))
        except queue.Empty:
            raise TimeoutError from None
        if line is _GONE:
            self._lines.put(_GONE)
            return None
        return json.loads(line)

    def _read(self, stream: IO[bytes]) -> None:
        with contextlib.suppress(OSError), stream:
            for line in stream:
                self._lines.put(line)
        self._lines.put(_GONE)


class Lane:
    """A process that answers requests of one lane, one after the other, from any thread."""

    def __init__(
        self, name: str, memory_bytes: int | None = None, idle_seconds: float | None = None
    ):
        self.name = name
        self.memory_bytes = memory_bytes or psutil.virtual_memory().total // 2
        self.idle_seconds = idle_seconds
        self.lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: Lines | None = None
        self._asked = 0
        self._idle: threading.Timer | None = None

    @property
    def pid(self) -> int | None:
        """The pid of the process, or None while there is none."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Starts the process unless it lives, and waits until it is warm; the caller holds `lock`."""
        if self._process is not None and self._process.poll() is None:
            return
        self.stop()
        command = [sys.executable, "-m", "builder.sidecar.serve", str(self.memory_bytes), self.name]
        log = _log()
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=worker_environment(),
                start_new_session=True,  # Ctrl-C is for the server, whose end closes our input
            )
        except OSError as error:
            raise SidecarError(
                f"The process that checks networks cannot start: {error}."
            ) from error
        finally:
            os.close(log)
        assert self._process.stdout is not None
        self._lines = Lines(self._process.stdout)
        self._expect(START_SECONDS, "Starting")

    def ask(self, kind: Kind, payload: dict[str, Any], seconds: float) -> dict[str, Any]:
        """The answer; SidecarError when there is none in time. The caller holds `lock`.

        A process that was killed while it had nothing to do is replaced without a word.
        """
        try:
            answer = self._asked_once(kind, payload, seconds)
        except _ProcessGoneError:
            answer = self._asked_once(kind, payload, seconds)
        self.rest()
        if "error" in answer:
            raise SidecarError(str(answer["error"]), str(answer.get("type", "")))
        result: dict[str, Any] = answer["result"]
        return result

    def _asked_once(self, kind: Kind, payload: dict[str, Any], seconds: float) -> dict[str, Any]:
        self.start()
        assert self._process is not None
        assert self._process.stdin is not None
        self._asked += 1
        question = {"id": self._asked, "kind": kind.name, "payload": payload}
        with contextlib.suppress(BrokenPipeError):  # it then prints nothing, which is noticed below
            self._process.stdin.write(json.dumps(question).encode() + b"\n")
            self._process.stdin.flush()
        return self._expect(seconds, kind.doing)

    def stop(self) -> None:
        """Ends the process, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        if process.stdin is not None:
            with contextlib.suppress(OSError):  # what it did not read any more
                process.stdin.close()

    def _expect(self, seconds: float, doing: str) -> dict[str, Any]:
        assert self._lines is not None
        assert self._process is not None
        try:
            answer = self._lines.next(seconds)
        except TimeoutError:
            self.stop()
            raise SidecarError(
                f"{doing} took longer than {seconds:.0f} s and was ended. Make the network smaller, or try again."
            ) from None
        if answer is not None:
            plain: dict[str, Any] = answer
            return plain
        code = self._process.wait()
        self.stop()
        if code == OUT_OF_MEMORY:
            raise SidecarError(
                f"{doing} needs more than {self.memory_bytes / 1e9:.1f} GB of memory. Make the network smaller."
            )
        raise _ProcessGoneError(
            f"{doing} ended the process that does it (exit code {code}). Try again."
        )

    def rest(self) -> None:
        """Lets the process go after a while without requests, where that is wanted; the caller holds `lock`."""
        if self.idle_seconds is None:
            return
        if self._idle is not None:
            self._idle.cancel()
        self._idle = threading.Timer(self.idle_seconds, self._stop_idle, (self._asked,))
        self._idle.daemon = True
        self._idle.start()

    def _stop_idle(self, asked: int) -> None:
        with self.lock:
            if self._asked == asked:
                self.stop()


def acquire(lane: Lane, kind: Kind, seconds: float) -> None:
    """Takes the lane's lock; SidecarError when others keep it longer than `seconds`."""
    started = time.monotonic()
    if not lane.lock.acquire(timeout=seconds):
        waited = time.monotonic() - started
        raise SidecarError(
            f"{kind.doing} waited {waited:.0f} s behind other work. Try again in a moment."
        )


def _log() -> int:
    path = room("logs") / "sidecar.log"
    if path.exists() and path.stat().st_size > _MAX_LOG_BYTES:
        path.unlink()
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
