"""Whether a run's process is alive, by a lock that the kernel lets go of when the process ends."""

import contextlib
import fcntl
import os
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from builder.projects.atomic import refusals_told

WORKER_LOCK = "worker.lock"
LAUNCH_LOCK = "launch.lock"

_LINUX_FLOCK = "hhqqi4x"  # l_type, l_whence, l_start, l_len, l_pid
_BSD_FLOCK = "qqihh"  # l_start, l_len, l_pid, l_type, l_whence

_held: dict[str, int] = {}
"""Locks this process owns. Opening and closing such a file again would let go of its lock (POSIX), so
readers in this process look here first."""


def take(path: Path) -> bool:
    """Takes the lock for the life of this process; False when another process has it."""
    key = str(path.resolve())
    if key in _held:
        return True
    with refusals_told(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return False
    _held[key] = descriptor
    return True


def let_go(path: Path) -> None:
    """Gives a lock of this process back."""
    descriptor = _held.pop(str(path.resolve()), None)
    if descriptor is not None:
        os.close(descriptor)


def owner(path: Path) -> int | None:
    """The pid of the process that has the lock now, or None; asks the kernel and takes nothing."""
    if str(path.resolve()) in _held:
        return os.getpid()
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return None
    try:
        return _asked(descriptor)
    finally:
        os.close(descriptor)


def _asked(descriptor: int) -> int | None:
    if sys.platform == "darwin":
        asked = struct.pack(_BSD_FLOCK, 0, 0, 0, fcntl.F_WRLCK, os.SEEK_SET)
        answer = struct.unpack(_BSD_FLOCK, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
        kind, pid = answer[3], answer[2]
    else:
        asked = struct.pack(_LINUX_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        answer = struct.unpack(_LINUX_FLOCK, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
        kind, pid = answer[0], answer[4]
    return None if kind == fcntl.F_UNLCK else int(pid)


def launching(run_path: Path) -> bool:
    """Whether somebody has just started a process for the run that has not taken the worker lock yet."""
    try:
        descriptor = os.open(run_path / LAUNCH_LOCK, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def launch_held(run_path: Path) -> Iterator[int | None]:
    """Gives the descriptor of the launch lock, to be inherited by the process that is started; None when it is held.

    `flock` belongs to the open file, so the lock lives on in a child that inherits the descriptor, and
    the kernel frees it when the child closes it or dies.
    """
    path = run_path / LAUNCH_LOCK
    with refusals_told(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield descriptor if _locked_alone(descriptor) else None
    finally:
        os.close(descriptor)


def _locked_alone(descriptor: int) -> bool:
    for _ in range(
        200
    ):  # readers hold it for microseconds, another launch until its child has arrived
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.005)
    return False


def suspended(pid: int) -> bool:
    """Whether the process was halted by a signal (SIGSTOP); False where the system does not tell."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] in "Tt"
