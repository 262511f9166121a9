"""What does it say now: the same few samples with answer and certainty, or with the number given and the true one."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from builder.observe.answers import answer_from_logits
from builder.observe.chart import Chart, Palette

ROW = 34
"""Pixels of one sample."""
PICTURE = 0.86
"""Share of its row that a picture takes."""


class Named(NamedTuple):
    """One sample of a classification."""

    truth: str
    answer: str
    certainty: float
    """0..1"""

    @property
    def is_right(self) -> bool:
        """Whether the answer is the truth."""
        return self.truth == self.answer


class Counted(NamedTuple):
    """One sample of a regression, in the target's own unit."""

    truth: float
    answer: float


def named(logits: NDArray[Any], truths: Sequence[str], classes: Sequence[str]) -> tuple[Named, ...]:
    """Answers from logits (N, classes), beside the true classes."""
    found = []
    for row, truth in zip(logits, truths, strict=False):
        answer = answer_from_logits(row, classes, top=1)
        found.append(Named(truth, answer.name, answer.certainty))
    return tuple(found)


def counted(values: NDArray[Any], truths: Sequence[float]) -> tuple[Counted, ...]:
    """Answers (N, ...) beside the true numbers, the first column of each."""
    flat = np.asarray(values, dtype=np.float64).reshape(len(values), -1)[:, 0]
    return tuple(Counted(float(t), float(a)) for t, a in zip(truths, flat, strict=False))


def named_chart(few: Sequence[Named], palette: Palette, *, pictures: Sequence[str] = ()) -> Chart:
    """A bar a sample: its length is the certainty, a word says whether the answer is right.

    `pictures` are data addresses of the samples, drawn before their rows.
    """
    right = sum(one.is_right for one in few)
    places = list(range(len(few)))
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": [100 * one.certainty for one in few],
        "y": places,
        "text": [_said(one) for one in few],
        "textposition": "outside",
        "cliponaxis": False,
        "constraintext": "none",
        "marker": {"color": [palette.train if one.is_right else palette.muted for one in few]},
    }
    layout = _layout(len(few), [f"truth {_cut(one.truth)}" for one in few], pictures)
    layout["xaxis"] = {"range": [0, 175], "visible": False, "fixedrange": True}
    words = f"{right} of these {len(few)} samples are answered rightly."
    table: dict[str, list[Any]] = {
        "truth": [one.truth for one in few],
        "answer": [one.answer for one in few],
        "certainty": [round(one.certainty, 4) for one in few],
    }
    return _chart([bars], layout, words, len(few), table=table)


def counted_chart(few: Sequence[Counted], palette: Palette, *, unit: str = "") -> Chart:
    """A row a sample: a ring at the truth, a dot at the answer, a line as long as the error."""
    places = list(range(len(few)))
    lines = {
        "type": "scatter",
        "mode": "lines",
        "x": [x for one in few for x in (one.truth, one.answer, None)],
        "y": [y for place in places for y in (place, place, None)],
        "line": {"color": palette.muted, "width": 1.5},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    ring = {
        "type": "scatter",
        "mode": "markers",
        "name": "truth",
        "x": [one.truth for one in few],
        "y": places,
        "marker": {"size": 11, "symbol": "circle-open", "color": palette.text},
    }
    dot = {
        "type": "scatter",
        "mode": "markers",
        "name": "answer",
        "x": [one.answer for one in few],
        "y": places,
        "marker": {"size": 9, "color": palette.train},
    }
    layout = _layout(len(few), [f"sample {place}" for place in places], ())
    layout["xaxis"] = {"title": {"text": unit or "value", "standoff": 6}}
    layout |= {"showlegend": True, "hovermode": "closest"}
    layout["margin"] = {"l": 8, "r": 8, "t": 22, "b": 34}
    off = float(np.mean([abs(one.truth - one.answer) for one in few])) if few else 0.0
    words = f"On these {len(few)} samples the answer is off by {off:.4g} on average."
    table: dict[str, list[Any]] = {
        "truth": [one.truth for one in few],
        "answer": [one.answer for one in few],
    }
    return _chart([lines, ring, dot], layout, words, len(few), table=table, more=56)


def _chart(
    traces: list[dict[str, Any]],
    layout: dict[str, Any],
    words: str,
    count: int,
    *,
    table: dict[str, list[Any]],
    more: int = 8,
) -> Chart:
    return Chart(
        "few",
        "Samples",
        "What does it say now?",
        traces,
        layout,
        words,
        height=more + ROW * count,
        table=table,
    )


def _layout(count: int, labels: list[str], pictures: Sequence[str]) -> dict[str, Any]:
    images = [
        {
            "source": source,
            "xref": "paper",
            "yref": "y",
            "x": -0.005,
            "y": place,
            "sizex": 0.09,  # wide enough for a square at any usual width; it keeps its own proportions
            "sizey": PICTURE,
            "xanchor": "right",
            "yanchor": "middle",
            "sizing": "contain",
        }
        for place, source in enumerate(pictures)
    ]
    return {
        "yaxis": {
            "range": [count - 0.5, -0.5],
            "tickmode": "array",
            "tickvals": list(range(count)),
            "ticktext": [f"{label}{'            ' if pictures else '  '}" for label in labels],
            "showgrid": False,
            "fixedrange": True,
            "automargin": True,
            "tickfont": {"size": 13},
        },
        "images": images,
        "bargap": 0.45,
        "hovermode": False,
        "showlegend": False,
        "margin": {"l": 8, "r": 8, "t": 4, "b": 4},
    }


def _said(one: Named) -> str:
    mark = "✓" if one.is_right else "✗ wrong:"
    return f" {mark} {_cut(one.answer)}, {100 * one.certainty:.0f} %"


def _cut(name: str, letters: int = 14) -> str:
    return name if len(name) <= letters else name[: letters - 1] + "…"
