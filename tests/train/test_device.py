"""The device is chosen in the open, and measuring leaves nothing behind."""

import pytest
import torch

from builder.errors import TrainError
from builder.train import device, events
from builder.train.build import build_job
from builder.train.loop import train

from .test_probes import digits_project


def losses(job):
    return [
        float(loss).hex()
        for event in train(job)
        if isinstance(event, events.StepsDone)
        for loss in event.losses
    ]


def test_auto_finds_something_and_names_it():
    found = device.choose("auto")
    assert found.words
    assert torch.zeros(1, device=found.torch).sum() == 0


def test_a_device_that_is_not_there_is_refused_with_a_way_out():
    with pytest.raises(TrainError, match="auto"):
        device.choose("cuda:63")


def test_the_thread_count_is_measured_once_and_then_remembered(monkeypatch):
    monkeypatch.setattr(device, "cores", lambda: 2)
    calls = []
    first, why = device.best_threads(lambda: calls.append(1), key="k")
    measured = len(calls)
    again, because = device.best_threads(lambda: calls.append(1), key="k")
    assert first == again
    assert len(calls) == measured > 0
    assert why != because


def test_more_threads_must_be_clearly_faster(monkeypatch):
    monkeypatch.setattr(device, "cores", lambda: 2)
    asked = []
    monkeypatch.setattr(torch, "set_num_threads", asked.append)
    pace = {1: 1.0, 2: 0.9}
    monkeypatch.setattr(device, "_seconds", lambda trial: pace[asked[-1]])
    assert device.best_threads(lambda: None, key="slightly faster")[0] == 1
    pace[2] = 0.5
    assert device.best_threads(lambda: None, key="clearly faster")[0] == 2


def test_measuring_threads_changes_no_loss(monkeypatch):
    monkeypatch.setattr(device, "cores", lambda: 1)
    unmeasured = losses(build_job(digits_project(epochs=1, deterministic=False)))
    monkeypatch.setattr(device, "cores", lambda: 2)

    def one_after_trying(trial, *, key):
        for _ in range(3):
            trial()
        return 1, "tried"

    monkeypatch.setattr(device, "best_threads", one_after_trying)
    assert losses(build_job(digits_project(epochs=1, deterministic=False))) == unmeasured


def test_the_same_seed_gives_the_same_losses_and_another_seed_others():
    first = losses(build_job(digits_project(epochs=1, seed=4)))
    assert losses(build_job(digits_project(epochs=1, seed=4))) == first
    assert losses(build_job(digits_project(epochs=1, seed=5))) != first
