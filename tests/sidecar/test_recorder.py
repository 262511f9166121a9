"""Events of the training loop become files that the web process reads."""

import json

import numpy as np
import pytest

from builder.runs.metrics import read
from builder.runs.state import read_raw
from builder.runs.store import create
from builder.sidecar.recorder import Recorder, packed, read_views
from builder.spec.project import Project
from builder.train import events
from builder.train.events import LayerNumbers


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path))
    return create(Project())


def steps(numbers, **more):
    numbers = np.asarray(numbers)
    return events.StepsDone(
        step=int(numbers[-1]), seconds=1.0, epoch=0, steps=numbers, losses=numbers * 0.5,
        learning_rates=numbers * 0.1, samples_per_second=64.0, seconds_left=2.0, **more,
    )  # fmt: skip


def test_numbers_are_readable_before_the_next_event_is_asked_for(run):
    recorder = Recorder(run.path)
    recorder.enter("running")
    recorder.record(steps([1, 2, 3]))
    assert list(read(run.path).steps.column("loss")) == [0.5, 1.0, 1.5]
    recorder.record(steps([4], more_losses={"discriminator": np.array([7.0])}))
    table = read(run.path).steps
    assert table.last("loss/discriminator") == 7.0
    assert np.isnan(table.column("loss/discriminator")[0])


def test_layers_of_the_first_network_go_by_node_and_others_by_network_and_node(run):
    recorder = Recorder(run.path)
    numbers = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
    layers = (LayerNumbers("generator", "a", *numbers), LayerNumbers("critic", "b", *numbers))
    recorder.record(events.LayersMeasured(step=3, seconds=1.0, layers=layers, gradient_norm=9.0))
    table = read(run.path).layers
    assert table.last("a/gradient_norm") == 1.0
    assert table.last("critic/b/dead_share") == 6.0
    assert table.last("gradient_norm") == 9.0


def test_the_best_value_is_that_of_the_best_epoch(run):
    recorder = Recorder(run.path)
    for epoch, (value, best) in enumerate([(0.5, True), (0.9, True), (0.7, False)], start=1):
        recorder.record(
            events.EpochEnded(
                step=epoch, seconds=1.0, epoch=epoch, train={"loss": 1.0},
                validation={"accuracy": value}, metric="accuracy", best=best,
            )
        )  # fmt: skip
    recorder.record(events.Finished(step=3, seconds=1.0, reason="Finished: all 3 epochs are done."))
    state = run.state()
    assert (state.state, state.best, state.metric, state.early) == (
        "finished",
        0.9,
        "accuracy",
        False,
    )
    assert list(read(run.path).epochs.column("validation/accuracy")) == [0.5, 0.9, 0.7]


def test_a_value_that_is_not_finite_leaves_a_state_file_that_is_strict_json(run):
    recorder = Recorder(run.path)
    recorder.record(
        events.EpochEnded(
            step=1, seconds=1.0, epoch=1, train={}, validation={"loss": float("nan")},
            metric="loss", best=True,
        )
    )  # fmt: skip
    recorder.record(
        events.Failed(step=1, seconds=1.0, reason="The loss was not a number at step 1.")
    )
    raw = read_raw(run.path)
    assert (raw["best"], raw["code"]) == (None, 45)
    json.loads((run.path / "state.json").read_text(), parse_constant=pytest.fail)


def test_each_start_is_an_attempt_of_its_own(run):
    assert [Recorder(run.path).attempt for _ in range(3)] == [1, 2, 3]


def test_views_come_back_by_any_name(run, tmp_path):
    arrays = {"file": np.ones(3, "float16"), "critic/a": np.zeros((2, 2), "float16")}
    recorder = Recorder(run.path)
    shapes = {"file": (3,), "critic/a": (4, 4)}
    recorder.record(events.ViewsTaken(step=5, seconds=1.0, sample=2, outputs=arrays, shapes=shapes))
    again = read_views(run.views())
    assert {name: array.tolist() for name, array in again.items()} == {
        name: array.tolist() for name, array in arrays.items()
    }
    facts = json.loads((run.path / "views" / "latest.json").read_text())
    assert facts == {"sample": 2, "step": 5, "shapes": {"file": [3], "critic/a": [4, 4]}}
    assert packed({})
