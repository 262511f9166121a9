"""Batches of an epoch as views of gathered blocks: one gather for many steps, the same numbers as one a step."""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from builder.data.batches import Tensors, num_batches

BLOCK_BYTES = 4_000_000
"""A block stays in cache while its batches are used."""
MEASURED_BYTES = 1_000_000
"""Samples measured at once; layers make many times as much of them, which should stay in cache too."""
FEWEST_MEASURED, MOST_MEASURED = 32, 1024

Batch = tuple[Mapping[str, Tensor], Tensor]


def feed(
    samples: Tensors, batch_size: int, *, seed: int, epoch: int, skip: int = 0
) -> Iterator[Batch]:
    """The batches of an epoch, in the order of (seed, epoch), after the first `skip`.

    Blocks begin at the same steps whatever `skip` is, so a resumed epoch adds up the same numbers.
    """
    assert samples.target is not None
    count = len(samples)
    steps = num_batches(count, batch_size)
    places = samples.places(seed, epoch).to(samples.target.device)
    block = _steps_per_block(samples, batch_size)
    for first in range(skip - skip % block, steps, block):
        last = min(first + block, steps)
        sizes = [batch_size] * (last - first)
        if last == steps:
            sizes[-1] = count - (steps - 1) * batch_size  # a lone sample joined it, or it is short
        start = first * batch_size
        chosen = places[start : start + sum(sizes)]
        target = torch.split(samples.target.index_select(0, chosen), sizes)
        fields = {
            name: torch.split(values.index_select(0, chosen), sizes)
            for name, values in samples.inputs.items()
        }
        for place in range(max(skip - first, 0), last - first):
            yield {name: pieces[place] for name, pieces in fields.items()}, target[place]


def first_samples(samples: Tensors, count: int) -> Tensors:
    """The first `count` samples, as views."""
    return samples.cut(0, min(count, len(samples)))


def measured_at_once(samples: Tensors) -> int:
    """How many samples go through the network together when a split is measured."""
    wanted = MEASURED_BYTES // max(_sample_bytes(samples), 1)
    return min(max(wanted, FEWEST_MEASURED), MOST_MEASURED)


def _steps_per_block(samples: Tensors, batch_size: int) -> int:
    return max(1, BLOCK_BYTES // max(_sample_bytes(samples) * batch_size, 1))


def _sample_bytes(samples: Tensors) -> int:
    return sum(values[:1].numel() * values.element_size() for values in samples.inputs.values())
