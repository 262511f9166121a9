"""How a run that could not go on ends: one state, one sentence, one exit code; no torch."""

import errno
from collections.abc import Callable
from typing import NamedTuple

from builder.errors import BuilderError, DataError, StorageError

OUT_OF_MEMORY, OUT_OF_GPU_MEMORY, NOT_A_NUMBER, DISK, BAD_DATA, ALREADY_RUNNING = range(43, 49)


class Ending(NamedTuple):
    """Why it is over, for people, and the exit code for machines."""

    reason: str
    code: int


def ending_of(error: BaseException, batch_size: int | None) -> Ending:
    """The ending that an exception means."""
    for fits, ending in _ENDINGS:
        if fits(error):
            return ending(error, batch_size)
    return Ending(
        f"Training stopped on an unexpected fault ({type(error).__name__}: {_line(error)}). "
        "The log of the run has the details.",
        1,
    )


def sentence_of(error: BaseException, log: str) -> str:
    """What an exception means for a request that is not a run; `log` names where the details are."""
    if _is_memory(error) or _is_gpu_memory(error):
        return "This machine's memory is not enough for this. Make the network smaller."
    if isinstance(error, StorageError | ImportError) or _is_disk(error):
        return ending_of(error, None).reason
    return f"This met an unexpected fault ({type(error).__name__}: {_line(error)}); {log} has the details."


def _memory(error: BaseException, batch_size: int | None) -> Ending:
    return Ending(_too_large("This machine's memory", batch_size), OUT_OF_MEMORY)


def _gpu_memory(error: BaseException, batch_size: int | None) -> Ending:
    return Ending(_too_large("The GPU's memory", batch_size), OUT_OF_GPU_MEMORY)


def _too_large(what: str, batch_size: int | None) -> str:
    now = f" (now {batch_size})" if batch_size else ""
    return (
        f"{what} is not enough for this run. Lower the batch size{now} or make the network smaller."
    )


def _missing(error: BaseException, batch_size: int | None) -> Ending:
    name = getattr(error, "name", None) or _line(error)
    return Ending(
        f"A part of the installation cannot be loaded ({name}). Install LayerLoom again, then resume.",
        1,
    )


def _disk(error: BaseException, batch_size: int | None) -> Ending:
    if isinstance(error, StorageError):
        return Ending(str(error), DISK)
    return Ending(
        "The disk is full. Free some space, then resume; the last checkpoint is intact.", DISK
    )


def _is_disk(error: BaseException) -> bool:
    numbers = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return isinstance(error, StorageError) or (
        isinstance(error, OSError) and error.errno in numbers
    )


def _is_memory(error: BaseException) -> bool:
    return isinstance(error, MemoryError) or "DefaultCPUAllocator" in str(error)


def _is_gpu_memory(error: BaseException) -> bool:
    """By name, so that a worker that could not import torch can still say why."""
    return type(error).__name__ in ("OutOfMemoryError", "AcceleratorError") and "memory" in str(
        error
    )


def _line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or ["no message"])[0][:200]


_ENDINGS: tuple[
    tuple[Callable[[BaseException], bool], Callable[[BaseException, int | None], Ending]], ...
] = (
    (_is_disk, _disk),
    (_is_gpu_memory, _gpu_memory),
    (_is_memory, _memory),
    (lambda error: isinstance(error, DataError), lambda error, size: Ending(str(error), BAD_DATA)),
    (lambda error: isinstance(error, BuilderError), lambda error, size: Ending(str(error), 1)),
    (lambda error: isinstance(error, ImportError), _missing),
)
"""First that fits wins."""
