"""Prepared samples on the device, and the order in which an epoch goes through them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from builder.data.fitting_text import stream
from builder.data.prepare import Preparation
from builder.data.raw import Array, Indices, Raw
from builder.errors import DataError

CHUNK = 8192
"""Samples prepared at once, so that a large set needs no second copy."""


@dataclass(frozen=True)
class Tensors:
    """Samples of one split: inputs by name, float32 (N, ...), and the target: int64 (N,), of pixels (N, H, W), tokens
    (N, length), or float32 (N, width)."""

    inputs: dict[str, Tensor]
    target: Tensor | None
    texts: Array | None = None
    """The texts themselves, str (N,), for opponents that read words; None elsewhere."""

    def __len__(self) -> int:
        return len(next(iter(self.inputs.values())))

    def take(self, places: Tensor) -> "Tensors":
        """The samples at these places, in this order, copied."""
        return Tensors(
            {name: values.index_select(0, places) for name, values in self.inputs.items()},
            None if self.target is None else self.target.index_select(0, places),
        )

    def places(self, seed: int, epoch: int) -> Tensor:
        """Which samples an epoch goes through, in order, int64: each once, by seed and epoch alone."""
        return order(seed, epoch, len(self))

    def cut(self, start: int, stop: int) -> "Tensors":
        """The samples from `start` up to `stop`, as views."""
        return Tensors(
            {name: values[start:stop] for name, values in self.inputs.items()},
            None if self.target is None else self.target[start:stop],
        )


@dataclass(frozen=True)
class Windows(Tensors):
    """Every stretch of a text as inputs, and the same moved on by one token as target: views of one row of tokens.

    An epoch has as many windows as would lie side by side, at random places.
    """

    length: int = 1

    def __len__(self) -> int:
        return max(1, self.positions // self.length)

    @property
    def positions(self) -> int:
        """Places at which a window can begin."""
        return len(next(iter(self.inputs.values())))

    def cut(self, start: int, stop: int) -> Tensors:
        """The windows that lie side by side, from number `start` up to `stop`, as views."""
        chosen = slice(start * self.length, stop * self.length, self.length)
        target = None if self.target is None else self.target[chosen]
        return Tensors({name: values[chosen] for name, values in self.inputs.items()}, target)

    def places(self, seed: int, epoch: int) -> Tensor:
        """Random places, int64, by seed and epoch alone; a place may come twice."""
        generator = torch.Generator().manual_seed(_mix(seed, epoch))
        return torch.randint(self.positions, (len(self),), generator=generator)


def windows(
    preparation: Preparation,
    raw: Raw,
    indices: Indices,
    device: torch.device | str = "cpu",
    *,
    overlapping: bool = True,
) -> Tensors:
    """The windows of these parts of a corpus: at every place, or side by side so that each token is asked for once.

    Raises DataError when the parts are shorter than one window and the token behind it.
    """
    ((name, module),) = preparation.inputs.items()
    length = preparation.shape[0]
    codes = stream(raw, indices, preparation.settings["by"])
    if len(codes) <= length:
        raise DataError(
            f"A part of the text has {len(codes):,} tokens, too few for a window of {length:,}. "
            "Make the windows shorter or the shares of the split larger."
        )
    with torch.no_grad():
        tokens = module(torch.from_numpy(codes)[None])[0].to(device)
    stride = 1 if overlapping else length
    inputs = tokens[:-1].unfold(0, length, stride)
    target = tokens[1:].unfold(0, length, stride)
    if overlapping:
        return Windows({name: inputs}, target, length=length)
    return Tensors({name: inputs}, target)


def tensors(
    preparation: Preparation, raw: Raw, indices: Indices, device: torch.device | str = "cpu"
) -> Tensors:
    """The samples at `indices`, prepared once on the CPU (double precision where it matters) and kept on `device`.

    Of a corpus, the windows that lie side by side in these parts.
    """
    if raw.schema.is_corpus:
        return windows(preparation, raw, indices, device, overlapping=False)
    parts: list[dict[str, Tensor]] = []
    for start in range(0, max(1, len(indices)), CHUNK):
        chosen = indices[start : start + CHUNK]
        rows = {name: values[chosen] for name, values in raw.fields.items()}
        target = None if raw.target is None else raw.target[chosen]
        parts.append(preparation.prepare(preparation.stored(rows, target)))
    inputs = {name: torch.cat([part[name] for part in parts]).to(device) for name in parts[0]}
    if raw.target is None:
        return Tensors(inputs, None)
    return Tensors(inputs, preparation.prepare_target(raw.target[indices]).to(device))


def training_tensors(
    preparation: Preparation, raw: Raw, indices: Indices, device: torch.device | str = "cpu"
) -> Tensors:
    """What training goes through: the samples, or the windows at every place of a corpus."""
    if raw.schema.is_corpus:
        return windows(preparation, raw, indices, device)
    return tensors(preparation, raw, indices, device)


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
    places = samples.places(seed, epoch).to(device)
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
