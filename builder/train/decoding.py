"""Lets a network write texts, the likeliest token each time, as it is printed into exports: torch only."""

from collections.abc import Callable

import torch
from torch import Tensor

Network = Callable[[Tensor], Tensor]
"""From what is written so far, int64 (N, length), to logits (N, length, vocabulary)."""


def likeliest(logits: Tensor, end: int) -> Tensor:
    """At each place the likeliest of the tokens that may be written: (..., vocabulary) -> int64 (...).

    They are the end and all behind it; those before stand for no text.
    """
    found: Tensor = logits[..., end:].argmax(-1) + end
    return found


def decoded(network: Network, count: int, length: int, *, begin: int, end: int) -> Tensor:
    """Greedy decoding of `count` texts at once: int64 (count, length), the end behind each text, then 0.

    Args:
        network: in evaluation mode, one whose answers do not depend on later tokens.
        count: how many texts.
        length: tokens of a text at most; one that has not ended is cut there.
        begin: the token that stands before each text.
        end: the token that ends one.
    """
    so_far = torch.zeros(count, length + 1, dtype=torch.int64)
    so_far[:, 0] = begin
    going = torch.ones(count, dtype=torch.bool)
    with torch.no_grad():
        for place in range(length):
            token = likeliest(network(so_far[:, :length])[:, place].cpu(), end)
            so_far[:, place + 1] = torch.where(going, token, 0)
            going &= token != end
            if not going.any():
                break
    return so_far[:, 1:]
