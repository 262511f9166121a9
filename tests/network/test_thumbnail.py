"""Thumbnails: every layer is in the picture, nothing overlaps, and no words of the user's get in."""

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from builder.network import thumbnail
from builder.network.layout import HEIGHT, WIDTH
from builder.network.thumbnail import thumbnail_svg
from builder.spec.network import Block, Graph, Node, Wire

RECT = "{http://www.w3.org/2000/svg}rect"
any_pairs = st.sets(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=24)


def graph(count, pairs, **last):
    nodes = [Node(id=f"n{i}", kind="relu", name='</svg><script>"') for i in range(count)]
    if last:
        nodes[-1] = nodes[-1].model_copy(update=last)
    wires = tuple(Wire(source=f"n{a}", target=f"n{b}") for a, b in pairs)
    return Graph(nodes=tuple(nodes), wires=wires)


def chain(count):
    return graph(count, [(i, i + 1) for i in range(count - 1)])


def boxes(text):
    return ET.fromstring(text).findall(RECT)


def test_it_holds_every_layer_and_none_of_the_users_words():
    text = thumbnail_svg(graph(4, [(0, 1), (1, 2), (0, 3), (2, 3)]))
    assert len(boxes(text)) == 4
    assert "script" not in text
    ET.fromstring(thumbnail_svg(graph(0, [])))


@given(any_pairs)
def test_layers_never_lie_on_each_other_however_the_chain_is_folded(pairs):
    made = graph(15, sorted((a, b) for a, b in pairs if a != b))
    places = [
        (float(one.get("x", 0)), float(one.get("y", 0))) for one in boxes(thumbnail_svg(made))
    ]
    assert len(places) == 15
    for i, (x1, y1) in enumerate(places):
        assert all(abs(x1 - x2) >= WIDTH or abs(y1 - y2) >= HEIGHT for x2, y2 in places[i + 1 :])


def test_a_long_chain_is_folded_into_columns_and_a_short_one_is_not():
    def columns(count):
        return len({one.get("x") for one in boxes(thumbnail_svg(chain(count)))})

    assert columns(4) == 1
    assert 2 <= columns(24) <= thumbnail.MOST_COLUMNS


def test_a_drawing_is_never_cut_where_a_skip_passes():
    pairs = [(i, i + 1) for i in range(19)]
    skipped = graph(20, [*pairs, (0, 18)])
    assert len({one.get("x") for one in boxes(thumbnail_svg(skipped))}) == 1
    assert len({one.get("x") for one in boxes(thumbnail_svg(graph(20, pairs)))}) > 1


def test_a_block_shows_a_stripe_for_each_layer_inside_and_a_card_behind_when_repeated():
    block = Block(id="b1", name="b", nodes=chain(3).nodes)
    once = graph(2, [(0, 1)], kind="block", block="b1")
    again = graph(2, [(0, 1)], kind="block", block="b1", repeat=4)
    assert len(boxes(thumbnail_svg(once, (block,)))) == 2 + 3
    assert len(boxes(thumbnail_svg(again, (block,)))) == 2 + 3 + 1
    assert len(boxes(thumbnail_svg(once))) == 2
