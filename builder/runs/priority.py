"""Lets the server yield to the workers while the workers it starts do not.

A process that has lowered its priority cannot raise it again, nor can its children. On Linux priority belongs to
threads, and a child starts with that of the thread which started it: so one launcher thread
keeps normal priority and starts the workers, and all other threads of the server yield.
"""

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
LOW = 10

_lock = threading.Lock()
_launcher: ThreadPoolExecutor | None = None


def lower_this_process() -> None:
    """Lowers the priority of every thread of this process but the launcher; nothing happens where only Linux can."""
    global _launcher  # noqa: PLW0603 - one launcher a process
    if sys.platform != "linux":
        return
    with _lock:
        if _launcher is None:
            if os.getpriority(os.PRIO_PROCESS, 0) >= LOW:
                return  # started so by somebody else: there is no normal priority to keep
            _launcher = ThreadPoolExecutor(max_workers=1, thread_name_prefix="launcher")
        keep = _launcher.submit(threading.get_native_id).result()
        for task in Path("/proc/self/task").iterdir():
            if int(task.name) != keep:
                lower(int(task.name))


def lower(thread: int = 0) -> None:
    """Lowers one thread of this process by its native id; 0 is the calling one."""
    with contextlib.suppress(OSError):  # it may have ended meanwhile
        if os.getpriority(os.PRIO_PROCESS, thread) < LOW:
            os.setpriority(os.PRIO_PROCESS, thread, LOW)


def at_normal_priority(act: Callable[[], T]) -> T:
    """What `act` returns; it runs in the launcher thread when this process has lowered its priority."""
    return act() if _launcher is None else _launcher.submit(act).result()
