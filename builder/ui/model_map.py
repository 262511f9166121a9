"""The model map: every layer of a run coloured by how it does; the only file that knows streamlit-agraph."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any, NamedTuple

import streamlit as st
import streamlit_agraph
from streamlit_agraph import Config, Edge, Node

from builder.network.layout import GAP_DOWN, HEIGHT, WIDTH, layout
from builder.observe.layers import Reading, VitalSign
from builder.spec import network as spec
from builder.spec.network import Network
from builder.ui import theme, words

CENTRE = WIDTH / 2
FLATTER = 0.5
"""Boxes of the map have one line, so rows lie closer than on the canvas."""
ROW = FLATTER * (HEIGHT + GAP_DOWN)
INKS = ("#000000", "#FFFFFF")
"""The middle of the scale is readable with pure black only."""
LEAST_HEIGHT, MOST_HEIGHT = 260, 640


class MapLayer(NamedTuple):
    """One box of the map."""

    id: str
    label: str
    x: float
    y: float
    colour: str
    ink: str
    border: str
    thick: bool


def map_layers(
    network: Network, readings: Mapping[str, Reading], *, selected: str, chosen: theme.Mode
) -> list[MapLayer]:
    """The boxes: place from the layout, colour and second line from the reading, ring when out of range."""
    tokens = theme.tokens(chosen)
    places = layout(network).points
    return [
        _box(node, places[node.id], readings.get(node.id), tokens, is_selected=node.id == selected)
        for node in network.nodes
        if node.id in places
    ]


def map_height(layers: list[MapLayer]) -> int:
    """Pixels the map needs so that its rows are readable, within bounds."""
    places = [layer.y for layer in layers] or [0.0]
    return int(min(MOST_HEIGHT, max(LEAST_HEIGHT, max(places) - min(places) + 2 * ROW)))


def model_map(
    network: Network,
    readings: Mapping[str, Reading],
    *,
    selected: str,
    key: str,
) -> str:
    """Draws the map; the id of the layer clicked last, empty before the first click.

    The value stays when the same layer is clicked again or the choice changes elsewhere, so a caller acts only
    when it differs from what it saw before.
    """
    chosen = theme.mode()
    tokens = theme.tokens(chosen)
    layers = map_layers(network, readings, selected=selected, chosen=chosen)
    height = map_height(layers)
    data = json.dumps({"nodes": [_node(x) for x in layers], "edges": _edges(network, tokens)})
    component = getattr(streamlit_agraph, "_agraph", None)  # agraph() itself takes no key
    if component is None:
        nodes = [Node(**_node(x)) for x in layers]
        edges = [Edge(source=w.source, target=w.target) for w in network.wires]
        clicked = streamlit_agraph.agraph(nodes, edges, _config(height))
    else:
        clicked = component(data=data, config=json.dumps(vars(_config(height))), key=key)
    known = {layer.id for layer in layers}
    return clicked if isinstance(clicked, str) and clicked in known else ""


def layer_list(names: Mapping[str, str], readings: Mapping[str, Reading], *, selected: str) -> None:
    """The map as a list in reading order, for a window too narrow for it."""
    tokens = theme.tokens(theme.mode())
    rows = []
    for layer, name in names.items():
        reading = readings.get(layer)
        colour = theme.between(theme.CIVIDIS, reading.share) if reading else tokens.surface
        said = "" if reading is None else reading.words + ("" if reading.healthy else " ⚠")
        current = ' aria-current="true"' if layer == selected else ""
        rows.append(
            f'<li{current}><span class="ll-swatch" style="background:{colour}"></span>'
            f"<span>{escape(words.cut(name, 28))}</span><span>{escape(said)}</span></li>"
        )
    st.html(f'<ul class="ll-layers">{"".join(rows)}</ul>')


def legend(sign: VitalSign) -> None:
    """What the colours of the map mean: name, ends of the scale, the healthy band."""
    low, high = sign.words(sign.low), sign.words(sign.high)
    swatches = "".join(
        f'<span style="flex:1;background:{colour}"></span>' for colour in theme.CIVIDIS
    )
    everything = sign.healthy == (sign.low, sign.high)
    band = (
        ""
        if everything
        else f" · healthy {sign.words(sign.healthy[0])} to {sign.words(sign.healthy[1])}"
    )
    st.html(
        f'<div style="display:flex;align-items:center;gap:8px;font-size:12px;color:var(--ll-muted)">'
        f"<span>{low}</span>"
        f'<span style="display:flex;height:8px;flex:1;max-width:160px" aria-hidden="true">{swatches}</span>'
        f"<span>{high}{band}</span></div>"
    )


def _box(
    node: spec.Node,
    place: tuple[float, float],
    reading: Reading | None,
    tokens: theme.Tokens,
    *,
    is_selected: bool,
) -> MapLayer:
    name = words.cut(node.name, 18)
    fill = theme.between(theme.CIVIDIS, reading.share) if reading else tokens.surface
    ink = max(INKS, key=lambda one: theme.contrast(one, fill)) if reading else tokens.text
    sick = reading is not None and not reading.healthy
    mark = " ⚠" if sick else ""
    border = tokens.focus if is_selected else tokens.warning if sick else tokens.control
    return MapLayer(
        node.id,
        f"{name}  {reading.words}{mark}" if reading else name,
        place[0] + CENTRE,
        FLATTER * place[1],
        fill,
        ink,
        border,
        thick=sick or is_selected,
    )


def _node(layer: MapLayer) -> dict[str, Any]:
    same = {"background": layer.colour, "border": layer.border}
    node = Node(
        id=layer.id,
        label=layer.label,
        shape="box",
        x=layer.x,
        y=layer.y,
        color={**same, "highlight": same, "hover": same},
        font={"color": layer.ink, "size": 16, "face": "Source Sans, Source Sans Pro, sans-serif"},
        borderWidth=4 if layer.thick else 1,
        borderWidthSelected=4 if layer.thick else 1,
        widthConstraint={"minimum": 170, "maximum": 230},
        margin=7,
        shapeProperties={"borderRadius": 8},
    )
    node.title = None  # a title would open a browser tab on double click
    written: dict[str, Any] = node.to_dict()
    return written


def _edges(network: Network, tokens: theme.Tokens) -> list[dict[str, Any]]:
    written = []
    for wire in network.wires:
        name = f"{wire.source}.{wire.source_port}>{wire.target}.{wire.target_port}"
        edge = Edge(source=wire.source, target=wire.target, id=name, color=tokens.control)
        written.append({**edge.to_dict(), "arrows": {"to": {"scaleFactor": 0.6}}})
    return written


def _config(height: int) -> Config:
    config = Config(
        height=height,
        directed=True,
        physics=False,
        interaction={"dragNodes": False, "hover": True, "zoomView": True, "multiselect": False},
    )
    config.width = "100%"  # the constructor would write "100%px"
    if hasattr(config, "groups"):
        del config.groups  # None makes vis-network log an error
    return config
