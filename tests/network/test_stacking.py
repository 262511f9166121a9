"""The list of layers: order, branches, and what may change places."""

from hypothesis import given
from hypothesis import strategies as st

from builder.network.order import order
from builder.network.stacking import DEEPEST, moved, stack_rows
from builder.projects.templates import templates
from builder.spec.network import Graph, Node, Wire

forward_pairs = st.sets(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda p: p[0] < p[1])
)
any_pairs = st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20)


def graph(count, pairs):
    nodes = tuple(Node(id=f"n{i}", kind="relu", name=f"relu{i}") for i in range(count))
    return Graph(nodes=nodes, wires=tuple(Wire(source=f"n{a}", target=f"n{b}") for a, b in pairs))


def chain(count):
    return graph(count, [(i, i + 1) for i in range(count - 1)])


def depths(made):
    return [row.depth for row in stack_rows(made)]


@given(any_pairs)
def test_every_layer_and_every_wire_is_in_the_list_once(pairs):
    made = graph(10, sorted((a, b) for a, b in pairs if a != b))
    rows = stack_rows(made)
    assert sorted(row.node.id for row in rows) == sorted(node.id for node in made.nodes)
    listed = [wire for row in rows for wire in row.entries]
    assert sorted(map(str, listed)) == sorted(map(str, made.wires))
    assert all(0 <= row.depth <= DEEPEST for row in rows)


@given(forward_pairs)
def test_a_layer_is_indented_exactly_when_some_way_leads_around_it(pairs):
    made = graph(10, sorted(pairs))
    place = {node_id: number for number, node_id in enumerate(order(made).ids)}
    for row in stack_rows(made):
        here = place[row.node.id]
        around = any(place[w.source] < here < place[w.target] for w in made.wires)
        assert (row.depth > 0) is around


def test_a_chain_is_flat_a_skip_indents_once_and_a_skip_inside_a_branch_twice():
    assert depths(chain(5)) == [0] * 5
    assert depths(graph(5, [(0, 1), (1, 2), (2, 3), (3, 4), (0, 3)])) == [0, 1, 1, 0, 0]
    nested = graph(6, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (0, 5), (1, 3)])
    assert depths(nested) == [0, 1, 2, 1, 1, 0]


def test_branches_side_by_side_stand_at_the_same_depth():
    assert depths(graph(6, [(0, 1), (1, 2), (0, 3), (3, 4), (2, 5), (4, 5)])) == [0, 1, 1, 1, 1, 0]


def test_moving_exchanges_neighbours_and_nothing_else():
    made = chain(5)
    after = moved(made, made.nodes[2], up=True)
    assert [row.node.id for row in stack_rows(after)] == ["n0", "n2", "n1", "n3", "n4"]
    assert moved(after, after.node("n2"), up=False) == made.model_copy(
        update={"wires": moved(after, after.node("n2"), up=False).wires}
    )
    assert {node.name for node in after.nodes} == {node.name for node in made.nodes}


def test_moving_exchanges_the_places_on_the_canvas_as_well():
    made = chain(4)
    nodes = tuple(n.model_copy(update={"x": 0.0, "y": 96.0 * i}) for i, n in enumerate(made.nodes))
    made = made.model_copy(update={"nodes": nodes})
    after = moved(made, made.nodes[1], up=False)
    assert (after.node("n1").y, after.node("n2").y) == (192.0, 96.0)


def test_what_cannot_move_says_why_in_names():
    made = chain(4)
    assert moved(made, made.nodes[0], up=True) == "relu0 is first: nothing feeds it."
    assert "stays first" in moved(made, made.nodes[1], up=True)
    assert "stays last" in moved(made, made.nodes[2], up=False)
    assert moved(made, made.nodes[3], up=False) == "relu3 is last: nothing follows it."
    skip = graph(6, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (1, 3)])
    assert "leave its branch" in moved(skip, skip.nodes[2], up=True)
    assert "joins 2 connections" in moved(skip, skip.nodes[3], up=True)
    assert "stays after relu2" in moved(skip, skip.nodes[2], up=False)
    assert "feeds 2 layers" in moved(skip, skip.nodes[1], up=False)


@given(forward_pairs, st.integers(0, 9), st.booleans())
def test_a_move_that_is_allowed_keeps_every_layer_and_every_connection_count(pairs, place, up):
    made = graph(10, sorted(pairs))
    after = moved(made, made.nodes[place], up=up)
    if isinstance(after, str):
        assert after.endswith(".")
        return
    assert sorted(node.id for node in after.nodes) == sorted(node.id for node in made.nodes)
    assert len(after.wires) == len(made.wires)
    assert not order(after).cycles


def test_every_template_and_block_reads_as_a_list():
    for template in templates():
        for one in (*template.project.networks, *template.project.blocks):
            assert len(stack_rows(one)) == len(one.nodes)
