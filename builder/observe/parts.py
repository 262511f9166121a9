"""What a loss of several parts is made of, over training."""

import numpy as np

from builder.observe.chart import POINTS, Chart, Palette, axes, bucket_means, line, smoothed
from builder.runs.metrics import Metrics

PREFIX = "loss/"


def parts_chart(metrics: Metrics, steps_per_epoch: float, palette: Palette) -> Chart | None:
    """A line for each part of the training loss, smoothed where there are many; None for losses of one part."""
    names = [name for name in metrics.steps.columns if name.startswith(PREFIX)]
    if not names:
        return None
    x = metrics.steps.column("step") / max(1.0, steps_per_epoch)
    traces, last = [], []
    for place, name in enumerate(names):
        values = metrics.steps.column(name)
        at, means = bucket_means(x, values, POINTS // 2)
        drawn = smoothed(means) if len(values) > POINTS // 2 else means
        title = name.removeprefix(PREFIX).replace("_", " ")
        colour = palette.series[place % len(palette.series)]
        traces.append(line(at, drawn, title, colour))
        known = values[np.isfinite(values)]
        if len(known):
            last.append(f"{title} {known[-1]:.3g}")
    words = f"Parts of the training loss now: {', '.join(last)}." if last else "No part yet."
    return Chart(
        "parts",
        "Loss parts",
        "What is the loss made of?",
        traces,
        axes(y="loss"),
        words,
        note="training",
    )
