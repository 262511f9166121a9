"""What a layer sees: its output for one sample as tiles of one small picture, then as a chart."""

import base64
import io
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from builder.observe.chart import Chart, Palette, Trace, faint

Array = NDArray[np.float32]
MAX_TILES = 64
GAP = 1
"""Pixels between tiles."""
FLAT_ROW = 32


class Tiles(NamedTuple):
    """A layer's output cut into tiles, as they stand in the picture."""

    tiles: Array
    """(n, H, W)"""
    columns: int
    names: tuple[str, ...]
    dead: tuple[int, ...]
    """Tiles whose values are all zero."""
    signed: bool
    """True when values below zero occur: shown around zero, else grey from zero."""
    shown_of: int
    """How many channels there are; more than `tiles` when some were left out."""


def tiles_of(output: NDArray[Any]) -> Tiles:
    """Tiles of an output without batch axis: (C, H, W) channels, (L, F) one strip, (F,) rows of 32."""
    values = np.nan_to_num(np.asarray(output, dtype=np.float32))
    if values.ndim == 0:
        values = values.reshape(1)
    if values.ndim > 3:
        values = values.reshape(-1, *values.shape[-2:])
    if values.ndim == 1:
        values = _wrapped(values)[None]
    elif values.ndim == 2:
        values = values.T[None]
    count = len(values)
    values = values[:MAX_TILES]
    channel = output.ndim == 3
    names = tuple(f"channel {i}" if channel else "output" for i in range(len(values)))
    dead = tuple(int(i) for i in np.flatnonzero(~values.any(axis=(1, 2)))) if channel else ()
    return Tiles(values, _columns(values), names, dead, bool((values < 0).any()), count)


