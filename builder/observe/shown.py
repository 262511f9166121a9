"""Samples a recipe has to show: inputs beside reconstructions, or new ones, as pictures or as numbers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from builder.observe.chart import Chart, Palette, Trace, faint, line
from builder.observe.maps import png

Rows = Mapping[str, NDArray[Any]]
"""By word, first axis samples: pictures (N, H, W, C) in 0..1, or numbers (N, F)."""
A_ROW = 8
"""New samples stand so many in a row."""
LEAST_SIDE = 48
"""Small pictures are enlarged pixel by pixel to at least this."""
PICTURE = 0.94
"""Share of its cell that a picture takes."""


def shown_chart(rows: Rows, palette: Palette, *, note: str = "") -> Chart:
    """The samples as they are now; rows of pictures above each other, numbers against each other."""
    if any(values.ndim == 4 for values in rows.values()):
        chart = _pictures(rows, palette)
    elif "reconstruction" in rows:
        chart = _numbers(rows, palette)
    else:
        chart = _table(next(iter(rows.values())), palette)
    return chart._replace(note=note)


def data_address(pixels: NDArray[Any]) -> str:
    """Pixels (H, W, C) in 0..1 as the data address of a PNG, enlarged to whole blocks of pixels."""
    full = np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8)
    factor = max(1, -(-LEAST_SIDE // max(full.shape[:2])))
    larger = full.repeat(factor, axis=0).repeat(factor, axis=1)
    return png(larger if larger.shape[2] == 3 else larger[:, :, :1].repeat(3, axis=2))


def _pictures(rows: Rows, palette: Palette) -> Chart:
    lines = _lines(rows)
    columns = max(len(values) for _, values in lines)
    images = [
        _image(values[place], place, number)
        for number, (_, values) in enumerate(lines)
        for place in range(len(values))
    ]
    ticks = {
        "tickmode": "array",
        "tickvals": list(range(len(lines))),
        "ticktext": [f"{name} " for name, _ in lines],
    }
    layout: dict[str, Any] = {
        "xaxis": {"range": [-0.5, columns - 0.5], "visible": False, "fixedrange": True},
        "yaxis": {
            "range": [len(lines) - 0.5, -0.5],
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "automargin": True,
            "tickfont": {"size": 13},
            **ticks,
        },
        "images": images,
        "hovermode": False,
        "showlegend": False,
        "margin": {"l": 8, "r": 8, "t": 4, "b": 4},
    }
    hidden: Trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [0, columns - 1],
        "y": [0, len(lines) - 1],
        "marker": {"size": 1, "color": faint(palette.text, 0.0)},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    return Chart(
        "shown",
        "Samples",
        _question(rows),
        [hidden],
        layout,
        _words(rows),
        height=int(16 + 62 * len(lines)),
        table=_means(rows),
    )


def _lines(rows: Rows) -> list[tuple[str, NDArray[Any]]]:
    """One line of pictures a word; many pictures of one word are broken into several lines."""
    found = []
    for name, values in rows.items():
        for start in range(0, len(values), A_ROW):
            found.append((name if start == 0 else "", values[start : start + A_ROW]))
    return found


def _image(pixels: NDArray[Any], column: int, row: int) -> dict[str, Any]:
    return {
        "source": data_address(pixels),
        "xref": "x",
        "yref": "y",
        "x": column,
        "y": row,
        "sizex": PICTURE,
        "sizey": PICTURE,
        "xanchor": "center",
        "yanchor": "middle",
        "sizing": "contain",
    }


def _numbers(rows: Rows, palette: Palette) -> Chart:
    given = np.ravel(rows["input"]).astype(np.float64)
    made = np.ravel(rows["reconstruction"]).astype(np.float64)
    ends = np.array([min(given.min(), made.min()), max(given.max(), made.max())])
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": given,
        "y": made,
        "name": "a value of a sample",
        "marker": {"size": 6, "color": faint(palette.train, 0.55)},
        "hovertemplate": "input %{x:.3g}<br>reconstruction %{y:.3g}<extra></extra>",
    }
    layout = {
        "xaxis": {"title": {"text": "input, as the network sees it"}},
        "yaxis": {"title": {"text": "reconstruction"}},
        "hovermode": "closest",
    }
    same = line(ends, ends, "the same", palette.muted, dash="dot", width=1.5)
    return Chart(
        "shown", "Samples", _question(rows), [points, same], layout, _words(rows), height=300
    )


def _table(values: NDArray[Any], palette: Palette) -> Chart:
    flat = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
    heat: Trace = {"type": "heatmap", "z": flat, "colorscale": "Cividis", "showscale": True}
    layout = {
        "xaxis": {"title": {"text": "value of a sample"}},
        "yaxis": {"title": {"text": "sample"}, "autorange": "reversed"},
    }
    words = f"{len(flat)} new samples, a row each."
    return Chart("shown", "Samples", "What does it make?", [heat], layout, words, height=300)


def _question(rows: Rows) -> str:
    return "How well does it give them back?" if "reconstruction" in rows else "What does it make?"


def _words(rows: Rows) -> str:
    if "reconstruction" not in rows:
        return f"{len(next(iter(rows.values())))} new samples the network has made."
    error = float(np.mean((rows["reconstruction"] - rows["input"]) ** 2))
    return (
        f"These {len(rows['input'])} samples come back with a squared error of {error:.3g} a value."
    )


def _means(rows: Rows) -> dict[str, list[Any]]:
    count = max(len(values) for values in rows.values())
    found: dict[str, list[Any]] = {"sample": list(range(count))}
    for name, values in rows.items():
        flat = values.reshape(len(values), -1)
        means = [float(f"{v:.4g}") for v in flat.mean(axis=1)]
        found[f"{name}, mean"] = means + [None] * (count - len(means))
    return found
