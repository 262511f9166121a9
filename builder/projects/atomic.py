"""The one way a file of ours is written: whole or not at all, and told in a sentence when the disk refuses."""

import contextlib
import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from builder.errors import StorageError

PREFIX = ".tmp-"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


def write_bytes(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Replaces `path` by `data`, mode 0600; a reader and a crash see the old file or the new one, nothing between.

    `durable=False` leaves out the fsyncs: for state that is rewritten several times a second, where
    losing the newest version in a power cut is fine and a torn one is not.
    Raises StorageError, with the older file intact and no leftover, when the disk refuses.
    """
    with refusals_told(path, needed=len(data)):
        _write(path, data, durable=durable)


def write_text(path: Path, text: str, *, durable: bool = True) -> None:
    """Like `write_bytes`, for UTF-8 text."""
    write_bytes(path, text.encode(), durable=durable)


def write_json(path: Path, value: Any, *, durable: bool = True) -> None:
    """Like `write_bytes`, for a JSON value; NaN and infinity are refused (they are not JSON)."""
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
    write_bytes(path, text.encode() + b"\n", durable=durable)


def append_line(path: Path, value: Any, *, durable: bool = True) -> int:
    """Adds one JSON line in one write, synced when `durable`; returns the file's new size in bytes."""
    line = json.dumps(value, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    with refusals_told(path, needed=len(line)):
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            start = os.fstat(descriptor).st_size
            try:
                _write_all(descriptor, line)
                if durable:
                    os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, start)  # a half line would hide the next one
                raise
            return start + len(line)
        finally:
            os.close(descriptor)


def sweep(folder: Path) -> int:
    """Removes temporary files that writers who are no longer alive left under `folder`; returns how many."""
    removed = 0
    for orphan in folder.rglob(f"{PREFIX}*"):
        pid = orphan.name.removeprefix(PREFIX).split("-")[0]
        if orphan.is_dir() or (pid.isdigit() and psutil.pid_exists(int(pid))):
            continue
        with contextlib.suppress(OSError):
            orphan.unlink()
            removed += 1
    return removed


@contextlib.contextmanager
def refusals_told(path: Path, *, needed: int = 0) -> Iterator[None]:
    """Turns an OSError inside the block into a StorageError about `path`; `needed` is in bytes."""
    try:
        yield
    except OSError as error:
        raise storage_error(error, path, needed=needed) from error


def storage_error(error: OSError, path: Path, *, needed: int = 0) -> StorageError:
    """The sentence for a refusal of the disk: what, why, what to do."""
    name = path.name if len(path.name) <= 80 else f"{path.name[:77]}..."
    if error.errno in _FULL:
        return StorageError(
            f"The disk is full: {name} needs {_size(needed)} and {_size(_free(path))} are free. "
            "Free some space and try again; what was saved before is untouched."
        )
    if error.errno in _FORBIDDEN:
        return StorageError(
            f"{name} could not be written: LayerLoom may not write in its folder. "
            "Give it write permission, or choose another workspace with --workspace."
        )
    if error.errno == errno.ENAMETOOLONG:
        return StorageError(
            f"The file name {name} is too long for this disk; choose a shorter one."
        )
    if error.errno == errno.ENOENT:
        return StorageError(
            f"{name} could not be written: its folder is gone. Restore it or save anew."
        )
    reason = error.strerror or type(error).__name__
    return StorageError(
        f"{name} could not be written: the disk said “{reason}”. Check the disk; "
        "what was saved before is untouched."
    )


def _write(path: Path, data: bytes, *, durable: bool) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f"{PREFIX}{os.getpid()}-")
    temporary = Path(name)
    try:
        try:
            _write_all(descriptor, data)
            if durable:
                os.fsync(descriptor)
            os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
        os.replace(temporary, path)  # noqa: PTH105 - a named fault point of the sweep test
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    if durable:
        _sync_folder(path.parent)


def _write_all(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _free(path: Path) -> int:
    try:
        return shutil.disk_usage(path.parent).free
    except OSError:
        return 0


def _size(count: int) -> str:
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= scale:
            return f"{count / scale:.1f} {unit}"
    return f"{count} bytes"
