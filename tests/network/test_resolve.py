import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.errors import NetworkError
from builder.network.resolve import resolve
from builder.spec.arithmetic import evaluate, parse, show
from builder.spec.network import Expr

SCOPE = {"a": 7, "b": 3, "d_model": 128}
numbers = st.integers(1, 50).map(str) | st.sampled_from(sorted(SCOPE))
expressions = st.recursive(
    numbers,
    lambda inner: st.tuples(inner, st.sampled_from(["+", "-", "*", "//", "/"]), inner).map(
        lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
    ),
    max_leaves=8,
)


@given(expressions)
def test_an_expression_has_the_value_python_gives_it_and_prints_as_the_same(text):
    try:
        wanted = eval(text, {}, dict(SCOPE))
    except ZeroDivisionError:
        with pytest.raises(NetworkError, match="divides by zero"):
            evaluate(parse(text), SCOPE)
        return
    term = parse(text)
    assert evaluate(term, SCOPE) == wanted
    assert eval(show(term), {}, dict(SCOPE)) == wanted


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_one_clear_refusal(text):
    try:
        assert isinstance(evaluate(parse(text), SCOPE), int | float)
    except NetworkError as refusal:
        assert str(refusal)


@pytest.mark.parametrize(
    "text", ["", "a b", "a +", "(a", "a.b", "__import__('os')", "a**9**9", "nowhere", "1e5", "a;b"]
)
def test_what_is_no_arithmetic_is_refused(text):
    with pytest.raises(NetworkError):
        evaluate(parse(text), SCOPE)


def test_deep_brackets_within_the_longest_expression_are_read():
    assert evaluate(parse("(" * 99 + "a" + ")" * 99), SCOPE) == 7


def test_sizes_without_end_are_refused():
    with pytest.raises(NetworkError, match="smaller"):
        evaluate(parse("*".join(["999999999999999999"] * 9)), {})


def test_every_bad_knob_is_told_and_the_others_are_resolved():
    resolved = resolve(
        {"x": Expr(expr="a * 2"), "y": Expr(expr="zz"), "z": (Expr(expr="b"), 5)}, SCOPE
    )
    assert resolved.values == {"x": 14, "z": (3, 5)}
    assert set(resolved.faults) == {"y"}
