"""Lets a language model write, as it is printed into exports: standard library and torch only."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

Network = Callable[[Tensor], Tensor]
"""From tokens int64 (1, length) to logits (1, length, vocabulary)."""


def written(
    network: Network,
    tokens: list[int],
    count: int,
    *,
    length: int,
    allowed: int,
    temperature: float = 0.8,
    top_k: int = 0,
    top_p: float = 1.0,
    seed: int = 0,
) -> Iterator[int]:
    """The next `count` tokens after `tokens`, one by one.

    Args:
        network: in evaluation mode, one whose answers do not depend on later tokens.
        tokens: the beginning, at least one.
        count: how many to write.
        length: the network's window; at most so many of the last tokens are looked at.
        allowed: only tokens from 2 up to this one, not counted, are written; 0 and 1 stand for no text.
        temperature: below 1 the likely tokens are preferred, 0 always takes the likeliest.
        top_k: only so many of the likeliest are drawn from; 0 for all.
        top_p: only the likeliest that together have this share are drawn from.
        seed: the same seed writes the same text.
    """
    generator = torch.Generator().manual_seed(seed)
    window = list(tokens)
    with torch.no_grad():
        for _ in range(count):
            known = window[-length:]
            # Always as long as in training: what stands behind the last token changes nothing before it.
            asked = torch.tensor([known + [0] * (length - len(known))])
            logits = network(asked)[0, len(known) - 1]
            token = 2 + drawn(
                logits[2:allowed].double(),
                temperature=temperature,
                top_k=top_k,
                top_p=top_p,
                generator=generator,
            )
            window.append(token)
            yield token


def drawn(
    logits: Tensor, *, temperature: float, top_k: int, top_p: float, generator: torch.Generator
) -> int:
    """The place of one draw from logits (n,) after they were sharpened and cut."""
    if temperature <= 0:
        return int(logits.argmax())
    shares, places = (logits / temperature).softmax(0).sort(descending=True, stable=True)
    before = shares.cumsum(0) - shares
    kept = before < top_p
    if top_k > 0:
        kept[top_k:] = False
    kept[0] = True
    shares = torch.where(kept, shares, 0.0)
    return int(places[torch.multinomial(shares, 1, generator=generator)])
