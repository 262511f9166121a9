"""Project files that no program of ours wrote (facts 65, 75 to 77, 81, 82): refused at their path, fast, in words."""

import gzip
import json

import pytest
from pydantic import BaseModel

from builder.errors import SpecError
from builder.spec import base, codec
from builder.spec.project import SCHEMA_VERSION, Project

SECRET = "networks.0.nodes.1.knobs.out_channels"


def refusal(value):
    with pytest.raises(SpecError) as refused:
        codec.decode(value if isinstance(value, str | bytes) else json.dumps(value))
    return str(refused.value)


def spoilt(document, place, value):
    """The document with one value at a path replaced."""
    *parents, last = place
    part = document
    for key in parents:
        part = part[key]
    part[last] = value
    return document


NODE = ("networks", 0, "nodes", 1)


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        ((*NODE, "name"), None, "networks.0.nodes.1.name: must be text."),
        ((*NODE, "name"), "x" * 10_000, "networks.0.nodes.1.name: is longer than 200 characters."),
        ((*NODE, "repeat"), "5", "networks.0.nodes.1.repeat: must be a whole number or an expression"),
        ((*NODE, "repeat"), 5.5, "networks.0.nodes.1.repeat: must be a whole number or an expression"),
        ((*NODE, "repeat"), True, "networks.0.nodes.1.repeat: must be a whole number or an expression"),
        ((*NODE, "bypassed"), 1, "networks.0.nodes.1.bypassed: must be true or false."),
        ((*NODE, "knobs", "out_channels"), None, f"{SECRET}: must be true or false, a whole number, a number, text"),
        ((*NODE, "knobs", "out_channels"), {}, f"{SECRET}: must be"),
        ((*NODE, "knobs"), [], "networks.0.nodes.1.knobs: must be an object"),
        ((*NODE, "colour"), 1, "networks.0.nodes.1.colour: is not known here"),
        (("networks", 0, "nodes"), None, "networks.0.nodes: must be a list."),
        (("networks",), {}, "networks: must be a list."),
        (("training", "epochs"), "5", "training.epochs: must be a whole number."),
        (("training", "epochs"), 0, "training.epochs: must be at least 1."),
        (("data", "source"), {"kind": "url", "address": "x"}, "data.source: is of no known kind"),
        (("data", "source"), {"address": "x"}, "data.source: does not say its kind."),
        (("data", "split", "how"), "magic", "data.split.how: must be 'stratified', 'random' or 'in order'."),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_at_its_path_in_plain_words(
    document, is_sentence, place, value, words
):
    told = refusal(spoilt(document, place, value))
    assert words in told and is_sentence(told)
    assert "input" not in told and "pydantic" not in told


def test_a_missing_field_is_told_at_its_path(document):
    del document["networks"][0]["nodes"][1]["kind"]
    assert "networks.0.nodes.1.kind: is missing." in refusal(document)


@pytest.mark.parametrize(
    "key", ["__proto__", "constructor", "__class__", "__init__", "$ref", "\u202e\x1b[31m"]
)
def test_keys_of_other_machines_are_refused_wherever_they_stand(document, key, is_sentence):
    places = ((), ("networks", 0), NODE, ("networks", 0, "wires", 0), ("data",), ("training",))
    for place in places:
        told = refusal(spoilt(json.loads(json.dumps(document)), (*place, key), {}))
        assert "is not known here" in told and is_sentence(told)
        assert told.isprintable()
    told = refusal(spoilt(document, (*NODE, "knobs", key), 1)) if not key.isidentifier() else None
    assert told is None or "knobs" in told


def test_every_model_of_the_document_is_closed_and_strict():
    """What is added later cannot forget to refuse unknown keys and coerced types."""
    waiting, found = [Project], set()
    while waiting:
        model = waiting.pop()
        if model in found:
            continue
        found.add(model)
        waiting += [
            m for m in base.Frozen.__subclasses__() if m.__module__.startswith("builder.spec")
        ]
        waiting += model.__subclasses__()
    assert len(found) > 12
    for model in found:
        assert issubclass(model, BaseModel) and model.model_config["extra"] == "forbid", model
        assert model.model_config["strict"] and model.model_config["frozen"], model
        assert model.model_config["allow_inf_nan"] is False, model


