import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.errors import SpecError
from builder.spec.arithmetic import evaluate, parse
from builder.spec.edits import ExposeKnob, RemoveVariable, RenameVariable, SetVariable
from builder.spec.expressions import names_in, users, with_names
from builder.spec.network import Expr, Network, Node, Variable
from builder.spec.project import Project

NAMES = ("d", "d_model", "heads", "x2")


D = Variable(name="d", value=8)


def project(*nodes, variables=(D,)):
    return Project(networks=(Network(nodes=nodes, variables=tuple(variables)),))


def linear(node_id, value, **more):
    return Node(id=node_id, kind="linear", name=node_id, knobs={"out_features": value}, **more)


leaves = st.one_of(st.integers(0, 40).map(str), st.sampled_from(NAMES))
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", " * "]), inner).map("".join),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"-{text}"),
    ),
    max_leaves=6,
).filter(lambda text: len(text) < 60)
numbers = st.integers(-5, 99)


@given(expressions, st.fixed_dictionaries(dict.fromkeys(NAMES, numbers)), st.sampled_from(NAMES))
def test_an_expression_means_the_same_with_a_number_in_place_of_a_name(text, scope, name):
    wanted = evaluate(parse(text), scope)
    changed = with_names(linear("a", Expr(expr=text)), {name: scope[name]}).knobs["out_features"]
    got = evaluate(parse(changed.expr), scope) if isinstance(changed, Expr) else changed
    assert got == wanted
    assert not isinstance(changed, Expr) or name not in names_in(changed.expr)


@given(expressions, st.fixed_dictionaries(dict.fromkeys(NAMES, numbers)), st.sampled_from(NAMES))
def test_an_expression_means_the_same_with_an_expression_in_place_of_a_name(text, scope, name):
    other = {**scope, "new": 3, name: scope[name]}
    changed = with_names(
        linear("a", Expr(expr=text)), {name: f"new * 2 - 6 + {scope[name] + 5} - 5"}
    )
    assert evaluate(parse(changed.knobs["out_features"].expr), other) == evaluate(
        parse(text), scope
    )


@given(expressions, st.sampled_from(NAMES))
def test_renaming_a_variable_there_and_back_leaves_every_letter(text, name):
    start = project(linear("a", Expr(expr=text)), variables=[Variable(name=name, value=1)])
    there = RenameVariable(graph="network", name=name, to="other").apply(start)
    assert name not in names_in(there.networks[0].nodes[0].knobs["out_features"].expr)
    assert RenameVariable(graph="network", name="other", to=name).apply(there) == start


def test_renaming_reaches_pairs_repetitions_and_their_lists_and_no_longer_names():
    pair = Node(id="a", kind="conv2d", name="a", knobs={"kernel_size": (Expr(expr="d"), 3)})
    placed = Node(
        id="b", kind="block", name="b", block="x", repeat=Expr(expr="d*dd"),
        repeat_knobs=({"d": Expr(expr="d + 1")},),
    )  # fmt: skip
    changed = RenameVariable(graph="network", name="d", to="width").apply(project(pair, placed))
    first, second = changed.networks[0].nodes
    assert first.knobs["kernel_size"] == (Expr(expr="width"), 3)
    assert second.repeat == Expr(expr="width*dd")
    assert second.repeat_knobs == ({"d": Expr(expr="width + 1")},)


def test_a_removed_variable_is_replaced_by_its_value():
    start = project(linear("a", Expr(expr="d")), linear("b", Expr(expr="d // 2")), linear("c", 4))
    edit = RemoveVariable(graph="network", name="d")
    assert [node.id for node in users(start.networks[0], "d")] == ["a", "b"]
    assert edit.label(start) == "Replaced the variable d by 8"
    after = edit.apply(start).networks[0]
    assert [n.knobs["out_features"] for n in after.nodes] == [8, Expr(expr="8 // 2"), 4]
    assert after.variables == ()


def test_setting_a_variable_adds_it_once_and_says_what_changed():
    start = project()
    more = SetVariable(graph="network", variable=Variable(name="e", value=0.5))
    assert more.label(start) == "Added the variable e = 0.5"
    twice = SetVariable(graph="network", variable=Variable(name="e", value=2, note="n"))
    after = twice.apply(more.apply(start))
    assert [(v.name, v.value, v.note) for v in after.networks[0].variables] == [
        ("d", 8, ""),
        ("e", 2, "n"),
    ]


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (RenameVariable(graph="network", name="d", to="e"), "e already"),
        (RenameVariable(graph="network", name="zz", to="f"), "no variable zz"),
        (RemoveVariable(graph="network", name="zz"), "no variable zz"),
        (ExposeKnob(graph="network", node="a", knob="out_features", variable="d", value=1), "d already"),
        (ExposeKnob(graph="network", node="a", knob="out_features", variable="f", value=1), "plain number"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_to_a_variable_is_said_and_changes_nothing(edit, words):
    start = project(
        linear("a", Expr(expr="d")),
        variables=[Variable(name="d", value=1), Variable(name="e", value=2)],
    )
    with pytest.raises(SpecError, match=words):
        edit.apply(start)
