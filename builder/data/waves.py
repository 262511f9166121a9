"""Made-up time series: a sine, a rising line with two seasons, and one that wanders; no torch."""

import numpy as np

from builder.data.raw import Array

NAMES = ("sine", "season", "wander")
FIRST_DAY = 18_262.0
"""2020-01-01, in days since 1970."""


def make(steps: int) -> tuple[Array, Array]:
    """Days float64 (steps,) and values float64 (steps, 3), always the same ones."""
    generator = np.random.default_rng(0)
    t = np.arange(steps, dtype=np.float64)
    noise = generator.normal(size=(steps, 3))
    sine = np.sin(2 * np.pi * t / 28) + 0.1 * noise[:, 0]
    season = (
        0.01 * t + np.sin(2 * np.pi * t / 7) + 0.5 * np.cos(2 * np.pi * t / 91) + 0.2 * noise[:, 1]
    )
    wander = np.zeros(steps)
    for place in range(1, steps):
        wander[place] = 0.97 * wander[place - 1] + 0.3 * noise[place, 2] + 0.1 * season[place - 1]
    return FIRST_DAY + t, np.stack([sine, season, wander], axis=1)
