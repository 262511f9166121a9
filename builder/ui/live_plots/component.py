"""The Python side of the live charts: packs figures small and hands them to plots.js."""

import base64
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from builder.observe.chart import Chart
from builder.paths import ASSETS
from builder.ui.state import widget

_HERE = Path(__file__).parent
_STATIC = _HERE / "static"
_ENGINE = "plotly-cartesian.min.js"
"""plotly.js 4.1 without maps, 3D and what else no live chart draws: a third of the whole, and of its start."""

# Only for their static routes; the frames of these older components are never drawn.
_SCRIPT_ROUTE = st.components.v1.declare_component("live_plots_script", path=str(_STATIC))
_PLOTLY_ROUTE = st.components.v1.declare_component("plotlyjs", path=str(ASSETS / "charts"))
_VERSION = sha256(b"".join(p.read_bytes() for p in sorted(_STATIC.iterdir()))).hexdigest()[:12]
_ENGINE_VERSION = sha256((ASSETS / "charts" / _ENGINE).read_bytes()).hexdigest()[:12]

_LIVE = st.components.v2.component(
    "layerloom_live_plots",
    html="<div class='lp' role='group'></div>\n",
    css="\n" + (_STATIC / "plots.css").read_text(encoding="utf-8"),
    js="\n" + (_HERE / "loader.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


class Picked(NamedTuple):
    """A cell that was clicked: of which chart, where, and when in the browser's own milliseconds."""

    chart: str
    row: int
    column: int
    at: float


def live_plots(
    charts: Sequence[Chart], run: str, key: str, *, file_name: str = "chart", columns: int = 2
) -> None:
    """Draws charts that are updated in place; `run` names what is looked at: another one resets the zoom."""
    _LIVE(
        key=key,
        data={
            **addresses(),
            "run": run,
            "file": file_name,
            "columns": columns,
            "charts": [packed_chart(chart) for chart in charts],
        },
        on_picked_change=lambda: None,
    )


def picked(key: str) -> Picked | None:
    """The cell of a pickable chart that was clicked last; None before any click."""
    told = (widget(key) or {}).get("picked")
    if not isinstance(told, dict):
        return None
    try:
        return Picked(str(told["chart"]), int(told["row"]), int(told["column"]), float(told["at"]))
    except (KeyError, TypeError, ValueError):
        return None


def addresses() -> dict[str, str]:
    """Where the browser gets `script`, which draws, and `plotly`, which it draws with (1.5 MB)."""
    return {
        "script": f"{base()}/component/{_SCRIPT_ROUTE.name}/plots.js?v={_VERSION}",
        "plotly": f"{base()}/component/{_PLOTLY_ROUTE.name}/{_ENGINE}?v={_ENGINE_VERSION}",
    }


def base() -> str:
    """The path the server is mounted under, without a final slash; usually empty."""
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


def packed_chart(chart: Chart) -> dict[str, Any]:
    """A chart as JSON values, arrays as Plotly's typed arrays (float32, base64).

    `mark` is the same as long as the chart is, so that the browser draws only what has changed.
    """
    drawn = {
        "id": chart.id,
        "title": chart.title,
        "question": chart.question,
        "alt": chart.alt,
        "note": chart.note,
        "height": chart.height,
        "aspect": chart.aspect,
        "wide": chart.wide,
        "pick": chart.pick,
        "table": {name: list(values) for name, values in (chart.table or {}).items()},
        "traces": [packed(trace) for trace in chart.traces],
        "layout": packed(chart.layout),
    }
    return {**drawn, "mark": sha256(repr(drawn).encode()).hexdigest()[:16]}


def packed(value: Any) -> Any:
    """Any part of a figure with its arrays packed."""
    if isinstance(value, np.ndarray):
        return _typed_array(value)
    if isinstance(value, Mapping):
        return {name: packed(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [packed(part) for part in value]
    return value.item() if isinstance(value, np.generic) else value


def _typed_array(values: np.ndarray[Any, Any]) -> Any:
    if values.dtype.kind not in "fiub":
        return values.tolist()
    data = base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode()
    shape = {"shape": ", ".join(str(n) for n in values.shape)} if values.ndim > 1 else {}
    return {"dtype": "f4", "bdata": data, **shape}
