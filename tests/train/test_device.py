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


def test_the_same_seed_gives_the_same_losses_and_another_seed_others():
    first = losses(build_job(digits_project(epochs=1, seed=4)))
    assert losses(build_job(digits_project(epochs=1, seed=4))) == first
    assert losses(build_job(digits_project(epochs=1, seed=5))) != first