def picture(tiles: Tiles, palette: Palette, *, one_scale: bool = False) -> NDArray[np.uint8]:
    """The tiles side by side, uint8 (height, width, 4); each on its own scale unless `one_scale`."""
    count, height, width = tiles.tiles.shape
    rows = -(-count // tiles.columns)
    full = np.zeros(
        (rows * (height + GAP) - GAP, tiles.columns * (width + GAP) - GAP, 4), dtype=np.uint8
    )
    peak = np.abs(tiles.tiles).max(axis=(1, 2))
    scale = np.full(count, peak.max()) if one_scale else peak
    for i, tile in enumerate(tiles.tiles):
        row, column = divmod(i, tiles.columns)
        shares = tile / scale[i] if scale[i] else tile
        top, left = row * (height + GAP), column * (width + GAP)
        full[top : top + height, left : left + width, :3] = _painted(shares, tiles.signed, palette)
        full[top : top + height, left : left + width, 3] = 255
    return full


def png(pixels: NDArray[np.uint8]) -> str:
    """A picture as a data URI."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG", optimize=False, compress_level=6)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def maps_chart(
    tiles: Tiles, palette: Palette, *, layer: str, id: str = "maps", one_scale: bool = False
) -> Chart:
    """The tiles as one pixelated picture without axes; dead ones framed with the word."""
    pixels = picture(tiles, palette, one_scale=one_scale)
    height, width = pixels.shape[:2]
    image: Trace = {"type": "image", "source": png(pixels), "hoverinfo": "skip", "zsmooth": False}
    fixed = {"visible": False, "fixedrange": True}
    layout: dict[str, Any] = {
        "xaxis": {**fixed, "range": [-0.5, width - 0.5], "constrain": "domain"},
        "yaxis": {
            **fixed,
            "range": [height - 0.5, -0.5],
            "scaleanchor": "x",
            "constrain": "domain",
        },
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "hovermode": "closest",
        "showlegend": False,
        "shapes": [_frame(tiles, i, palette) for i in tiles.dead],
        "annotations": [_word(tiles, i, palette) for i in tiles.dead],
    }
    shown = (
        f"{len(tiles.tiles)} of {tiles.shown_of} shown" if len(tiles.tiles) < tiles.shown_of else ""
    )
    return Chart(
        id,
        "Feature maps" if tiles.shown_of > 1 else "Output",
        f"What does {layer} see?",
        [image, _hover(tiles, palette)],
        layout,
        maps_words(tiles, layer),
        height=_height(height, width),
        note=shown,
        wide=True,
        aspect=height / width,
        table=_table(tiles),
    )


def maps_words(tiles: Tiles, layer: str) -> str:
    """The message of the tiles in a sentence."""
    if tiles.shown_of == 1:
        return f"The output of {layer} for this sample, {tiles.tiles.size} values."
    strongest = int(np.abs(tiles.tiles).mean(axis=(1, 2)).argmax())
    dead = f"; {len(tiles.dead)} of {len(tiles.tiles)} are dead" if tiles.dead else ""
    return (
        f"{layer} answers this sample with {tiles.shown_of} feature maps, "
        f"the strongest is {tiles.names[strongest]}{dead}."
    )


def _wrapped(values: Array) -> Array:
    if len(values) <= FLAT_ROW:
        return values[None]
    rows = -(-len(values) // FLAT_ROW)
    padded = np.zeros(rows * FLAT_ROW, dtype=np.float32)
    padded[: len(values)] = values
    return padded.reshape(rows, FLAT_ROW)


def _columns(values: Array) -> int:
    """Tiles a row: a wide picture, about 3 to 1, of whole rows where possible."""
    count, height, width = values.shape
    ideal = max(1, min(count, round(np.sqrt(3 * count * height / width))))
    for near in sorted(range(1, count + 1), key=lambda n: abs(n - ideal)):
        if count % near == 0 and 0.6 * ideal <= near <= 1.7 * ideal:
            return near
    return int(ideal)


def _painted(shares: Array, signed: bool, palette: Palette) -> NDArray[np.uint8]:
    if not signed:
        grey = np.round(255 * np.clip(shares, 0, 1)).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    stops = np.array([_channels(c) for c in (*palette.signed[:5], "#F7F7F7", *palette.signed[5:])])
    place = (np.clip(shares, -1, 1) + 1) / 2 * (len(stops) - 1)
    low = np.minimum(place.astype(np.int64), len(stops) - 2)
    weight = (place - low)[:, :, None]
    painted: NDArray[np.uint8] = np.round(
        stops[low] * (1 - weight) + stops[low + 1] * weight
    ).astype(np.uint8)
    return painted


def _corner(tiles: Tiles, i: int) -> tuple[int, int]:
    _, height, width = tiles.tiles.shape
    row, column = divmod(i, tiles.columns)
    return row * (height + GAP), column * (width + GAP)


def _frame(tiles: Tiles, i: int, palette: Palette) -> dict[str, Any]:
    top, left = _corner(tiles, i)
    _, height, width = tiles.tiles.shape
    return {
        "type": "rect",
        "x0": left - 0.5,
        "x1": left + width - 0.5,
        "y0": top - 0.5,
        "y1": top + height - 0.5,
        "line": {"color": palette.warning, "width": 2},
    }


def _word(tiles: Tiles, i: int, palette: Palette) -> dict[str, Any]:
    top, left = _corner(tiles, i)
    _, height, width = tiles.tiles.shape
    return {
        "x": left + width / 2 - 0.5,
        "y": top + height / 2 - 0.5,
        "text": "dead",
        "showarrow": False,
        "font": {"size": 12, "color": palette.text},
        "bgcolor": faint(palette.ground, 0.85),
    }


def _hover(tiles: Tiles, palette: Palette) -> Trace:
    """Invisible points in the middle of the tiles that say which channel it is."""
    _, height, width = tiles.tiles.shape
    corners = [_corner(tiles, i) for i in range(len(tiles.tiles))]
    places = [(left + width / 2, top + height / 2) for top, left in corners]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": np.array([x - 0.5 for x, _ in places]),
        "y": np.array([y - 0.5 for _, y in places]),
        "text": [
            f"{name}<br>{tile.min():.3g} to {tile.max():.3g}"
            for name, tile in zip(tiles.names, tiles.tiles, strict=True)
        ],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"size": 30, "color": faint(palette.text, 0.0), "symbol": "square"},
        "showlegend": False,
    }


def _height(rows: int, columns: int) -> int:
    return int(min(520, max(64, 900 * rows / max(1, columns))))


def _table(tiles: Tiles) -> dict[str, list[Any]]:
    flat = tiles.tiles.reshape(len(tiles.tiles), -1)
    return {
        "map": list(tiles.names),
        "least": [float(f"{v:.4g}") for v in flat.min(axis=1)],
        "mean": [float(f"{v:.4g}") for v in flat.mean(axis=1)],
        "greatest": [float(f"{v:.4g}") for v in flat.max(axis=1)],
    }


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
