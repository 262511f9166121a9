from hypothesis import given
from hypothesis import strategies as st

from builder.network.order import downstream, order, upstream
from builder.spec.network import Graph, Node, Wire


def graph(count, pairs):
    nodes = tuple(Node(id=f"n{i}", kind="relu", name=f"relu{i}") for i in range(count))
    return Graph(nodes=nodes, wires=tuple(Wire(source=f"n{a}", target=f"n{b}") for a, b in pairs))


pairs = st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=25)


@given(pairs)
def test_every_node_follows_what_feeds_it_or_is_on_or_behind_a_cycle(drawn):
    made = graph(12, sorted(drawn))
    found = order(made)
    place = {node: i for i, node in enumerate(found.ids)}
    for wire in made.wires:
        if wire.target in place:
            assert place[wire.source] < place[wire.target]
    behind = downstream(made, [ring[0] for ring in found.cycles])
    assert set(place) | behind >= {node.id for node in made.nodes}
    assert bool(found.cycles) == (len(place) < 12)


@given(pairs)
def test_a_cycle_is_a_ring_of_wires(drawn):
    wires = {(f"n{a}", f"n{b}") for a, b in drawn}
    for ring in order(graph(12, sorted(drawn))).cycles:
        assert all(pair in wires for pair in zip(ring, (*ring[1:], ring[0]), strict=True))


def test_a_chain_stays_together_however_it_was_drawn():
    made = graph(5, [(0, 3), (3, 4), (0, 1), (1, 2), (4, 2)])
    assert order(made).ids in (("n0", "n1", "n3", "n4", "n2"), ("n0", "n3", "n4", "n1", "n2"))


def test_what_feeds_and_what_is_fed():
    made = graph(4, [(0, 1), (1, 2)])
    assert upstream(made, ["n2"]) == {"n0", "n1", "n2"}
    assert downstream(made, ["n1"]) == {"n1", "n2"}
