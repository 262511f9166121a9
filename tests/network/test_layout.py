from hypothesis import given
from hypothesis import strategies as st

from builder.network.layout import HEIGHT, WIDTH, layout
from builder.spec.network import Graph, Node, Wire


def graph(count, pairs):
    nodes = tuple(Node(id=f"n{i}", kind="relu", name='</svg><script>"') for i in range(count))
    return Graph(nodes=nodes, wires=tuple(Wire(source=f"n{a}", target=f"n{b}") for a, b in pairs))


forward_pairs = st.sets(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda p: p[0] < p[1])
)
any_pairs = st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20)


@given(forward_pairs)
def test_nodes_stand_below_what_feeds_them_and_never_on_each_other(pairs):
    made = graph(10, sorted(pairs))
    points = layout(made).points
    for wire in made.wires:
        assert points[wire.target].y >= points[wire.source].y + HEIGHT + 40
    places = list(points.values())
    for i, a in enumerate(places):
        for b in places[i + 1 :]:
            assert abs(a.x - b.x) >= WIDTH or abs(a.y - b.y) >= HEIGHT
    assert all(point.x >= 0 and point.x % 8 == 0 for point in places)


@given(any_pairs)
def test_the_same_drawing_gives_the_same_places_even_with_circles(pairs):
    made = graph(10, sorted(pairs))
    assert layout(made) == layout(made)
    assert set(layout(made).points) == {node.id for node in made.nodes}


def test_a_chain_is_one_column_or_one_row():
    made = graph(4, [(0, 1), (1, 2), (2, 3)])
    assert len({point.x for point in layout(made).points.values()}) == 1
    assert len({point.y for point in layout(made, direction="right").points.values()}) == 1
