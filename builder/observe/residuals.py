"""Where a regression is off: truth against answer, as a chart."""

from collections.abc import Sequence

import numpy as np

from builder.observe.chart import Chart, Palette, faint, line

POINTS = 1000


def truth_chart(
    truth: Sequence[float], answer: Sequence[float], palette: Palette, *, unit: str = ""
) -> Chart:
    """Each sample as a point; on the line the answer is right. At most 1000 samples are drawn."""
    kept = np.linspace(0, max(0, len(truth) - 1), min(len(truth), POINTS)).astype(np.int64)
    x, y = np.asarray(truth, dtype=np.float64)[kept], np.asarray(answer, dtype=np.float64)[kept]
    ends = (
        np.array([min(x.min(), y.min()), max(x.max(), y.max())]) if len(x) else np.array([0.0, 1.0])
    )
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": y,
        "name": "samples",
        "marker": {"size": 6, "color": faint(palette.train, 0.55)},
        "hovertemplate": "truth %{x:.4g}<br>answer %{y:.4g}<extra></extra>",
    }
    label = f", {unit}" if unit else ""
    layout = {
        "xaxis": {"title": {"text": f"truth{label}"}},
        "yaxis": {"title": {"text": f"answer{label}"}},
        "hovermode": "closest",
    }
    off = float(np.mean(np.abs(x - y))) if len(x) else 0.0
    words = f"{len(x)} samples; the answer is off by {off:.3g} on average."
    right = line(ends, ends, "right", palette.muted, dash="dot", width=1.5)
    return Chart(
        "truth", "Truth and answer", "Where is it off?", [points, right], layout, words, height=320
    )
