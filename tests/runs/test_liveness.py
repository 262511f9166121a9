"""Locks tell who is alive, and are freed by the kernel alone."""

import os
import signal
import subprocess
import sys

from builder.runs import liveness
from builder.runs.launch import worker_environment

HOLD = (
    "import sys, time; from pathlib import Path; from builder.runs import liveness\n"
    "print(liveness.take(Path(sys.argv[1])), flush=True); time.sleep(600)"
)


def holder(path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, env=worker_environment()
    )
    answer = process.stdout.readline().strip()
    return process, answer == b"True"


def ended(process):
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


def test_the_owner_is_known_while_it_lives_and_gone_at_once_when_killed(tmp_path):
    lock = tmp_path / "worker.lock"
    assert liveness.owner(lock) is None
    process, has_it = holder(lock)
    assert has_it
    assert liveness.owner(lock) == process.pid
    assert not liveness.take(lock)
    ended(process)
    assert liveness.owner(lock) is None
    assert liveness.take(lock)
    liveness.let_go(lock)


def test_asking_in_the_owning_process_does_not_let_go_of_the_lock(tmp_path):
    lock = tmp_path / "worker.lock"
    assert liveness.take(lock)
    assert liveness.owner(lock) == os.getpid()
    process, got_it = holder(lock)
    ended(process)
    assert not got_it
    liveness.let_go(lock)
    assert liveness.owner(lock) is None


def test_the_launch_lock_lives_on_in_the_child_that_inherits_it(tmp_path):
    assert not liveness.launching(tmp_path)
    with liveness.launch_held(tmp_path) as descriptor:
        assert liveness.launching(tmp_path)
        with liveness.launch_held(tmp_path) as second:
            assert second is None
        child = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(600)"], pass_fds=(descriptor,)
        )
    assert liveness.launching(tmp_path)
    child.kill()
    child.wait()
    assert not liveness.launching(tmp_path)


def test_a_suspended_process_is_recognised():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    assert not liveness.suspended(process.pid)
    process.send_signal(signal.SIGSTOP)
    os.waitpid(process.pid, os.WUNTRACED)
    assert liveness.suspended(process.pid)
    process.kill()
    process.wait()
    assert not liveness.suspended(process.pid)
