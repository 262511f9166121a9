import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.errors import SpecError
from builder.spec import codec
from builder.spec.network import Expr, Network, Node, Variable, Wire
from builder.spec.project import SCHEMA_VERSION, Project

PROJECT = Project(
    name="Größe 3×3",
    networks=(
        Network(
            nodes=(
                Node(id="a", kind="input", name="in"),
                Node(
                    id="b",
                    kind="linear",
                    name="head",
                    knobs={"out_features": Expr(expr="d // 2"), "bias": True},
                ),
                Node(id="c", kind="reshape", name="r", knobs={"shape": (1, Expr(expr="d"))}),
            ),
            wires=(Wire(source="a", target="b"), Wire(source="b", target="c")),
            variables=(Variable(name="d", value=128),),
        ),
    ),
)


def changed(**update):
    value = json.loads(codec.encode(PROJECT))
    value |= update
    return json.dumps(value)


def node(**update):
    value = json.loads(codec.encode(PROJECT))
    value["networks"][0]["nodes"][1] |= update
    return json.dumps(value)


def test_a_project_comes_back_unchanged_with_the_same_digest():
    back = codec.decode(codec.encode(PROJECT))
    assert back == PROJECT and codec.digest(back) == codec.digest(PROJECT)
    assert codec.encode(back) == codec.encode(PROJECT)


def test_different_projects_have_different_digests():
    other = PROJECT.model_copy(update={"name": "other"})
    assert codec.digest(other) != codec.digest(PROJECT)


def test_whole_and_decimal_numbers_and_flags_stay_apart():
    knobs = {"i": 1, "f": 1.0, "b": True, "s": "1"}
    network = Network(nodes=(Node(id="a", kind="linear", name="l", knobs=knobs),))
    back = codec.decode(codec.encode(Project(networks=(network,)))).networks[0].nodes[0].knobs
    assert {name: type(value) for name, value in back.items()} == {
        "i": int,
        "f": float,
        "b": bool,
        "s": str,
    }


@pytest.mark.parametrize(
    "text",
    [
        "", "null", "[]", "1", '"x"', "{", "{}", '{"schema_version": 0}', '{"schema_version": true}',
        '{"schema_version": 1, "schema_version": 1}', '{"schema_version": NaN}', '{"schema_version": 1, "x": Infinity}',
        '{"schema_version": 1, "x": 1e400}', '{"schema_version": 1, // no\n "x": 1}', "{'schema_version': 1}",
        '{"schema_version": 1, "x": ' + "9" * 5000 + "}", "[" * 100_000, '{"a":' * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_project_is_refused_in_a_sentence(text):
    with pytest.raises(SpecError) as refused:
        codec.decode(text)
    assert str(refused.value).endswith(".") and len(str(refused.value)) < 400


@pytest.mark.parametrize(
    "key", ["__proto__", "constructor", "__class__", "__init__", "$ref", "extra"]
)
def test_unknown_fields_are_refused_at_their_path(key):
    with pytest.raises(SpecError, match=r"networks\.0\.nodes\.1"):
        codec.decode(node(**{key: {}}))
    with pytest.raises(SpecError):
        codec.decode(changed(**{key: 1}))


@pytest.mark.parametrize(
    "update",
    [
        {"name": 5}, {"name": None}, {"id": "a b"}, {"id": ""}, {"kind": "Linear"}, {"kind": "../x"}, {"x": "1"},
        {"knobs": {"1x": 1}}, {"knobs": {"a": None}}, {"knobs": {"a": {"expr": ""}}}, {"knobs": []}, {"bypassed": 1},
        {"knobs": {"a": {"code": "import os"}}}, {"name": "x" * 201}, {"repeat": 1.5},
    ],
)  # fmt: skip
def test_wrong_types_are_refused_at_their_path(update):
    with pytest.raises(SpecError, match=r"networks\.0\.nodes\.1"):
        codec.decode(node(**update))


def test_a_wire_to_nowhere_and_twin_ids_are_refused():
    value = json.loads(codec.encode(PROJECT))
    value["networks"][0]["wires"][0]["target"] = "nobody"
    with pytest.raises(SpecError, match="does not exist"):
        codec.decode(json.dumps(value))
    with pytest.raises(SpecError, match="same id"):
        codec.decode(node(id="a"))


def test_two_networks_with_one_name_are_refused():
    with pytest.raises(SpecError, match="two networks"):
        codec.decode(codec.encode(Project(networks=(Network(), Network()))))


def test_a_newer_format_says_how_to_update():
    with pytest.raises(SpecError, match="newer LayerLoom"):
        codec.decode(changed(schema_version=SCHEMA_VERSION + 1))


def test_too_many_layers_and_too_many_bytes_are_refused():
    nodes = [{"id": f"n{i}", "kind": "relu", "name": "r"} for i in range(10_000)]
    value = json.loads(codec.encode(PROJECT))
    value["networks"][0] |= {"nodes": nodes, "wires": []}
    with pytest.raises(SpecError, match="nodes"):
        codec.decode(json.dumps(value))
    with pytest.raises(SpecError, match="MB"):
        codec.decode(b" " * (codec.MAX_BYTES + 1))


def test_a_file_that_is_not_text_or_not_there(tmp_path):
    path = tmp_path / "x.loom.json"
    with pytest.raises(SpecError, match=r"x\.loom\.json cannot be read"):
        codec.read(path)
    path.write_bytes(b"\x1f\x8b\x08\xff\xfe")
    with pytest.raises(SpecError, match="UTF-8"):
        codec.read(path)


@given(st.text() | st.binary())
def test_any_bytes_are_a_project_or_a_refusal(raw):
    with pytest.raises(SpecError):
        codec.decode(raw)


@given(st.integers(0, 400), st.sampled_from(['"', "{", "}", "0", ",", "\\", "\x00", "é", "-"]))
def test_a_damaged_file_is_a_project_or_a_refusal(place, piece):
    text = codec.encode(PROJECT)
    try:
        codec.decode(text[:place] + piece + text[place + 1 :])
    except SpecError as refused:
        assert str(refused)


def test_a_digest_is_computed_once_for_each_project_and_forgotten_with_it(monkeypatch):
    project = PROJECT.model_copy(update={"name": "only here"})
    found = codec.digest(project)
    monkeypatch.setattr(codec.json, "dumps", lambda *_, **__: pytest.fail("computed again"))
    assert codec.digest(project) == found
    key = id(project)
    assert key in codec._DIGESTS
    del project
    assert key not in codec._DIGESTS
