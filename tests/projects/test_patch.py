"""Differences of JSON values apply forward and backward exactly."""

import json

from hypothesis import given
from hypothesis import strategies as st

from builder.projects.patch import backward, diff, forward

values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-2, 2) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text("abc", max_size=2), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(values, values)
def test_forward_gives_the_new_text_and_backward_the_old(old, new):
    patch = json.loads(json.dumps(diff(old, new)))
    assert json.dumps(forward(old, patch)) == json.dumps(new)
    assert json.dumps(backward(new, patch)) == json.dumps(old)


def test_equal_values_have_no_difference():
    assert diff({"a": [1, 2]}, {"a": [1, 2]}) == []


def test_an_int_and_the_same_float_differ():
    assert diff({"a": 1}, {"a": 1.0}) == [{"at": ["a"], "old": 1, "new": 1.0}]


def test_one_changed_knob_of_a_large_drawing_is_a_small_patch():
    old = {"nodes": [{"id": f"n{i}", "knobs": {"x": i}} for i in range(300)]}
    new = json.loads(json.dumps(old))
    new["nodes"][150]["knobs"]["x"] = -1
    assert diff(old, new) == [{"at": ["nodes", 150, "knobs", "x"], "old": 150, "new": -1}]


def test_one_inserted_node_is_a_small_patch():
    old = {"nodes": [{"id": f"n{i}"} for i in range(300)]}
    new = {"nodes": [*old["nodes"][:7], {"id": "new"}, *old["nodes"][7:]]}
    assert diff(old, new) == [
        {"at": ["nodes"], "index": 7, "removed": [], "inserted": [{"id": "new"}]}
    ]
