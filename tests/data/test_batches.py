"""Batches hold every sample once an epoch, in an order that is a function of seed and epoch."""

import numpy as np
import pytest
import torch

from builder.data.batches import batches, in_order, num_batches, order, tensors
from builder.data.builtin import load
from builder.data.prepare import fit
from builder.spec.data import DataSpec


@pytest.fixture(scope="module")
def samples():
    raw = load("iris")
    return tensors(fit(DataSpec(), raw, np.arange(150)), raw, np.arange(101))


def test_the_order_is_a_permutation_and_depends_on_seed_and_epoch_alone():
    torch.manual_seed(0)
    first = order(3, 5, 1000)
    torch.manual_seed(99)
    assert torch.equal(first, order(3, 5, 1000)) and sorted(first.tolist()) == list(range(1000))
    assert (
        len({tuple(order(seed, epoch, 50).tolist()) for seed in range(10) for epoch in range(10)})
        == 100
    )


def test_making_an_order_leaves_torchs_own_generator_alone():
    before = torch.get_rng_state()
    order(0, 0, 10)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("size", [1, 7, 32, 50, 100, 101, 500])
def test_both_ways_of_gathering_give_the_same_batches(samples, size):
    ways = [list(batches(samples, size, 1, 2, gather=gather)) for gather in ("epoch", "step")]
    assert len(ways[0]) == len(ways[1]) == num_batches(101, size)
    for a, b in zip(*ways, strict=True):
        assert torch.equal(a.inputs["features"], b.inputs["features"]) and torch.equal(
            a.target, b.target
        )
    together = torch.cat([batch.inputs["features"] for batch in ways[0]])
    assert torch.equal(together, samples.inputs["features"][order(1, 2, 101)])


def test_a_lone_last_sample_joins_the_batch_before_it(samples):
    sizes = [len(batch) for batch in batches(samples, 50, 0, 0)]
    assert sizes == [50, 51]
    assert [len(batch) for batch in batches(samples.cut(0, 1), 50, 0, 0)] == [1]


def test_a_start_in_mid_epoch_continues_with_the_same_batches(samples):
    whole = list(batches(samples, 10, 4, 1))
    rest = list(batches(samples, 10, 4, 1, start=6))
    assert len(rest) == len(whole) - 6
    assert all(torch.equal(a.target, b.target) for a, b in zip(whole[6:], rest, strict=True))


def test_in_order_gives_every_sample_as_it_lies(samples):
    assert torch.equal(torch.cat([b.target for b in in_order(samples, 13)]), samples.target)
