"""Figures of samples that are given back or made: how errors are spread, how many there are of each class."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from builder.observe.chart import Chart, Floats, Palette

BINS = 40


def errors_chart(errors: Floats, threshold: float, palette: Palette) -> Chart:
    """A histogram of one error a sample; those above the threshold in another colour."""
    top = float(max(errors.max(initial=0.0), threshold) or 1.0)
    counts, edges = np.histogram(errors, bins=BINS, range=(0.0, top * 1.02))
    middles = (edges[:-1] + edges[1:]) / 2
    above = int((errors > threshold).sum())
    bars: dict[str, Any] = {
        "type": "bar",
        "x": middles,
        "y": counts.astype(np.float64),
        "name": "samples",
        "marker": {"color": [palette.warning if x > threshold else palette.train for x in middles]},
        "hovertemplate": "error %{x:.3g}: %{y} samples<extra></extra>",
    }
    layout: dict[str, Any] = {
        "xaxis": {"title": {"text": "squared error of a sample"}, "rangemode": "tozero"},
        "yaxis": {"title": {"text": "samples"}},
        "bargap": 0.04,
        "showlegend": False,
        "shapes": [
            {
                "type": "line",
                "x0": threshold,
                "x1": threshold,
                "yref": "paper",
                "y0": 0,
                "y1": 1,
                "line": {"color": palette.text, "width": 1.5, "dash": "dot"},
            }
        ],
        "annotations": [
            {
                "x": threshold,
                "yref": "paper",
                "y": 1,
                "text": "threshold",
                "showarrow": False,
                "xanchor": "left",
                "yanchor": "top",
                "font": {"color": palette.muted},
            }
        ],
    }
    words = f"{above} of {len(errors)} samples come back with an error above the threshold of {threshold:.3g}."
    return Chart("errors", "Errors", "How far off are they?", [bars], layout, words, height=240)


def counts_chart(classes: Sequence[str], counts: Sequence[int], palette: Palette) -> Chart:
    """A bar a class: new samples the judge is sure belong to it."""
    bars: dict[str, Any] = {
        "type": "bar",
        "x": list(classes),
        "y": list(counts),
        "marker": {"color": palette.train},
        "hovertemplate": "%{x}: %{y}<extra></extra>",
    }
    layout: dict[str, Any] = {
        "xaxis": {"type": "category", "title": {"text": "class"}},
        "yaxis": {"title": {"text": "new samples"}},
        "showlegend": False,
    }
    missing = [name for name, count in zip(classes, counts, strict=True) if not count]
    words = f"{len(classes) - len(missing)} of {len(classes)} classes are among the new samples."
    if missing:
        words += f" Missing: {', '.join(missing[:10])}."
    return Chart(
        "made_classes", "Classes", "Is every class among them?", [bars], layout, words, height=260
    )
