"""Paired rounds: two loops in turn, the median of their ratios and its interval."""

import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

ROUNDS = 15
INTERVAL = (0.05, 0.95)

Loop = Callable[[], object]


class Row(NamedTuple):
    """Our time over theirs: the median of paired rounds, and its 90 % interval."""

    case: str
    against: str
    ratio: float
    spread: str


def paired(
    case: str, against: str, ours: Callable[[], Loop], theirs: Callable[[], Loop], rounds: int
) -> Row:
    """Our time over theirs from `rounds` pairs; who goes first alternates, and the first pair warms up."""
    ratios = []
    for number in range(rounds + 1):
        first, second = (ours, theirs) if number % 2 else (theirs, ours)
        taken = {maker: seconds(maker()) for maker in (first, second)}
        if number:
            ratios.append(taken[ours] / taken[theirs])
    median, (low, high) = quantiles(ratios)
    return Row(case, against, median, f"{low:.3f} to {high:.3f}")


def quantiles(ratios: list[float]) -> tuple[float, tuple[float, float]]:
    """The median, and its 90 % interval from 2,000 bootstrap draws."""
    generator = np.random.default_rng(0)
    draws = generator.choice(ratios, (2000, len(ratios)))
    low, high = np.quantile(np.median(draws, axis=1), INTERVAL)
    return round(statistics.median(ratios), 3), (float(low), float(high))


def seconds(loop: Loop) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    loop()
    return time.perf_counter() - start
