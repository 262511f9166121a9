"""How long a run goes on when nobody said so: epochs by the steps such data needs, and when to stop early; no torch."""

from typing import NamedTuple

from builder.spec.data import DataSchema
from builder.train.optimizers import OptimizerKind

STEPS_OF_SMALL_SAMPLES = 2000
"""Optimisation steps after which networks on tables and tiny pictures have mostly settled at the usual rates."""
STEPS_OF_LARGE_SAMPLES = 1000
"""The same where a sample is large: a step costs more there, and an epoch brings more."""
LARGE_SAMPLE = 256
"""Values in a sample from which it counts as large."""
STEPS_ON_THE_WHOLE_SET = 60
"""Steps of an optimizer that takes the whole training split at once; each of them goes far."""
FEWEST, MOST = 5, 300
ROUND = (5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 200, 250, 300)
"""Proposed numbers of epochs: a few samples more or less do not change the proposal."""
LEAST_PATIENCE = 10


class Length(NamedTuple):
    """A proposed number of epochs, and why."""

    epochs: int
    reason: str


def propose_epochs(
    schema: DataSchema, samples: int, batch_size: int, optimizer: OptimizerKind, *, times: int = 1
) -> Length:
    """The epochs that make about as many optimisation steps as such data needs, between FEWEST and MOST.

    Args:
        schema: the prepared data.
        samples: training samples.
        batch_size: samples in one step.
        optimizer: what takes the steps.
        times: how many times as many steps as usual the recipe needs.
    """
    steps = max(1, -(-samples // max(1, batch_size)))
    if optimizer.whole_set:
        words = f"because each step of {optimizer.title} goes far"
        return Length(_rounded(STEPS_ON_THE_WHOLE_SET / steps), words)
    wanted = STEPS_OF_LARGE_SAMPLES if _values(schema) > LARGE_SAMPLE else STEPS_OF_SMALL_SAMPLES
    epochs = _rounded(times * wanted / steps)
    noun = "step" if steps == 1 else "steps"
    return Length(
        epochs,
        f"because an epoch is {steps:,} {noun} here, and about {_about(epochs * steps):,} suit such data",
    )


def propose_patience(epochs: int) -> int:
    """Epochs without gain after which a run of an inferred length may end: a quarter of it, 10 at least."""
    return max(LEAST_PATIENCE, epochs // 4)


def _values(schema: DataSchema) -> int:
    """Numbers in one sample, over all its fields."""
    total = 0
    for field in schema.fields:
        size = 1
        for axis in field.shape:
            size *= axis
        total += size
    return total


def _rounded(epochs: float) -> int:
    return min(ROUND, key=lambda known: abs(known - epochs))


def _about(steps: int) -> int:
    """The number with two digits that count, for words."""
    return round(steps, min(0, 2 - len(str(steps))))
