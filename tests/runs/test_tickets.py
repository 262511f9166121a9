"""The line before the devices: order, and which slots a device word means."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from builder.runs import liveness, store, tickets
from builder.runs.launch import worker_environment
from builder.spec.project import Project


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")


@pytest.fixture
def waiting(request):
    """Makes runs that wait in line with a living process each."""
    processes = []

    def wait(priority=50, device="cpu"):
        run = store.create(Project(), priority=priority)
        code = (
            "import sys, time; from pathlib import Path; from builder.runs import liveness\n"
            f"print(liveness.take(Path({str(run.path)!r}) / 'worker.lock'), flush=True); time.sleep(600)"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, env=worker_environment()
        )
        processes.append(process)
        assert process.stdout.readline() == b"True\n"
        tickets.join(run.id, run.path, priority=priority, device=device)
        return run, process

    yield wait
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


def ticket_of(run):
    return next(ticket for ticket in tickets.line() if ticket.path == run.path)


def test_lower_priority_then_older_goes_first(waiting):
    first, _ = waiting()
    second, _ = waiting()
    urgent, _ = waiting(priority=10)
    assert [tickets.position(run.path) for run in (first, second, urgent)] == [2, 3, 1]


def test_the_ticket_of_a_dead_process_does_not_count_and_keeps_its_place(waiting):
    first, process = waiting()
    second, _ = waiting()
    process.kill()
    process.wait()
    assert tickets.position(first.path) is None
    assert tickets.position(second.path) == 1
    liveness.take(first.path / "worker.lock")
    assert tickets.position(first.path) == 1
    liveness.let_go(first.path / "worker.lock")


def test_only_the_first_in_line_gets_the_slot(waiting):
    first, _ = waiting()
    second, _ = waiting()
    assert not tickets.is_free("cpu")
    assert tickets.take_slot(ticket_of(second)) is None
    assert tickets.take_slot(ticket_of(first)) == "cpu"
    assert tickets.position(first.path) is None
    liveness.let_go(Path(os.environ["LAYERLOOM_HOME"]) / "queue" / "cpu.slot")


def test_runs_for_other_devices_do_not_wait_for_each_other(waiting):
    waiting(device="cuda:0")
    run, _ = waiting(device="cuda:1")
    assert tickets.position(run.path) == 1
    assert tickets.take_slot(ticket_of(run)) == "cuda-1"
    liveness.let_go(Path(os.environ["LAYERLOOM_HOME"]) / "queue" / "cuda-1.slot")


def test_device_words_become_slots(monkeypatch):
    assert tickets.slots_for("cpu") == ("cpu",)
    assert tickets.slots_for("cuda:2") == ("cuda-2",)
    assert tickets.slots_for("auto") == ("cpu",)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,5")
    assert tickets.slots_for("auto") == tickets.slots_for("cuda") == ("cuda-0", "cuda-1")
    assert tickets.device_of("cuda-1") == "cuda:1"


def test_a_free_device_is_free():
    assert tickets.is_free("cpu")
