"""The real training in the real worker: killed, stopped, resumed, handed to the warm spare, opened up."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from builder.data.describe import describe
from builder.readiness.blank import blank_project
from builder.runs import launch, liveness, store
from builder.runs.launch import worker_environment
from builder.sidecar.client import Sidecar
from builder.sidecar.recorder import read_views
from builder.spec.data import BuiltinSource, DataSpec
from builder.spec.training import OptimizerSpec, TrainingSpec

SOAK = Path(__file__).with_name("kill_soak.py")
PATIENCE_SECONDS = 120


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path))
    yield
    for run in store.list_runs():
        pid = liveness.owner(run.path / liveness.WORKER_LOCK)
        if pid not in (None, os.getpid()):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def sidecar():
    made = Sidecar()
    yield made
    made.close()


def project(data="digits", **training):
    data = describe(DataSpec(source=BuiltinSource(name=data)))
    spec = TrainingSpec(**{"epochs": 3, "device": "cpu", **training})
    return blank_project(data, "Digits").model_copy(update={"training": spec})


def until(condition, run):
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up, (run.state(), run.log_tail())
        time.sleep(0.02)


def over(run):
    until(lambda: run.state().over, run)
    return run.state()


def test_twenty_five_kills_leave_a_whole_checkpoint_each_and_the_same_losses(tmp_path):
    environment = worker_environment() | {"OMP_NUM_THREADS": "1"}
    told = subprocess.run(
        [sys.executable, str(SOAK), "25", "20261121"],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert told.returncode == 0, told.stderr[-3000:]
    answer = json.loads(told.stdout)
    assert (answer["calm"], answer["stormy"]) == ("finished", "finished")
    assert answer["same"], "losses differ, or the curve has a hole or a duplicate"
    assert answer["left"] == []
    kills = [line for line in answer["told"] if line[0] != "finished"]
    assert len(kills) == 25
    assert {state for state, _, _, _ in kills} == {"interrupted"}
    assert all(refused == [] for _, _, _, refused in kills)
    saved = [step for _, _, step, _ in kills]
    assert saved == sorted(saved)
    assert saved[-1] > 0


def test_a_run_is_taken_by_a_spare_that_still_warms_up(sidecar):
    run = store.create(project())
    until(lambda: sidecar.spare() is not None, run)
    spare = sidecar.spare()
    assert not spare.is_ready()
    launch.launch(run, spare=spare)
    assert liveness.owner(run.path / liveness.WORKER_LOCK) == spare.pid
    assert not spare.is_free()
    assert over(run).state == "finished", run.log_tail()


def test_a_run_stopped_while_its_spare_warms_up_is_stopped(sidecar):
    run = store.create(project())
    until(lambda: sidecar.spare() is not None, run)
    launch.launch(run, spare=sidecar.spare())
    launch.stop(run)
    assert over(run).state == "stopped", run.log_tail()


def test_a_run_goes_through_the_warm_spare_and_can_be_asked_about(sidecar):
    run = store.create(project())
    assert sidecar.spare() is None
    sidecar.warm()
    until(lambda: (spare := sidecar.spare()) is not None and spare.is_ready(), run)
    spare = sidecar.spare()
    assert os.getpriority(os.PRIO_PROCESS, spare.pid) == os.getpriority(os.PRIO_PROCESS, 0)
    launch.launch(run, spare=spare)
    pid = liveness.owner(run.path / liveness.WORKER_LOCK)
    assert pid in (spare.pid, None)  # None: so quick that it is over
    assert over(run).state == "finished", run.log_tail()
    assert len(run.metrics().steps) == run.state().steps

    recorded = read_views(run.views())
    layers = {name: values for name, values in recorded.items() if ":" not in name}
    answer = sidecar.request("views", {"run": run.id, "sample": 0})
    assert set(read_views(answer["path"])) == set(layers)
    assert all(np.isfinite(values).all() for values in layers.values())

    digit = np.zeros((8, 8), dtype="uint8").tolist()
    told = sidecar.request("predict", {"run": run.id, "inputs": [digit, digit]})
    assert len(told["predictions"]) == 2
    assert sum(told["predictions"][0]["probabilities"].values()) == pytest.approx(1)

    source = sidecar.request("code", {"project": run.project.model_dump(mode="json")})
    assert source["text"] == (run.path / "model.py").read_text()
    line = source["lines"]["network"]["linear1"]
    assert "linear1" in source["text"].splitlines()[line - 1]


def test_a_loss_that_is_not_a_number_ends_the_run_with_its_own_code():
    optimizer = OptimizerSpec(kind="sgd", learning_rate=10.0)
    run = store.create(project("diabetes", epochs=200, optimizer=optimizer))
    launch.launch(run)
    state = over(run)
    assert (state.state, state.code) == ("failed", 45), (state, run.log_tail())


def test_a_drawing_with_errors_fails_with_its_first_problem():
    good = project()
    network = good.networks[0]
    cut = network.model_copy(update={"wires": network.wires[:1]})
    run = store.create(good.with_network(cut))
    launch.launch(run)
    state = over(run)
    assert state.state == "failed"
    assert state.reason
    assert "Traceback" not in state.reason


def test_too_little_memory_is_told_with_the_batch_size(tmp_path):
    run = store.create(project(epochs=2))
    code = (
        "import resource, sys; from builder.sidecar import worker; from builder.readiness.compile import prepare_job\n"
        "from builder.train import loop; import torch\n"
        "def training(path, control):\n"
        "    job = prepare_job(path, control=control)\n"
        "    for event in loop.train(job):\n"
        "        yield event\n"
        "        torch.empty(2 ** 50)\n"
        "sys.exit(worker.main(sys.argv[1:], training=training))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(run.path)], env=worker_environment(), check=False
    )
    state = run.state()
    assert (done.returncode, state.state, state.code) == (43, "failed", 43)
    assert "Lower the batch size (now" in state.reason
