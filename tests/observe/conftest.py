"""Numbers of an imagined run, and a palette."""

from collections.abc import Callable

import numpy as np
import pytest

from builder.observe.chart import Palette
from builder.runs.metrics import Metrics, Table

Make = Callable[..., Metrics]


def table(**columns: object) -> Table:
    arrays = [np.asarray(values, dtype=np.float64) for values in columns.values()]
    names = tuple(name.replace("__", "/") for name in columns)
    return Table(names, np.stack(arrays, axis=1) if arrays else np.empty((0, 0)))


@pytest.fixture
def make() -> Make:
    def metrics(
        loss: object = (), validation: object = (), train: object = (), layers: Table | None = None
    ) -> Metrics:
        losses = np.asarray(loss, dtype=np.float64)
        steps = table(step=np.arange(1, len(losses) + 1), loss=losses)
        epochs = table(
            epoch=np.arange(1, len(np.atleast_1d(validation)) + 1)
            if len(np.atleast_1d(validation))
            else [],
            validation__loss=validation,
            train__loss=train if len(np.atleast_1d(train)) else validation,
        )
        return Metrics(steps, epochs, layers or table(step=[]))

    return metrics


@pytest.fixture
def palette() -> Palette:
    colours = ("#000000", "#FFFFFF")
    plain = dict.fromkeys(
        (
            "train",
            "validation",
            "test",
            "text",
            "muted",
            "hairline",
            "ground",
            "surface",
            "error",
            "warning",
            "good",
        ),
        "#336699",
    )
    signed = (
        "#7F3B08",
        "#B35806",
        "#E08214",
        "#FDB863",
        "#FEE0B6",
        "#D8DAEB",
        "#B2ABD2",
        "#8073AC",
        "#542788",
        "#2D004B",
    )
    return Palette(**plain, series=colours * 3, depth=colours, magnitude=colours, signed=signed)
