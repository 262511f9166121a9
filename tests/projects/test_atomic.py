"""Writing files: whole or not at all, whatever the disk does."""

import errno
import os
import stat
import subprocess
import sys

import pytest

from builder.errors import StorageError
from builder.projects import atomic

CALLS = ("write", "fsync", "fchmod", "replace")


class FailingDisk:
    """Makes the n-th call among write, fsync, fchmod and replace fail with `number`."""

    def __init__(self, monkeypatch, nth, number=errno.EIO):
        self.left, self.number, self.failed = nth, number, False
        for name in CALLS:
            monkeypatch.setattr(atomic.os, name, self._wrapped(getattr(os, name)))

    def _wrapped(self, call):
        def maybe(*arguments):
            self.left -= 1
            if self.left == 0:
                self.failed = True
                raise OSError(self.number, os.strerror(self.number))
            return call(*arguments)

        return maybe


def test_a_written_file_is_private_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        atomic.write_bytes(tmp_path / "a", b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


def test_no_failure_at_any_step_of_a_write_loses_the_older_file_or_leaves_a_leftover(
    tmp_path, monkeypatch
):
    path = tmp_path / "file.json"
    atomic.write_bytes(path, b"old")
    nth = 1
    while True:
        with monkeypatch.context() as patch:
            disk = FailingDisk(patch, nth)
            try:
                atomic.write_bytes(path, b"new and longer")
            except StorageError as error:
                assert "file.json" in str(error)
        if not disk.failed:
            break
        assert path.read_bytes() in (b"old", b"new and longer")
        assert [entry.name for entry in tmp_path.iterdir()] == ["file.json"]
        nth += 1
    assert nth > len(CALLS)
    assert path.read_bytes() == b"new and longer"


def test_a_failed_append_leaves_only_whole_lines(tmp_path, monkeypatch):
    path = tmp_path / "lines.jsonl"
    atomic.append_line(path, {"n": 1})
    for nth in (1, 2):
        with monkeypatch.context() as patch:
            FailingDisk(patch, nth, errno.ENOSPC)
            with pytest.raises(StorageError, match="disk is full"):
                atomic.append_line(path, {"n": 2})
        assert path.read_bytes() == b'{"n": 1}\n'


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "The disk is full: file.json needs 2.0 kB and"),
        (errno.EFBIG, "The disk is full"),
        (errno.EACCES, "may not write"),
        (errno.EROFS, "may not write"),
        (errno.ENAMETOOLONG, "too long"),
        (errno.ENOENT, "folder is gone"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_every_refusal_of_the_disk_is_a_sentence(tmp_path, monkeypatch, number, words):
    FailingDisk(monkeypatch, 1, number)
    with pytest.raises(StorageError) as caught:
        atomic.write_bytes(tmp_path / "file.json", b"x" * 2000)
    assert words in str(caught.value)


def test_a_real_file_size_limit_is_told_and_keeps_the_older_file(tmp_path):
    path = tmp_path / "big"
    path.write_bytes(b"old")
    code = (
        "import resource, sys; from pathlib import Path; from builder.projects.atomic import write_bytes\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        f"try: write_bytes(Path({str(path)!r}), b'x' * 5000)\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.startswith("StorageError The disk is full"), told
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["big"]


def test_a_name_too_long_is_told(tmp_path):
    with pytest.raises(StorageError, match="too long"):
        atomic.write_bytes(tmp_path / ("x" * 300), b"x")


def test_the_sweep_takes_leftovers_of_the_dead_and_leaves_those_of_the_living(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    (tmp_path / "deep").mkdir()
    dead = tmp_path / "deep" / f"{atomic.PREFIX}{process.pid}-abc"
    living = tmp_path / f"{atomic.PREFIX}{os.getpid()}-abc"
    for path in (dead, living, tmp_path / "kept"):
        path.touch()
    assert atomic.sweep(tmp_path) == 1
    assert living.exists()
    assert not dead.exists()


def test_nan_is_not_written_as_json(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        atomic.write_json(tmp_path / "a", {"x": float("nan")})
