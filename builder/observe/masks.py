"""Masks to look at: laid over their pictures, beside the truth, with the colours of the classes explained."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from builder.data.painting import BACKGROUND, colours, painted
from builder.observe.chart import Chart, Palette, Trace
from builder.observe.shown import shown_chart

COVER = 0.65
"""How much of the colour of a class covers the picture below it."""
LEGEND = 30
"""Pixels of the line that names the colours."""
LARGE = 108
"""Pixels of a row of pictures where there is room."""
ASPECT = 0.55
"""Height over width where there is not, so that rows are no higher than their pictures."""
MOST_NAMED = 12
"""So many colours are named; with more the names would be longer than the pictures."""

Pictures = NDArray[Any]
Masks = NDArray[Any]


def overlaid(pictures: Pictures, masks: Masks, classes: Sequence[str]) -> NDArray[np.float32]:
    """Pictures (..., H, W, C) in 0..1 with the colours of the classes of (..., H, W) over them: (..., H, W, 3).

    The picture is made grey below a colour, so that it does not change it; the background is left as it is.
    """
    seen = np.broadcast_to(pictures, (*pictures.shape[:-1], 3)) if is_grey(pictures) else pictures
    grey = seen.mean(axis=-1, keepdims=True)
    cover = COVER * painted(masks, classes) / 255 + (1 - COVER) * grey
    ground = np.array([name == BACKGROUND for name in classes])
    bare = ground[np.asarray(masks).astype(np.int64)][..., None]
    found: NDArray[np.float32] = np.where(bare, seen, cover).astype(np.float32)
    return found


def is_grey(pictures: Pictures) -> bool:
    """Whether pictures have one channel only."""
    return bool(pictures.shape[-1] == 1)


def masks_chart(
    pictures: Pictures,
    truths: Masks | None,
    answers: Masks,
    classes: Sequence[str],
    palette: Palette,
    *,
    scores: Sequence[float] = (),
    large: bool = False,
) -> Chart:
    """Pictures (N, H, W, C) in 0..1 above their true masks (N, H, W) and the answered ones.

    `scores` (0..1) are written above the pictures; `large` suits a chart as wide as the page.
    """
    rows = {"picture": pictures}
    if truths is not None:
        rows["truth"] = painted(truths, classes) / 255
    rows["answer"] = painted(answers, classes) / 255
    chart = shown_chart(rows, palette)
    named = list(classes)[:MOST_NAMED]
    layout: dict[str, Any] = {**chart.layout, **_legend(top=22 if scores else 4)}
    layout["yaxis"] = {**layout["yaxis"], "showline": False}
    if scores:
        layout["xaxis"] = {
            **layout["xaxis"],
            "visible": True,
            "side": "top",
            "showgrid": False,
            "zeroline": False,
            "showline": False,
            "ticks": "",
            "tickmode": "array",
            "tickvals": list(range(len(scores))),
            "ticktext": [f"{100 * score:.0f} %" for score in scores],
        }
    right = float((truths == answers).mean()) if truths is not None else None
    return chart._replace(
        id="masks",
        title="Masks",
        question="What does it see at each pixel?",
        traces=[*chart.traces, *_key(named, classes)],
        layout=layout,
        alt=f"{len(pictures)} pictures with the class answered at each pixel"
        + (f"; {100 * right:.1f} % of their pixels are right." if right is not None else "."),
        height=(len(rows) * LARGE if large else chart.height) + LEGEND + (18 if scores else 0),
        aspect=ASPECT if large else None,
        table=_table(truths, answers, classes),
    )


def answer_mask_chart(
    picture: NDArray[Any], mask: NDArray[Any], classes: Sequence[str], palette: Palette
) -> Chart:
    """One picture (H, W, C) in 0..1, its answered mask (H, W) over it, and the mask alone, side by side."""
    over = overlaid(picture, mask, classes)
    alone = painted(mask, classes) / 255
    seen = np.broadcast_to(picture, over.shape)
    chart = shown_chart({"": np.stack([seen, over, alone])}, palette)
    layout = {**chart.layout, **_legend(top=4)}
    layout["yaxis"] = {**layout["yaxis"], "visible": False}
    return chart._replace(
        id="mask",
        title="Mask",
        question="What does it see at each pixel?",
        traces=[*chart.traces, *_key(list(classes)[:MOST_NAMED], classes)],
        layout=layout,
        alt="The picture, the answered classes over it, and the mask alone.",
        height=170 + LEGEND,
        table=_table(None, mask[None], classes),
    )


def _legend(*, top: int) -> dict[str, Any]:
    """Room for the line that names the colours."""
    return {
        "showlegend": True,
        "legend": {"orientation": "h", "y": 0, "yanchor": "top", "x": 0, "itemclick": False},
        "margin": {"l": 8, "r": 8, "t": top, "b": LEGEND},
    }


def _key(named: Sequence[str], classes: Sequence[str]) -> list[Trace]:
    """A coloured square for each class, in the legend alone."""
    found = []
    for name, (red, green, blue) in zip(named, colours(classes).tolist(), strict=False):
        marker = {"symbol": "square", "size": 12, "color": f"#{red:02x}{green:02x}{blue:02x}"}
        trace: Trace = {
            "type": "scatter",
            "mode": "markers",
            "x": [None],
            "y": [None],
            "name": name,
            "marker": marker,
            "hoverinfo": "skip",
            "showlegend": True,
        }
        found.append(trace)
    return found


def _table(truths: Masks | None, answers: Masks, classes: Sequence[str]) -> dict[str, list[Any]]:
    """Of each sample, how many of its pixels have each class."""
    found: dict[str, list[Any]] = {"sample": list(range(len(answers)))}
    for word, masks in (("truth", truths), ("answer", answers)):
        if masks is None:
            continue
        for code, name in enumerate(classes):
            counts = np.count_nonzero(np.equal(masks, code), axis=(1, 2))
            found[f"{word}: {name}, pixels"] = counts.tolist()
    return found
