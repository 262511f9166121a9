"""The pace is chosen in the open, and trying, laying out and resuming change nothing but time."""

import copy

import pytest
import torch
from torch import nn

from builder.spec.network import Expr
from builder.train import events, speed
from builder.train.build import build_job
from builder.train.loop import train
from builder.train.speed import Pace

from .test_probes import digits_project

SIMPLE, THREADS = Pace(1), Pace(2)
LAST, BOTH = Pace(1, "channels_last"), Pace(2, "channels_last")
ALL = (SIMPLE, THREADS, LAST, BOTH)


def losses(job):
    return [
        float(loss).hex()
        for event in train(job)
        if isinstance(event, events.StepsDone)
        for loss in event.losses
    ]


@pytest.fixture(autouse=True)
def calm(monkeypatch):
    monkeypatch.setattr(speed._Others, "share", lambda self: 0.0)


@pytest.fixture
def pace_of(monkeypatch):
    """Seconds of a step by pace, in place of a clock."""
    known = {}

    def trial_at(pace):
        def trial():
            trial.pace = pace

        trial.pace = pace
        return trial

    monkeypatch.setattr(speed, "_seconds", lambda trial: known[trial.pace])
    return known, trial_at


def best(pace_of, key, paces=ALL):
    return speed.best_pace(paces, pace_of[1], key=key)


def test_a_pace_is_measured_once_and_then_remembered(pace_of):
    pace_of[0].update({SIMPLE: 2.0, THREADS: 1.0, LAST: 2.0, BOTH: 1.5})
    found, why = best(pace_of, "once")
    assert found == THREADS
    assert why.startswith("measured (1 thread: 2000.00 ms")
    pace_of[0].update({SIMPLE: 1.0, THREADS: 2.0})
    assert best(pace_of, "once") == (THREADS, "measured in an earlier run")


def test_a_pace_found_on_a_busy_machine_is_not_remembered(pace_of, monkeypatch):
    monkeypatch.setattr(speed._Others, "share", lambda self: 0.5)
    pace_of[0].update({SIMPLE: 1.0, THREADS: 2.0, LAST: 1.0, BOTH: 2.0})
    found, why = best(pace_of, "busy")
    assert found == SIMPLE
    assert "busy" in why
    pace_of[0].update({SIMPLE: 2.0, THREADS: 1.0})
    assert best(pace_of, "busy")[0] == THREADS


@pytest.mark.parametrize(
    ("seconds", "chosen"),
    [
        ((1.0, 0.9, 1.0, 0.9), SIMPLE),
        ((1.0, 0.5, 1.0, 0.6), THREADS),
        ((1.0, 1.0, 0.9, 0.89), LAST),
        ((1.0, 0.6, 0.9, 0.5), BOTH),
        ((1.0, 0.6, 0.59, 0.59), THREADS),
    ],
)
def test_more_threads_must_be_clearly_faster_and_another_layout_noticeably(
    pace_of, seconds, chosen
):
    pace_of[0].update(zip(ALL, seconds, strict=True))
    assert best(pace_of, f"{seconds}")[0] == chosen


def test_a_machine_with_one_way_tries_nothing():
    assert speed.best_pace((SIMPLE,), lambda pace: pytest.fail("tried"), key="one")[0] == SIMPLE


def convolutions():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 8, 3), nn.Flatten()
    )


def test_only_two_dimensional_convolutions_have_a_choice_of_layout(monkeypatch):
    monkeypatch.setattr(speed, "cores", lambda: 2)
    assert speed.possible_paces({"n": convolutions()}) == ALL
    assert speed.possible_paces({"n": nn.Linear(4, 4)}) == (SIMPLE, THREADS)


def test_a_layout_changes_no_value_and_every_map_follows_it():
    network = convolutions()
    before = copy.deepcopy(network.state_dict())
    parameters = list(network.parameters())
    speed.lay_out({"n": network}, "channels_last")
    assert all(a is b for a, b in zip(parameters, network.parameters(), strict=True))
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    maps = network[0](torch.rand(2, 1, 8, 8))
    assert maps.stride()[1] == 1, "the first convolution, of one channel, must lay its maps out too"


CONVOLUTIONS = (
    ("conv1", "conv2d", {"out_channels": 8, "kernel_size": 3}),
    ("norm1", "batch_norm2d", {}),
    ("relu1", "relu", {}),
    ("dropout1", "dropout", {"p": 0.2}),
    ("pool1", "max_pool2d", {"kernel_size": 2}),
    ("conv2", "conv2d", {"out_channels": 16, "kernel_size": 3}),
    ("flatten1", "flatten", {}),
    ("linear1", "linear", {"out_features": Expr(expr="classes")}),
)


def images_project(**training):
    return digits_project(CONVOLUTIONS, deterministic=False, **training)


def choose(monkeypatch, pace):
    def tried(paces, trial_at, *, key):
        for one in paces:
            trial = trial_at(one)
            for _ in range(2):
                trial()
        return pace, "tried"

    monkeypatch.setattr(speed, "cores", lambda: 2)
    monkeypatch.setattr(speed, "best_pace", tried)


def test_trying_paces_changes_no_loss(monkeypatch):
    monkeypatch.setattr(speed, "best_pace", lambda paces, trial_at, *, key: (SIMPLE, "told"))
    untried = losses(build_job(images_project(epochs=1)))
    choose(monkeypatch, SIMPLE)
    assert losses(build_job(images_project(epochs=1))) == untried


def test_a_resume_in_channels_last_is_bit_identical(monkeypatch, tmp_path):
    monkeypatch.setattr("builder.train.loop.ATTEND_SECONDS", 0.0)
    choose(monkeypatch, LAST)
    whole = losses(build_job(images_project(epochs=2)))
    job = build_job(images_project(epochs=2), folder=tmp_path)
    assert job.progress.layout == "channels_last"
    real = job.learner.step

    def stopping(inputs, target):
        if job.progress.step + 1 == 9:
            job.control.stop()
        return real(inputs, target)

    job.learner.step = stopping
    first = losses(job)
    choose(monkeypatch, SIMPLE)  # a resume takes what the run began with
    rest = losses(build_job(images_project(epochs=2), folder=tmp_path))
    assert 0 < len(first) < len(whole)
    assert first + rest == whole


def test_optimizer_moments_lie_like_their_weights():
    network = convolutions()
    speed.lay_out({"n": network}, "channels_last")
    optimizer = torch.optim.AdamW(network.parameters(), fused=True)
    network(torch.rand(2, 1, 8, 8)).sum().backward()
    optimizer.step()
    state = copy.deepcopy(optimizer.state_dict())
    for moments in state["state"].values():
        moments["exp_avg"] = moments["exp_avg"].contiguous()
    optimizer.load_state_dict(state)
    speed.align_state(optimizer)
    for parameter in network.parameters():
        assert optimizer.state[parameter]["exp_avg"].stride() == parameter.stride()
