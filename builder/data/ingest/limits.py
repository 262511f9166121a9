"""What a process that reads uploads may use: memory, time, file size, open files."""

import os
import sys

MEMORY = 2 * 1024**3
FILE_SIZE = 17 * 1024**3
OPEN_FILES = 64
SECONDS = 60
"""CPU seconds for any file; each megabyte adds one."""


def apply_limits(file_size: int) -> None:
    """Limits this process for good; where the system has no such limits (Windows), only the niceness is missing too."""
    if sys.platform == "win32":
        return
    import resource

    seconds = SECONDS + file_size // 1_000_000
    limits = {
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: FILE_SIZE,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    if sys.platform == "linux":  # macOS counts address space in another way
        limits[resource.RLIMIT_AS] = MEMORY
    for which, wanted in limits.items():
        _, hard = resource.getrlimit(which)
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(which, (value, value))
    os.nice(5)
