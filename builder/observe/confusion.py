"""Which classes does it mix up: the confusion matrix as a chart, and its largest confusions in words."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from builder.observe.chart import Chart, Palette, colour_scale

TEXT_UP_TO = 20
"""Up to so many classes the counts are written into the cells."""


class Confusion(NamedTuple):
    """Counts of samples by true class (rows) and answered class (columns)."""

    classes: tuple[str, ...]
    counts: NDArray[np.int64]
    """(classes, classes)"""

    @property
    def right(self) -> int:
        """Samples answered rightly."""
        return int(np.trace(self.counts))

    def worst(self, most: int = 3) -> list[tuple[str, str, int]]:
        """The most frequent confusions: true class, answered class, how often."""
        off = self.counts.copy()
        np.fill_diagonal(off, 0)
        order = np.argsort(-off, axis=None, kind="stable")[:most]
        pairs = [divmod(int(place), len(self.classes)) for place in order]
        return [(self.classes[t], self.classes[a], int(off[t, a])) for t, a in pairs if off[t, a]]


def confusion_of(classes: Sequence[str], counts: Sequence[Sequence[int]]) -> Confusion:
    """The matrix from nested lists."""
    return Confusion(tuple(classes), np.asarray(counts, dtype=np.int64))


def confusion_chart(confusion: Confusion, palette: Palette) -> Chart:
    """Rows are the truth, columns the answers; colour is the share of the true class."""
    totals = confusion.counts.sum(axis=1, keepdims=True)
    shares = np.divide(
        confusion.counts, totals, out=np.zeros(confusion.counts.shape), where=totals > 0
    )
    names = [_cut(name) for name in confusion.classes]
    small = len(names) <= TEXT_UP_TO
    cell: dict[str, Any] = {
        "type": "heatmap",
        "x": names,
        "y": names,
        "z": shares,
        "zmin": 0,
        "zmax": 1,
        "xgap": 1,
        "ygap": 1,
        "colorscale": colour_scale(palette.magnitude),
        "showscale": not small,
        "customdata": confusion.counts,
        "hovertemplate": "truth %{y}<br>answer %{x}<br>%{customdata} samples<extra></extra>",
    }
    if small:
        cell |= {"text": [[str(c) if c else "" for c in row] for row in confusion.counts.tolist()]}
        cell |= {"texttemplate": "%{text}", "textfont": {"size": 12}}
    axis = {"type": "category", "automargin": True, "constrain": "domain"}
    layout: dict[str, Any] = {
        "xaxis": {**axis, "title": {"text": "answer", "standoff": 6}, "side": "bottom"},
        "yaxis": {
            **axis,
            "title": {"text": "truth", "standoff": 6},
            "autorange": "reversed",
        },
        "hovermode": "closest",
        "showlegend": False,
    }
    height = int(min(620, max(280, 110 + 30 * len(names))))
    return Chart(
        "confusion",
        "Confusion matrix",
        "Which classes does it mix up?",
        [cell],
        layout,
        confusion_words(confusion),
        height=height,
        note="click a cell to see its samples",
        pick=True,
    )


def confusion_words(confusion: Confusion) -> str:
    """The message of the matrix in a sentence."""
    worst = confusion.worst(1)
    total = int(confusion.counts.sum())
    if not worst:
        return f"All {total} samples are answered rightly."
    truth, answer, times = worst[0]
    often = "once" if times == 1 else f"{times} times"
    return (
        f"{confusion.right} of {total} right; most often {truth} is taken for {answer} ({often})."
    )


def _cut(name: str, letters: int = 16) -> str:
    return name if len(name) <= letters else name[: letters - 1] + "…"
