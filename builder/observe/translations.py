"""Where texts are written right: exact match by length, as a chart."""

from collections.abc import Sequence
from typing import Any

from builder.observe.chart import Chart, Palette


def length_chart(
    shortest: Sequence[int],
    longest: Sequence[int],
    samples: Sequence[int],
    exact: Sequence[float],
    palette: Palette,
) -> Chart:
    """A bar for each group of texts of neighbouring lengths: the share written without a mistake."""
    names = [
        str(low) if low == high else f"{low} to {high}"
        for low, high in zip(shortest, longest, strict=True)
    ]
    shares = [100 * share for share in exact]
    bars = {
        "type": "bar",
        "x": names,
        "y": shares,
        "customdata": list(samples),
        "text": [f"{share:.1f} %" for share in shares],
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": palette.train},
        "hovertemplate": "%{x} tokens<br>%{y:.1f} % of %{customdata} texts<extra></extra>",
    }
    layout = {
        "xaxis": {"type": "category", "title": {"text": "tokens of the text", "standoff": 6}},
        "yaxis": {"title": {"text": "exact match, %"}, "range": [0, 112], "tickvals": [0, 50, 100]},
        "showlegend": False,
    }
    least = min(range(len(exact)), key=lambda place: exact[place]) if exact else None
    words = (
        "No text was measured."
        if least is None
        else f"Least often right: {shares[least]:.1f} % of texts with {names[least]} tokens."
    )
    table: dict[str, list[Any]] = {
        "tokens": names,
        "texts": list(samples),
        "exact match": [round(s, 4) for s in exact],
    }
    return Chart(
        "lengths",
        "Exact match by length",
        "Does it lose the thread in long texts?",
        [bars],
        layout,
        words,
        height=280,
        table=table,
    )
