"""What a whole drawing holds between forward and backward, a sample."""

from collections.abc import Mapping
from typing import NamedTuple

from builder.network.kept import size
from builder.network.walk import Place, Placed, Walked

Where = tuple[str, ...]
"""A place with the blocks it is in: unique over all repetitions."""


class Held(NamedTuple):
    """Bytes a sample: `saved` from forward to backward, and `passing`, the largest output with its gradient."""

    saved: int = 0
    passing: int = 0


def held(walked: Walked) -> Held:
    """What training holds of one sample between the forward and the backward pass."""
    book = _Book()
    book.walk(walked, {}, ())
    return Held(book.own + sum(book.places.values()), book.passing)


class _Book:
    def __init__(self) -> None:
        self.places: dict[Where, int] = {}
        self.own = 0
        self.passing = 0

    def walk(self, walked: Walked, feeds: Mapping[str, Where], prefix: Where) -> list[Where]:
        """Writes down all nodes; where each output of the graph comes from."""
        real: dict[Place, Where] = {}
        answers = []
        for node_id, placed in walked.placed.items():
            sources = [real.get(one, (*prefix, *one)) for wired in placed.sources for one in wired]
            if placed.node.kind == "input":
                real[node_id, "out"] = feeds.get(node_id, (*prefix, node_id, "out"))
            elif placed.node.kind == "output":
                answers += sources
            elif placed.rounds:
                self._block(placed, sources, real, prefix)
            elif placed.outputs and not placed.skipped:
                self._layer(placed, sources, real, prefix)
        return answers

    def _layer(
        self, placed: Placed, sources: list[Where], real: dict[Place, Where], prefix: Where
    ) -> None:
        kept = placed.measured.kept
        types = [one for wired in placed.inputs for one in wired]
        flags = [one for wired in kept.inputs for one in wired]
        for source, type_, is_held in zip(sources, types, flags, strict=False):
            if is_held:
                self.places[source] = size(type_)
        for place, (port, made) in enumerate(zip(placed.ports, placed.outputs, strict=False)):
            where = (*prefix, placed.node.id, port)
            if place < len(kept.views) and kept.views[place] >= 0:
                where = sources[kept.views[place]]
            real[placed.node.id, port] = where
            if place < len(kept.outputs) and kept.outputs[place]:
                self.places[where] = size(made)
        self.own += kept.own
        self.passing = max(self.passing, sum(size(one) for one in (*types, *placed.outputs)))

    def _block(
        self, placed: Placed, sources: list[Where], real: dict[Place, Where], prefix: Where
    ) -> None:
        flowing = sources
        for number in range(placed.repeat):
            inner = placed.rounds[min(number, len(placed.rounds) - 1)]
            ids = [node.id for node in inner.graph.of_kind("input")]
            feeds = dict(zip(ids, flowing, strict=False))
            answers = self.walk(inner, feeds, (*prefix, placed.node.id, str(number)))
            flowing = [*answers, *flowing[len(answers) :]]
        for port, where in zip(placed.ports, flowing, strict=False):
            real[placed.node.id, port] = where
