"""The worker's process, driven with a fake training: every way to live, end and die."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from builder.runs import launch, liveness, queue, store
from builder.runs.events import read_events
from builder.runs.state import read_raw
from builder.spec.project import Project

FAKE = str(Path(__file__).with_name("fake_worker.py"))
PATIENCE_SECONDS = 30


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(launch, "WORKER", (sys.executable, FAKE))
    yield
    for run in store.list_runs():
        pid = liveness.owner(run.path / liveness.WORKER_LOCK)
        if pid not in (None, os.getpid()):
            os.kill(pid, signal.SIGKILL)


def made(**plan):
    run = store.create(Project())
    (run.path / "fake.json").write_text(json.dumps(plan))
    return run


def started(**plan):
    run = made(**plan)
    launch.launch(run)
    return run


def until(condition, run=None):
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up, run and (run.state(), run.log_tail())
        time.sleep(0.01)


def reached(run, *states):
    until(lambda: run.state().state in states, run)
    return run.state()


def at_work(run, step=3):
    until(lambda: run.state().state == "running" and run.state().step >= step, run)
    return liveness.owner(run.path / liveness.WORKER_LOCK)


def test_a_run_goes_from_its_launch_to_a_finish_with_all_its_numbers():
    run = started(steps=50)
    assert run.state().live
    state = reached(run, "finished")
    assert (state.step, state.epoch, state.best, state.metric) == (50, 5, 1.0, "accuracy")
    metrics = run.metrics()
    assert list(metrics.steps.column("step")) == list(range(1, 51))
    assert list(metrics.epochs.column("validation/accuracy")) == [0.2, 0.4, 0.6, 0.8, 1.0]
    assert run.events()[0]["kind"] == "started"
    assert run.events()[-1]["kind"] == "finished"


def test_a_killed_worker_is_shown_as_interrupted_and_resumes_without_hole_or_duplicate():
    run = started(steps=200)
    os.kill(at_work(run, 25), signal.SIGKILL)
    state = reached(run, "interrupted")
    assert not state.live
    assert state.saved_step >= 20
    launch.resume(run)
    assert reached(run, "finished").attempt == 2
    assert list(run.metrics().steps.column("step")) == list(range(1, 201))


def test_stop_saves_a_checkpoint_and_asking_twice_or_later_changes_nothing():
    run = started(steps=2000)
    at_work(run)
    launch.stop(run)
    launch.stop(run)
    state = reached(run, "stopped")
    assert state.reason == "Stopped by you."
    assert state.saved_step == state.step
    launch.stop(run)
    assert run.state() == state


def test_a_stopped_run_goes_on_from_its_checkpoint():
    run = started(steps=100)
    at_work(run)
    launch.stop(run)
    reached(run, "stopped")
    launch.resume(run)
    assert reached(run, "finished").step == 100
    assert [e["kind"] for e in run.events() if e["kind"] in ("started", "resumed")] == [
        "started",
        "resumed",
    ]


def test_stop_now_ends_the_process_at_once_with_its_own_exit_code():
    run = started(steps=50, seconds=30)
    until(lambda: run.state().state == "running", run)
    launch.stop(run, now=True)
    assert reached(run, "stopped").code == 42


def test_sigterm_alone_is_a_polite_stop():
    run = started(steps=2000)
    os.kill(at_work(run), signal.SIGTERM)
    assert reached(run, "stopped").code == 0


def test_pause_holds_and_resume_goes_on_in_the_same_attempt():
    run = started(steps=150)
    at_work(run)
    launch.pause(run)
    step = reached(run, "paused").step
    time.sleep(0.1)
    assert run.state().step == step
    launch.resume(run)
    state = reached(run, "finished")
    assert (state.step, state.attempt) == (150, 1)


def test_a_paused_run_can_be_stopped():
    run = started(steps=500)
    at_work(run)
    launch.pause(run)
    reached(run, "paused")
    launch.stop(run)
    assert reached(run, "stopped").saved_step


def test_a_suspended_worker_is_not_responding_and_not_dead():
    run = started(steps=300)
    pid = at_work(run)
    os.kill(pid, signal.SIGSTOP)
    until(lambda: not run.state().responding, run)
    assert run.state().live
    os.kill(pid, signal.SIGCONT)
    until(lambda: run.state().responding, run)
    assert reached(run, "finished").step == 300


def test_a_worker_whose_counter_stands_still_is_not_responding(monkeypatch):
    from builder.runs import state

    run = started(steps=50, seconds=60)
    reached(run, "running")
    assert run.state().responding
    monkeypatch.setattr(state, "QUIET_SECONDS", 0.0)
    assert not run.state().responding
    launch.stop(run, now=True)


def test_a_second_worker_on_the_same_run_refuses():
    run = started(steps=200)
    at_work(run)
    second = subprocess.run(
        [sys.executable, FAKE, str(run.path)],
        capture_output=True,
        check=False,
        env=launch.worker_environment(),
    )
    assert second.returncode == 48
    assert reached(run, "finished").attempt == 1


def test_launching_twice_starts_one_process():
    run = made(steps=50)
    launch.launch(run)
    launch.launch(run)
    reached(run, "finished")
    assert [path.name for path in (run.path / "metrics").iterdir()] == ["1"]


def test_stale_files_of_a_killed_worker_need_no_cleaning():
    run = started(steps=100)
    os.kill(at_work(run), signal.SIGKILL)
    reached(run, "interrupted")
    (run.path / "control" / "stop").touch()
    (run.path / ".tmp-999999999-left").touch()
    launch.resume(run)
    assert reached(run, "finished").step == 100
    assert not (run.path / ".tmp-999999999-left").exists()


@pytest.mark.parametrize(
    ("fault", "state", "code", "words"),
    [
        ("memory", "failed", 43, "Lower the batch size (now 64)"),
        ("disk", "failed", 46, "The disk is full"),
        ("data", "failed", 47, "The file is gone. Choose it again."),
        ("import", "failed", 1, "a_module_that_is_not_there"),
        ("bug", "failed", 1, "ValueError: surprise"),
        ("silence", "failed", 1, "RuntimeError"),
        ("0", "failed", 0, "without saying why"),
        ("3", "failed", 3, "without saying why"),
        ("segfault", "failed", -11, "SIGSEGV"),
        ("killed", "interrupted", -9, "killed from outside"),
    ],
)
def test_every_end_has_one_state_one_sentence_and_no_traceback(fault, state, code, words):
    run = started(steps=50, **{"raise": fault})
    until(lambda: read_raw(run.path).get("code") is not None and run.state().over, run)
    end = run.state()
    assert (end.state, end.code) == (state, code)
    assert words in end.reason
    assert "Traceback" not in end.reason
    assert not end.live


def test_a_full_disk_under_the_numbers_ends_the_run_with_its_checkpoint_intact():
    run = started(steps=2000, seconds=0.001, limit=10_000)
    state = reached(run, "failed")
    assert state.code == 46
    assert "The disk is full: steps.f64 needs" in state.reason
    assert state.saved_step >= 100  # how far beyond depends on how fast this machine saves
    assert (len(run.metrics().steps) + 1) * 48 > 10_000 - 48
    assert not list(run.path.rglob(".tmp-*"))


def test_a_run_that_lost_its_place_in_line_can_be_stopped_and_is_not_started_again():
    first = started(steps=2000)
    at_work(first)
    second = started(steps=20)
    until(lambda: second.state().position == 1)
    os.kill(liveness.owner(second.path / liveness.WORKER_LOCK), signal.SIGKILL)
    until(lambda: read_raw(second.path)["state"] == "interrupted")  # told by this process's watcher
    raw = read_raw(second.path)
    (second.path / "state.json").write_text(json.dumps({**raw, "state": "queued"}))
    launch.stop(second)
    assert second.state().state == "stopped"
    assert queue.relaunch_orphans() == []
    launch.stop(first)


def test_a_traceback_is_only_in_the_log():
    run = started(**{"raise": "bug"})
    reached(run, "failed")
    assert "Traceback" in run.log_tail()
    assert "surprise" in run.log_tail()


def test_the_worker_outlives_the_server_and_its_process_group():
    run = made(steps=400)
    code = (
        "import sys, time; from builder.runs import launch, store; "
        f"launch.WORKER = (sys.executable, {FAKE!r}); "
        f"launch.launch(store.find({run.id!r})); print('started', flush=True); time.sleep(600)"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        env=launch.worker_environment(),
        start_new_session=True,
    )
    assert server.stdout.readline() == b"started\n"
    at_work(run)
    os.killpg(server.pid, signal.SIGINT)
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()
    server.stdout.close()
    assert reached(run, "finished").step == 400


def test_runs_wait_in_line_in_their_order_and_one_in_the_middle_can_leave():
    first = started(steps=2000)
    at_work(first)
    others = [started(steps=20) for _ in range(4)]
    until(lambda: [run.state().position for run in others] == [1, 2, 3, 4])
    assert all(run.state().live for run in others)
    launch.stop(others[1])
    reached(others[1], "stopped")
    until(lambda: [run.state().position for run in others] == [1, None, 2, 3])
    launch.stop(first)
    for run in (others[0], others[2], others[3]):
        reached(run, "finished")
    begun = [read_events(run.path / "events.jsonl")[0]["at"] for run in (others[0], *others[2:])]
    assert begun == sorted(begun)


def test_a_waiting_worker_has_not_imported_torch():
    first = started(steps=2000)
    at_work(first)
    second = started(steps=20)
    until(lambda: second.state().position == 1)
    pid = liveness.owner(second.path / liveness.WORKER_LOCK)
    assert "libtorch" not in Path(f"/proc/{pid}/maps").read_text()
    launch.stop(second)
    launch.stop(first)


def test_queued_runs_survive_the_death_of_every_process_in_their_order():
    first = started(steps=2000)
    at_work(first)
    waiting = [started(steps=20) for _ in range(5)]
    until(lambda: [run.state().position for run in waiting] == [1, 2, 3, 4, 5])
    for run in (first, *waiting):
        os.kill(liveness.owner(run.path / liveness.WORKER_LOCK), signal.SIGKILL)
    # The watcher of this process may call a killed one interrupted; a killed server has no watcher.
    until(lambda: all(run.state().state == "interrupted" for run in waiting))
    for run in waiting:
        raw = read_raw(run.path)
        (run.path / "state.json").write_text(json.dumps({**raw, "state": "queued"}))
        assert "place in line" in run.state().reason
    assert queue.relaunch_orphans() == waiting
    assert queue.relaunch_orphans() == []
    for run in waiting:
        assert reached(run, "finished").attempt == 1
    assert first.state().state == "interrupted"


def test_a_flood_of_words_does_not_fill_the_disk(tmp_path):
    from builder.sidecar import recorder

    log = tmp_path / "log.txt"
    line = "x" * 99 + "\n"
    log.write_text(line * 100_000 + "the end\n")
    recorder.cap_log(log)
    assert log.stat().st_size < recorder.KEPT_LOG_BYTES + 100
    assert log.read_text().endswith("the end\n")
