"""Whether a network over a sequence looks ahead: later steps changed must leave earlier answers as they are."""

import tempfile
from functools import lru_cache
from pathlib import Path

import torch
from torch import nn

from builder.network.check import check
from builder.network.compile import build
from builder.network.expectation import Expectation, Feed
from builder.network.source import Source, generate
from builder.spec.project import Project

MOST_VALUES = 50_000_000
"""Weights; larger networks are not built to look, and are judged by their figures."""
TOLERANCE = 1e-4
"""Beside the size of the values: other shapes of the same sum may round differently."""


def looks_ahead(
    project: Project, network: str, expectations: dict[str, Expectation], field: str
) -> str | None:
    """The node id of the first layer whose earlier answers change with later tokens; None when there is none.

    The network runs twice in evaluation mode with weights of its own; the second half of the tokens of `field`
    differs, everything else it is fed is the same. Drawings with errors must not be asked.
    """
    if check(project, network, expectations[network]).parameters > MOST_VALUES:
        return None
    expected = expectations[network]
    tapped = generate(project, expectations, taps=True)
    if field not in tapped.inputs[network]:
        return None
    fed = tuple(feed for feed in map(expected.feed, tapped.inputs[network]) if feed is not None)
    counts = tuple(expected.variables.get(feed.vocabulary, 2) for feed in fed)
    found = _first_ahead(_Asked(tapped, network), fed, counts, field)
    return found if found is None else _node_of(tapped, network, found)


class _Asked:
    """A tapped source and the network that is meant; equal where the text is."""

    def __init__(self, source: Source, network: str) -> None:
        self.source, self.network = source, network

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[str, str]:
        return self.source.text, self.network


@lru_cache(maxsize=64)
def _first_ahead(
    asked: _Asked, feeds: tuple[Feed, ...], counts: tuple[int, ...], field: str
) -> str | None:
    with tempfile.TemporaryDirectory(prefix="layerloom-") as scratch:
        module = build(asked.source, Path(scratch, "model.py"), 0)[asked.network].eval()
    generator = torch.Generator().manual_seed(0)
    shortest = min(feed.type.shape[0] for feed in feeds if feed.type.shape)
    given = {
        feed.name: torch.randint(count, (1, *feed.type.shape), generator=generator)
        if feed.type.shape
        else torch.tensor([shortest])  # how many of the tokens are read
        for feed, count in zip(feeds, counts, strict=True)
    }
    length = given[field].shape[1]
    half = length // 2
    count = next(count for feed, count in zip(feeds, counts, strict=True) if feed.name == field)
    later = torch.randint(count, (1, length), generator=generator)
    later[:, :half] = given[field][:, :half]
    first = _taps(module, *given.values())
    second = _taps(module, *({**given, field: later}).values())
    for name, value in first.items():
        if value.ndim > 1 and value.shape[1] == length and value.is_floating_point():
            early, again = value[:, :half], second[name][:, :half]
            if float((early - again).abs().max()) > TOLERANCE * (1 + float(early.abs().max())):
                return name
    return None


def _taps(module: nn.Module, *fed: torch.Tensor) -> dict[str, torch.Tensor]:
    """What each node gives for what it is fed, batches of one, by identifier, in the order they run."""
    before = torch.get_rng_state()
    with torch.no_grad():
        module(*fed)
    torch.set_rng_state(before)
    taps: dict[str, torch.Tensor] = module.taps  # type: ignore[assignment]
    found = {name: value for name, value in taps.items() if isinstance(value, torch.Tensor)}
    taps.clear()
    return found


def _node_of(source: Source, network: str, identifier: str) -> str | None:
    return next(
        (node for node, name in source.identifiers[network].items() if name == identifier), None
    )
