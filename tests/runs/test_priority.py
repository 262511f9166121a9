"""The server yields, the workers it starts do not."""

import os
import subprocess
import sys

import pytest

from builder.runs.launch import worker_environment

CODE = """
import os, subprocess, sys, threading
from builder.runs.priority import at_normal_priority, lower_this_process
show = [sys.executable, "-c", "import os; print(os.getpriority(os.PRIO_PROCESS, 0))"]
threading.Thread(target=threading.Event().wait, daemon=True).start()
lower_this_process()
lower_this_process()
run = lambda: int(subprocess.run(show, capture_output=True, check=True).stdout)
print(os.getpriority(os.PRIO_PROCESS, 0), run(), at_normal_priority(run))
"""


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux gives threads priorities of their own"
)
def test_children_started_by_the_launcher_keep_the_priority_that_the_server_gave_up():
    told = subprocess.run(
        [sys.executable, "-c", CODE],
        capture_output=True,
        text=True,
        check=True,
        env=worker_environment(),
    )
    own, ordinary, launched = map(int, told.stdout.split())
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert own == ordinary >= 10
    assert launched == ours
