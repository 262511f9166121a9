"""Prepared samples on the device, and the order in which an epoch goes through them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from builder.data.prepare import Preparation
from builder.data.raw import Indices, Raw

CHUNK = 8192
"""Samples prepared at once, so that a large set needs no second copy."""


@dataclass(frozen=True)
class Tensors:
    """Samples of one split: inputs by name, float32 (N, ...), and the target, int64 (N,) or float32 (N, width)."""

    inputs: dict[str, Tensor]
    target: Tensor | None

    def __len__(self) -> int:
        return len(next(iter(self.inputs.values())))

    def take(self, places: Tensor) -> "Tensors":
        """The samples at these places, in this order, copied."""
        return Tensors(
            {name: values.index_select(0, places) for name, values in self.inputs.items()},
            None if self.target is None else self.target.index_select(0, places),
        )

    def cut(self, start: int, stop: int) -> "Tensors":
        """The samples from `start` up to `stop`, as views."""
        return Tensors(
            {name: values[start:stop] for name, values in self.inputs.items()},
            None if self.target is None else self.target[start:stop],
        )


def tensors(
    preparation: Preparation, raw: Raw, indices: Indices, device: torch.device | str = "cpu"
) -> Tensors:
    """The samples at `indices`, prepared once on the CPU (double precision where it matters) and kept on `device`."""
    parts: list[dict[str, Tensor]] = []
    for start in range(0, max(1, len(indices)), CHUNK):
        chosen = indices[start : start + CHUNK]
        rows = {name: values[chosen] for name, values in raw.fields.items()}
        parts.append(preparation.prepare(rows))
    inputs = {name: torch.cat([part[name] for part in parts]).to(device) for name in parts[0]}
    if raw.target is None:
        return Tensors(inputs, None)
    return Tensors(inputs, preparation.prepare_target(raw.target[indices]).to(device))


def order(seed: int, epoch: int, count: int) -> Tensor:
    """A permutation of `count` places, int64 on the CPU: a function of seed and epoch alone."""
    generator = torch.Generator().manual_seed(_mix(seed, epoch))
    return torch.randperm(count, generator=generator)


def num_batches(count: int, batch_size: int) -> int:
    """Batches of an epoch; a lone last sample joins the batch before it (batch normalisation needs two)."""
    full, rest = divmod(count, batch_size)
    return full + (rest > 1 or (rest == 1 and (full == 0 or batch_size == 1)))


def batches(
    samples: Tensors,
    batch_size: int,
    seed: int,
    epoch: int,
    *,
    gather: Literal["epoch", "step"] = "epoch",
    start: int = 0,
) -> Iterator[Tensors]:
    """The epoch's batches from number `start` on, shuffled by `order(seed, epoch)`.

    `gather="epoch"` reorders all samples once and hands out views; `"step"` gathers each batch. Both give the
    same values; which is faster depends on device and size.
    """
    count = len(samples)
    device = next(iter(samples.inputs.values())).device
    places = order(seed, epoch, count).to(device)
    shuffled = samples.take(places) if gather == "epoch" else None
    last = num_batches(count, batch_size) - 1
    for number in range(start, last + 1):
        first, stop = number * batch_size, (number + 1) * batch_size
        stop = count if number == last else stop
        yield shuffled.cut(first, stop) if shuffled else samples.take(places[first:stop])


def in_order(samples: Tensors, batch_size: int) -> Iterator[Tensors]:
    """The samples as they are, in batches of views; for validation and tests."""
    for first in range(0, len(samples), batch_size):
        yield samples.cut(first, first + batch_size)


def _mix(seed: int, epoch: int) -> int:
    """SplitMix64 of both, so that neighbouring seeds and epochs share no order."""
    value = (seed * 0x9E3779B97F4A7C15 + epoch * 0xD1B54A32D192ED03 + 1) % 2**64
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) % 2**64
    return (value ^ (value >> 31)) % 2**63
