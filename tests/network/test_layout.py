from itertools import combinations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from builder.network.layout import HEIGHT, WIDTH, layout
from builder.spec.network import Graph, Network, Node, Wire


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


def test_a_layer_put_into_a_connection_hardly_ever_changes_the_order_of_the_others():
    random = Random(1)
    pairs = swapped = 0
    for _ in range(100):
        before = _some_network(random)
        wire = random.choice(before.wires)
        rest = tuple(each for each in before.wires if each != wire)
        into = (Wire(source=wire.source, target="x"), Wire(source="x", target=wire.target))
        nodes = (*before.nodes, Node(id="x", kind="relu", name="x"))
        after = before.model_copy(update={"nodes": nodes, "wires": rest + into})
        old, new = layout(before).points, layout(after).points
        for a, b in combinations([node.id for node in before.nodes], 2):
            if old[a].y == old[b].y and new[a].y == new[b].y:
                pairs += 1
                swapped += (old[a].x < old[b].x) != (new[a].x < new[b].x)
    assert pairs > 300
    assert swapped / pairs < 0.05


def _some_network(random):
    size = random.randint(6, 25)
    nodes = tuple(Node(id=f"n{i}", kind="add", name=f"n{i}") for i in range(size))
    ends = {
        (max(0, i - 1 - int(random.expovariate(0.7))), i)
        for i in range(1, size)
        for _ in range(random.choice([1, 1, 1, 2]))
    }
    return Network(
        nodes=nodes, wires=tuple(Wire(source=f"n{a}", target=f"n{b}") for a, b in sorted(ends))
    )


def test_where_data_flows_to_the_right_there_is_room_for_the_shapes():
    nodes = tuple(Node(id=i, kind="relu", name=i) for i in "ab")
    points = layout(
        Network(nodes=nodes, wires=(Wire(source="a", target="b"),)), direction="right"
    ).points
    assert points["b"].x - points["a"].x - WIDTH >= 100
    assert points["a"].y == points["b"].y