@pytest.mark.parametrize("half", ["\ud800", "x\udfff", "\udc00\ud800"])
def test_half_a_character_is_refused_wherever_it_comes_from(document, half, is_sentence):
    escaped = refusal(spoilt(document, ("name",), half))
    assert "half a character" in escaped and is_sentence(escaped)
    assert is_sentence(refusal(json.dumps(document, ensure_ascii=False)))
    assert is_sentence(refusal(half))
    whole = spoilt(document, ("name",), "\U0001f600 \\ud800 as text")
    assert codec.decode(json.dumps(whole)).name == whole["name"]


def test_nul_and_other_unseen_characters_in_names_come_back_as_they_are(document):
    document["name"] = "a\0b\x1b[31m\u202e"
    project = codec.decode(json.dumps(document))
    assert codec.decode(codec.encode(project)) == project


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_nesting_without_end_is_refused_at_the_first_level_too_deep(opening, monkeypatch):
    """Refused before the parser, by a scan that stops there: the text after it is never looked at."""
    monkeypatch.setattr(codec.json, "loads", lambda *a, **k: pytest.fail("parsed"))
    assert "nested deeper than 50" in refusal(opening * 100_000)

    class Watched(str):
        seen = 0

        def __iter__(self):
            for letter in str.__iter__(self):
                Watched.seen += 1
                yield letter

    with pytest.raises(SpecError, match="nested deeper"):
        codec._refuse_deep(Watched(opening * 100_000), "It")
    assert Watched.seen <= 51 * len(opening)


def test_a_key_twice_behind_a_hundred_thousand_others_is_found_in_one_pass():
    keys = [f"k{i}" for i in range(100_000)]
    looked = 0

    class Key(str):
        def __eq__(self, other):
            nonlocal looked
            looked += 1
            return str.__eq__(self, other)

        __hash__ = str.__hash__

    pairs = [(Key(key), 0) for key in (*keys, keys[-1])]
    with pytest.raises(SpecError, match="k99999' twice"):
        codec._no_duplicates(pairs, "It")
    assert looked < 10 * len(pairs)


def test_a_hundred_megabytes_are_refused_by_their_size_without_being_read(tmp_path, is_sentence):
    path = tmp_path / "huge.loom.json"
    with path.open("wb") as file:
        file.truncate(100 * 1024**2)
    path.chmod(0)  # root may read it all the same; others would be told that it cannot be read
    with pytest.raises(SpecError, match=r"larger than 8 MB|cannot be read") as refused:
        codec.read(path)
    assert is_sentence(str(refused.value))


def test_a_compressed_file_is_no_project(is_sentence):
    for raw in (gzip.compress(b"{}" * 1000), json.dumps({}).encode("utf-16"), b"PK\x03\x04"):
        assert is_sentence(refusal(raw))


def test_versions_before_the_first_and_after_the_last_are_told_apart(document):
    assert "newer LayerLoom" in refusal(spoilt(document, ("schema_version",), SCHEMA_VERSION + 1))
    for no_version in (0, -1, 1.0, "1", None, True, 10**30):
        told = refusal(spoilt(document, ("schema_version",), no_version))
        assert "schema_version" in told or "newer LayerLoom" in told


def test_every_released_version_has_its_step():
    assert sorted(codec.MIGRATIONS) == list(range(1, SCHEMA_VERSION))


def test_ten_thousand_layers_are_refused_by_their_number(document):
    document["networks"][0]["nodes"] = [
        {"id": f"n{i}", "kind": "relu", "name": "r"} for i in range(10_000)
    ]
    document["networks"][0]["wires"] = []
    assert "networks.0.nodes: has 10000 entries; at most 2000 are read." in refusal(document)
