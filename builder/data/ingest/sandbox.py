"""Runs the reading child: a staging folder, a scrubbed environment, progress lines, one sentence when it fails."""

import contextlib
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil

from builder.data.ingest.found import Progress
from builder.data.ingest.messages import Request, Result
from builder.errors import DataError
from builder.paths import PACKAGE, room
from builder.projects.atomic import refusals_told

_log = logging.getLogger(__name__)

KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT")


@contextlib.contextmanager
def staging_folder() -> Iterator[Path]:
    """A folder in the workspace's data room for arrays in the making; gone afterwards unless it was moved."""
    data = room("data")
    _sweep(data)
    with refusals_told(data):
        folder = Path(tempfile.mkdtemp(dir=data, prefix=f".staging-{os.getpid()}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(request: Request, progress: Progress | None) -> Result:
    """What the child found; DataError with its sentence when it refused, failed or hit a limit."""
    command = [sys.executable, "-P", "-m", "builder.data.ingest.child"]
    with subprocess.Popen(
        command,
        cwd=request.staging,
        env=_environment(request.staging),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    ) as child:
        errors: list[str] = []
        assert child.stdin is not None and child.stdout is not None and child.stderr is not None
        drain = threading.Thread(
            target=lambda: errors.append(child.stderr.read()[-4000:] if child.stderr else "")
        )
        drain.start()
        try:
            child.stdin.write(request.model_dump_json() + "\n")
            child.stdin.close()
            result = _listen(child.stdout, request, progress)
        except BaseException:
            child.kill()
            raise
        finally:
            drain.join()
    if result is None:
        _log.error("The reader of an upload ended with %s: %s", child.returncode, "".join(errors))
        raise DataError(_why_it_died(request.name, child.returncode))
    return result


def _sweep(data: Path) -> None:
    """Removes staging folders of processes that are no longer alive."""
    for orphan in data.glob(".staging-*"):
        pid = orphan.name.split("-")[1]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(orphan, ignore_errors=True)


def _listen(lines: Iterator[str], request: Request, progress: Progress | None) -> Result | None:
    result = None
    for line in lines:
        message = json.loads(line)
        if "progress" in message and progress is not None:
            progress(message["progress"], message["words"])
        if "error" in message:
            raise DataError(str(message["error"]))
        if "result" in message:
            result = Result.model_validate_json(json.dumps(message["result"]))
    return result


def _environment(staging: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {
        **kept,
        **threads,
        "PYTHONPATH": str(PACKAGE.parent),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": staging,
        "LAYERLOOM_HOME": staging,
    }


def _why_it_died(name: str, code: int) -> str:
    if code == -getattr(signal, "SIGXCPU", 24):
        return f"{name} took too long to read and was stopped. Use a part of it."
    if code in (-signal.SIGKILL, -signal.SIGSEGV, -signal.SIGABRT):
        return f"{name} could not be read: reading it needed too much memory. Use a part of it."
    return f"{name} could not be read: the reader stopped unexpectedly. Save the file anew and try again."
