"""What one kind of answer contributes to results: figures, and arrays that are kept beside them."""

import math
from typing import Any, NamedTuple

from numpy.typing import NDArray

from builder.evaluate.metrics import Measured
from builder.evaluate.results import Interval, Results


class Part(NamedTuple):
    """Figures of one split, and samples to look at by name."""

    results: Results
    arrays: dict[str, NDArray[Any]] = {}


def values(figures: dict[str, Measured]) -> dict[str, float | None]:
    """The figures alone; None stands for not computable."""
    return {name: known(figure.value) for name, figure in figures.items()}


def intervals(figures: dict[str, Measured]) -> dict[str, Interval]:
    """Where each figure lies."""
    return {
        name: Interval(low=known(figure.low), high=known(figure.high))
        for name, figure in figures.items()
    }


def known(value: float) -> float | None:
    """The value, None where it is not a number."""
    return value if math.isfinite(value) else None
