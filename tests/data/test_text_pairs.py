"""Pairs of texts: the made dates, how both sides become tokens, and what is written before each place."""

from datetime import date

import numpy as np
import pytest

from builder.data import builtin, plan
from builder.data.batches import tensors
from builder.data.dates import MANNERS, SAMPLES
from builder.data.describe import describe, facts, samples, verdict
from builder.data.prepare import fit, restore
from builder.data.raw import SO_FAR, TEXT, TEXT_LENGTH
from builder.data.read import BEGIN, BEGIN_TOKEN, END_TOKEN, ended, read, spelled
from builder.data.split import split
from builder.data.store import content_hash
from builder.data.texts import paired, text_at
from builder.errors import DataError
from builder.spec.data import BuiltinSource, DataSpec, PrepareStep, SplitSpec

SPEC = DataSpec(source=BuiltinSource(name="dates"))
ALL = DataSpec(split=SplitSpec(validation=0, test=0))


def test_the_dates_are_the_same_everywhere_and_no_text_comes_twice():
    raw = builtin.load("dates")
    arrays = [*raw.fields.items(), ("target", raw.target)]
    assert content_hash(arrays, "").startswith("a11ce10602c40107")
    texts = [text_at(raw.fields[TEXT], place) for place in range(len(raw))]
    assert len(set(texts)) == len(texts) == SAMPLES
    assert all(date.fromisoformat(text_at(raw.target, place)) for place in range(len(raw)))


def test_every_manner_says_its_day_without_guessing():
    written = {manner(date(2031, 4, 5)) for manner in MANNERS}
    other = {manner(date(2031, 5, 4)) for manner in MANNERS}
    assert len(written) == len(MANNERS) and not written & other
    assert "the 5th of April, 2031" in written and "5. IV. 2031" in written


def prepared(raw, spec=ALL):
    places = np.arange(len(raw), dtype=np.int64)
    preparation = fit(spec, raw, places)
    return preparation, tensors(preparation, raw, places)


def test_what_is_fed_is_what_is_wanted_one_place_later_behind_the_begin():
    preparation, found = prepared(paired("p", ["ab", "b", "abba"], ["xy", "yyyx", "x"]))
    assert found.inputs[TEXT].shape == (3, 8) and found.inputs[TEXT_LENGTH].tolist() == [2, 1, 4]
    assert found.target.shape == found.inputs[SO_FAR].shape == (3, 5)
    for fed, wanted, length in zip(found.inputs[SO_FAR], found.target, (2, 4, 1), strict=True):
        assert fed[0] == BEGIN_TOKEN and wanted[length] == END_TOKEN
        assert fed[1 : length + 1].tolist() == wanted[:length].tolist()
        assert not fed[length + 1 :].any() and not wanted[length + 1 :].any()
    settings = preparation.settings["target"]
    assert [spelled(ended(row), settings) for row in found.target.tolist()] == ["xy", "yyyx", "x"]


@pytest.mark.parametrize("by", ["characters", "words", "bytes"])
def test_texts_come_back_as_they_were_however_they_are_cut(by):
    wanted = ["the cat", "ein Käse", "a"] * 2
    spec = ALL.model_copy(update={"steps": (PrepareStep(kind=by),)})
    preparation, found = prepared(paired("p", ["one two"] * 6, wanted), spec)
    settings = preparation.settings["target"]
    back = [spelled(ended(row), settings) for row in found.target.tolist()]
    assert back == [text.lower() if by == "words" else text for text in wanted]


def test_a_text_that_is_too_long_is_cut_and_then_has_no_end():
    step = PrepareStep(kind="characters", settings={"target_length": 3})
    spec = ALL.model_copy(update={"steps": (step,)})
    _, found = prepared(paired("p", ["a", "b"], ["xyxyx", "x"]), spec)
    assert found.target.shape == (2, 3) and END_TOKEN not in found.target[0].tolist()
    bad = ALL.model_copy(
        update={"steps": (PrepareStep(kind="characters", settings={"target_length": 1}),)}
    )
    with pytest.raises(DataError, match="target_length 1; it takes a whole number from 2"):
        prepared(paired("p", ["a", "b"], ["xyxyx", "x"]), bad)


def test_control_characters_of_a_text_are_no_begin_and_no_end():
    preparation, found = prepared(paired("p", ["a"] * 2, ["\x02\x03", "b"]))
    assert (found.target[0] > END_TOKEN).sum() == 2
    assert spelled(ended(found.target[0].tolist()), preparation.settings["target"]) == "\x02\x03"


def test_a_text_of_which_nothing_is_written_yet_is_read_with_the_begin_alone(tmp_path):
    raw = builtin.load("dates")
    preparation, _ = prepared(raw.take(np.arange(50)))
    preparation.save(tmp_path)
    again = restore(tmp_path)
    fields = read("5 March 1999", again.settings).fields
    assert fields[SO_FAR][0, 0] == BEGIN and (fields[SO_FAR][0, 1:] == -1).all()
    made = again.prepare(fields)
    assert made[SO_FAR][0].tolist() == [BEGIN_TOKEN] + [0] * 10
    assert made[TEXT_LENGTH].tolist() == [12]


def test_pieces_are_numbered_from_the_training_texts_alone():
    raw = paired("p", ["a", "a", "a", "z"], ["x", "x", "x", "y"])
    preparation = fit(ALL, raw, np.arange(3, dtype=np.int64))
    assert preparation.settings["target"]["spelling"] == ["", "", "x"]
    assert preparation.prepare_target(raw.target)[3, 0] == 1


def test_what_is_known_of_pairs_is_said():
    spec = describe(SPEC)
    assert [(f.name, f.shape) for f in spec.snapshot.fields] == [(TEXT, (32,)), (SO_FAR, (11,))]
    assert spec.snapshot.target_vocabulary == plan.SPECIAL + plan.ENDS + 11
    assert verdict(SPEC) == f"{SAMPLES:,} texts, each to become another text: to, nothing skipped"
    known = {fact.name: fact for fact in facts(SPEC)}
    assert known["task"].value == "sequence to sequence"
    assert known["output width"].value == "11 × 15"
    assert date.fromisoformat(samples(SPEC, 1)[0].answer)
    raw = builtin.load("dates")
    assert len(split(raw, SplitSpec()).train) == round(0.65 * SAMPLES)
