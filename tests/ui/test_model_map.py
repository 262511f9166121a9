"""The model map: boxes, colours and what reaches streamlit-agraph."""

import json

import pytest

from builder.observe.layers import GRADIENT, UPDATE, Reading
from builder.spec.network import Network, Node, Wire
from builder.ui import model_map as subject
from builder.ui import theme

NETWORK = Network(
    nodes=(
        Node(id="a", kind="input", name="input"),
        Node(id="b", kind="linear", name="linear1"),
        Node(id="c", kind="output", name="<b>output</b>"),
    ),
    wires=(Wire(source="a", target="b"), Wire(source="b", target="c")),
)


def reading(value: float, sign=GRADIENT) -> Reading:
    return Reading(value, sign.share(value), sign.is_healthy(value), sign.words(value))


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("value", [1e-9, 1e-4, 1e-2, 1.0, 50.0])
def test_every_value_can_be_read_on_its_colour(value: float, mode: theme.Mode) -> None:
    boxes = subject.map_layers(NETWORK, {"b": reading(value)}, selected="", chosen=mode)
    for box in boxes:
        assert theme.contrast(box.ink, box.colour) >= 4.5


def test_layers_stand_in_order_from_top_to_bottom() -> None:
    boxes = {box.id: box for box in subject.map_layers(NETWORK, {}, selected="", chosen="light")}
    assert boxes["a"].y < boxes["b"].y < boxes["c"].y


def test_a_sick_layer_has_a_sign_and_a_ring_besides_its_colour() -> None:
    sick = reading(0.5, UPDATE)
    box = subject.map_layers(NETWORK, {"b": sick}, selected="", chosen="light")[1]
    assert "⚠" in box.label
    assert box.thick
    assert box.border == theme.LIGHT.warning


def test_the_selected_layer_has_the_focus_ring() -> None:
    box = subject.map_layers(NETWORK, {}, selected="b", chosen="light")[1]
    assert box.thick
    assert box.border == theme.LIGHT.focus


def sent(monkeypatch, clicked):
    told = {}

    def component(**keywords):
        told.update(keywords)
        return clicked

    monkeypatch.setattr(subject.streamlit_agraph, "_agraph", component)
    answer = subject.model_map(NETWORK, {"b": reading(0.1)}, selected="b", key="map")
    return answer, told


def test_the_map_is_keyed_and_its_nodes_open_no_browser_tab(monkeypatch) -> None:
    answer, told = sent(monkeypatch, "b")
    assert answer == "b"
    assert told["key"] == "map"
    data = json.loads(told["data"])
    assert all(not node["title"] for node in data["nodes"])
    assert len(data["edges"]) == 2
    config = json.loads(told["config"])
    assert config["width"] == "100%"
    assert "groups" not in config
    assert config["physics"]["enabled"] is False


@pytest.mark.parametrize("clicked", [None, "gone", 7, {"id": "b"}])
def test_what_is_no_layer_of_this_network_selects_nothing(monkeypatch, clicked) -> None:
    assert sent(monkeypatch, clicked)[0] == ""


def test_a_long_chain_gets_a_higher_map_within_bounds() -> None:
    nodes = tuple(Node(id=f"n{i}", kind="relu", name=f"relu{i}") for i in range(60))
    wires = tuple(Wire(source=f"n{i}", target=f"n{i + 1}") for i in range(59))
    long = subject.map_layers(Network(nodes=nodes, wires=wires), {}, selected="", chosen="light")
    short = subject.map_layers(NETWORK, {}, selected="", chosen="light")
    assert subject.map_height(short) == subject.LEAST_HEIGHT
    assert subject.map_height(long) == subject.MOST_HEIGHT


def test_as_a_list_every_layer_has_its_reading_and_names_are_text(monkeypatch) -> None:
    said = []
    monkeypatch.setattr(subject.st, "html", said.append)
    names = {node.id: node.name for node in NETWORK.nodes}
    subject.layer_list(names, {"b": reading(0.5, UPDATE)}, selected="b")
    (html,) = said
    assert html.count("<li") == 3
    assert html.count("aria-current") == 1
    assert "&lt;b&gt;output&lt;/b&gt;" in html
    assert "⚠" in html
