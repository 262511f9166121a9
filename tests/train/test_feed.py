"""Blocks give the very batches that gathering step by step gives."""

import pytest
import torch

from builder.data.batches import Tensors, batches
from builder.train import feed as feeding
from builder.train.feed import feed, measured_at_once


def data(count):
    values = torch.arange(count * 3.0).reshape(count, 3)
    return Tensors({"x": values}, torch.arange(count))


@pytest.mark.parametrize("count", [7, 16, 17, 33, 64])
@pytest.mark.parametrize("block_bytes", [1, 500, 10**9])
def test_batches_are_those_of_the_data_room(monkeypatch, count, block_bytes):
    monkeypatch.setattr(feeding, "BLOCK_BYTES", block_bytes)
    ours = list(feed(data(count), 8, seed=2, epoch=1))
    theirs = list(batches(data(count), 8, 2, 1, gather="step"))
    assert len(ours) == len(theirs)
    for (inputs, target), expected in zip(ours, theirs, strict=True):
        assert torch.equal(inputs["x"], expected.inputs["x"])
        assert torch.equal(target, expected.target)


@pytest.mark.parametrize("skip", [0, 1, 3, 4])
def test_skipping_leaves_out_exactly_the_first_batches(monkeypatch, skip):
    monkeypatch.setattr(feeding, "BLOCK_BYTES", 200)
    whole = [target.tolist() for _, target in feed(data(33), 8, seed=0, epoch=0)]
    rest = [target.tolist() for _, target in feed(data(33), 8, seed=0, epoch=0, skip=skip)]
    assert rest == whole[skip:]


def test_small_samples_are_measured_many_at_once_and_large_ones_few():
    def samples(*shape):
        return Tensors({"x": torch.zeros(2, *shape)}, torch.zeros(2, dtype=torch.int64))

    assert measured_at_once(samples(64)) == 1024
    assert measured_at_once(samples(1, 28, 28)) == 318
    assert measured_at_once(samples(3, 512, 512)) == 32
