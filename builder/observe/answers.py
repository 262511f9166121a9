"""What the network says: shares of the likeliest classes or numbers, as bars."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from builder.observe.chart import Chart, Palette


class Answer(NamedTuple):
    """The likeliest classes with their shares, the first being the answer."""

    names: tuple[str, ...]
    shares: tuple[float, ...]

    @property
    def name(self) -> str:
        """The answer itself."""
        return self.names[0]

    @property
    def certainty(self) -> float:
        """Its share, 0..1."""
        return self.shares[0]


def answer_from_logits(logits: NDArray[Any], classes: Sequence[str], top: int = 5) -> Answer:
    """The softmax of one sample's logits; one logit for two classes is a sigmoid."""
    values = np.asarray(logits, dtype=np.float64).ravel()
    if len(values) == 1 and len(classes) == 2:
        values = np.array([0.0, values[0]])
    shifted = np.exp(values - values.max())
    return answer_from_shares(dict(zip(classes, shifted / shifted.sum(), strict=False)), top)


def answer_from_shares(shares: Mapping[str, float], top: int = 5) -> Answer:
    """The `top` largest shares, in order."""
    ranked = sorted(shares.items(), key=lambda item: -item[1])[:top]
    return Answer(tuple(n for n, _ in ranked), tuple(float(s) for _, s in ranked))


def percentages(shares: Sequence[float]) -> list[float]:
    """Shares as percent with one decimal that add up to what they stand for together (largest remainders)."""
    exact = [1000 * share for share in shares]
    whole = [int(value) for value in exact]
    missing = round(sum(exact)) - sum(whole)
    for i in sorted(range(len(exact)), key=lambda i: whole[i] - exact[i])[:missing]:
        whole[i] += 1
    return [value / 10 for value in whole]


def answer_chart(answer: Answer, palette: Palette, *, id: str = "answer", truth: str = "") -> Chart:
    """The shares as horizontal bars, the answer strongest; the true class is named when it is known."""
    shown = percentages(answer.shares)
    colours = [palette.train, *[palette.muted] * (len(shown) - 1)]
    layout: dict[str, Any] = {
        "xaxis": {"range": [0, 126], "visible": False, "fixedrange": True},
        "yaxis": {
            "autorange": "reversed",
            "type": "category",
            "showgrid": False,
            "fixedrange": True,
            "automargin": True,
            "tickfont": {"size": 14},
        },
        "bargap": 0.35,
        "hovermode": False,
        "showlegend": False,
        "margin": {"l": 8, "r": 8, "t": 4, "b": 4},
    }
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": shown,
        "y": [_cut(name) for name in answer.names],
        "text": [f"{value:.1f} %" for value in shown],
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": colours},
    }
    words = f"The answer is {answer.name}, {shown[0]:.1f} % sure."
    if truth:
        words += f" The truth is {truth}."
    return Chart(
        id, "Answer", "What does it say?", [bars], layout, words, height=30 + 32 * len(shown)
    )


def _cut(name: str, letters: int = 28) -> str:
    return name if len(name) <= letters else name[: letters - 1] + "…"
