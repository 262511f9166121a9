"""What layers hold on to between the forward and the backward pass: measured a layer, added up over a drawing.

torch tells every tensor it saves for backward (torch.autograd.graph.saved_tensors_hooks); a value that two layers
need is held once, and a view holds what it looks at.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import prod
from typing import NamedTuple

import torch

from builder.layers.base import TensorType

ITEM_BYTES = {"float32": 4, "int64": 8, "bool": 1}


class Kept(NamedTuple):
    """Of one layer, a sample: bytes only it holds, which inputs and outputs it holds, which outputs are views.

    `inputs` and `outputs` have one flag a wire and a port; `views` says for every output which input, counted over
    all ports, it looks at, or -1.
    """

    own: int = 0
    inputs: tuple[tuple[bool, ...], ...] = ()
    outputs: tuple[bool, ...] = ()
    views: tuple[int, ...] = ()


@contextmanager
def saving() -> Iterator[list[torch.Tensor]]:
    """The tensors that torch saves for the backward pass meanwhile."""
    saved: list[torch.Tensor] = []

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        saved.append(tensor)
        return tensor

    def unpack(tensor: torch.Tensor) -> torch.Tensor:
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
        yield saved


def kept(
    saved: Sequence[torch.Tensor],
    given: Sequence[Sequence[torch.Tensor]],
    made: Sequence[torch.Tensor],
    weights: Sequence[torch.Tensor],
    *,
    samples: int,
    longer: float = 1.0,
) -> Kept:
    """What was saved, told apart; `longer` is how many times more steps there really are."""
    flat = [_storage(one) for wired in given for one in wired]
    answers = [_storage(one) for one in made]
    held = {_storage(one): one.untyped_storage().nbytes() for one in saved}
    known = {*flat, *answers, *(_storage(one) for one in weights)}
    own = sum(size for storage, size in held.items() if storage not in known)
    return Kept(
        round(own * longer / samples),
        tuple(tuple(_storage(one) in held for one in wired) for wired in given),
        tuple(answer in held for answer in answers),
        tuple(flat.index(answer) if answer in flat else -1 for answer in answers),
    )


def real_bytes(saved: Sequence[torch.Tensor], weights: Sequence[torch.Tensor]) -> int:
    """Bytes that real tensors saved for backward hold, every storage once, weights left out."""
    known = {_storage(one) for one in weights}
    held = {_storage(one): one.untyped_storage().nbytes() for one in saved}
    return sum(size for storage, size in held.items() if storage not in known)


def size(given: TensorType) -> int:
    """Bytes of one sample."""
    return prod(given.shape) * ITEM_BYTES[given.dtype]


def _storage(tensor: torch.Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)
