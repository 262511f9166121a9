"""The judge knows real digits, is not sure of anything, and leaves no trace."""

import numpy as np
import pytest
import torch

from builder.data import prepare
from builder.data.batches import tensors
from builder.data.split import split
from builder.data.store import open_raw
from builder.evaluate.judge import train_judge
from tests.train.drawn import digits


@pytest.fixture(scope="module")
def parts():
    spec = digits()
    raw = open_raw(spec)
    shares = split(raw, spec.split)
    preparation = prepare.fit(spec, raw, shares.train)
    return tensors(preparation, raw, shares.train), tensors(preparation, raw, shares.test)


@pytest.fixture(scope="module")
def judge(parts):
    return train_judge(parts[0], 10)


def test_it_names_real_digits(judge, parts):
    assert judge.accuracy(parts[1]) >= 0.97
    assert judge.sure_share(parts[1].inputs["image"]) > 0.9


def test_it_is_not_sure_of_shuffled_pixels(judge, parts):
    flat = parts[1].inputs["image"].flatten(1)
    shuffled = flat[:, torch.randperm(64, generator=torch.Generator().manual_seed(0))]
    assert judge.sure_share(shuffled.reshape(-1, 1, 8, 8)) < 0.6


def test_training_it_draws_from_no_other_generator(parts, monkeypatch):
    monkeypatch.setattr("builder.evaluate.judge.STEPS", 5)
    before = torch.default_generator.get_state()
    first = train_judge(parts[0], 10).shares(parts[1].inputs["image"][:5])
    assert torch.equal(before, torch.default_generator.get_state())
    assert np.array_equal(first, train_judge(parts[0], 10).shares(parts[1].inputs["image"][:5]))
