"""Texts as data: kept whole, cut into pieces, numbered by the training texts alone."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from builder.data import batches, builtin, describe, plan, prepare, split, texts
from builder.data.raw import LENGTHS, TEXT
from builder.data.read import text_codes, words_of
from builder.errors import DataError
from builder.spec.data import BuiltinSource, DataSpec, PrepareStep, SplitSpec

WORDS = ["the cat sat", "a dog barked at the cat", "the end", "a new word: zebra, zebra"]


def four():
    return texts.labelled("four", WORDS, [0, 1, 0, 1], ("a", "b"))


def spec(kind, **settings):
    return DataSpec(steps=(PrepareStep(kind=kind, settings=settings),))


def test_a_text_comes_back_as_it_went_in():
    raw = texts.labelled("x", ["naïve 🦓", "", "end\n"], [0, 0, 0], ("a",))
    assert list(texts.texts_at(raw.fields[TEXT], range(3))) == ["naïve 🦓", "", "end\n"]
    assert raw.fields[LENGTHS][0].tolist() == [2, 7, 11]


@given(st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=3000))
def test_the_parts_of_a_text_joined_are_the_text(text):
    parts = texts.parts_of(text)
    assert "".join(parts) == text
    assert all(len(part.encode()) <= texts.PART for part in parts)


@pytest.mark.parametrize("by", ["words", "characters", "bytes"])
def test_the_vocabulary_is_fitted_on_the_training_texts_alone(by):
    raw = four()
    preparation = prepare.fit(spec(by), raw, np.array([0, 1, 2]))
    known = set(preparation.inputs[TEXT].known.tolist())
    foreign = [
        code for code in text_codes(WORDS[3], by).tolist() if by != "bytes" and code not in known
    ]
    tokens = preparation.prepare(preparation.read_inputs("zebra"))[TEXT][0]
    if by == "words":
        assert tokens[0] == 1 and foreign
    elif by == "characters":
        assert tokens[0] == 1 and tokens[2] != 1  # z is new, b is not
    else:
        assert int((tokens == 1).sum()) == 0


@given(st.data())
def test_tokens_are_what_a_dictionary_says(data):
    codes = data.draw(st.lists(st.integers(0, 2**62), min_size=1, max_size=40, unique=True))
    room = data.draw(st.integers(len(codes), 50))
    from builder.data.fitting_text import number_pieces
    from builder.data.steps import Tokens

    module = Tokens(room + 2)
    number_pieces(module, codes)
    asked = codes + data.draw(st.lists(st.integers(-1, 2**62), max_size=20))
    wanted = [0 if c < 0 else codes.index(c) + 2 if c in codes else 1 for c in asked]
    assert module(torch.tensor([asked]))[0].tolist() == wanted


def test_short_texts_are_padded_and_long_ones_cut_with_their_number_told():
    raw = four()
    how = plan.cut(raw, (PrepareStep(kind="characters", settings={"length": 8}),))
    assert plan.cut_off(raw, how) == 3
    preparation = prepare.fit(spec("characters", length=8), raw, np.array([0, 1, 2, 3]))
    tokens = preparation.prepare(preparation.stored(raw.fields))[TEXT]
    assert tokens.shape == (4, 8) and tokens.dtype == torch.int64
    assert tokens[2].tolist()[7:] == [0] and int((tokens[0] == 0).sum()) == 0
    reading = preparation.read("a text of more than eight characters")
    assert reading.notes == ("only the first 8 characters are read",)


def test_training_and_prediction_read_a_text_alike():
    raw = four()
    preparation = prepare.fit(spec("words"), raw, np.array([0, 1]))
    stored = preparation.prepare(preparation.stored(raw.fields))[TEXT]
    read = preparation.prepare(preparation.read_inputs(WORDS))[TEXT]
    assert torch.equal(stored, read)


def test_a_saved_preparation_numbers_the_same(tmp_path):
    preparation = prepare.fit(spec("words"), four(), np.array([0, 1]))
    preparation.save(tmp_path)
    again = prepare.restore(tmp_path)
    assert again.settings == preparation.settings
    given = preparation.read_inputs("the cat barked")
    assert torch.equal(again.prepare(given)[TEXT], preparation.prepare(given)[TEXT])


@pytest.mark.parametrize(
    ("settings", "words"), [({"length": 0}, "from 8 to 4,096"), ({"most": True}, "whole number")]
)
def test_settings_out_of_bounds_are_refused(settings, words):
    with pytest.raises(DataError, match=words):
        plan.cut(four(), (PrepareStep(kind="words", settings=settings),))


def test_an_empty_text_to_predict_is_refused():
    preparation = prepare.fit(spec("words"), four(), np.array([0, 1]))
    with pytest.raises(DataError, match="The text is empty"):
        preparation.read_inputs("  \n")


def corpus(characters=4000):
    letters = "".join("abcdefgh "[(i * i + i // 7) % 9] for i in range(characters))
    return texts.corpus("letters", letters)


def test_the_held_out_parts_of_a_corpus_are_its_end():
    raw = corpus()
    parts = split.split(raw, SplitSpec(validation=0.2, test=0.2, how="random"))
    assert parts.train.max() < parts.validation.min() <= parts.validation.max() < parts.test.min()
    assert any("stay in order" in note for note in parts.notes)


def windows(length=16):
    raw = corpus()
    data = spec("characters", length=length)
    parts = split.split(raw, data.split)
    preparation = prepare.fit(data, raw, parts.train)
    return raw, parts, preparation


def test_windows_lie_at_random_places_told_by_seed_and_epoch_alone():
    raw, parts, preparation = windows()
    samples = batches.training_tensors(preparation, raw, parts.train)
    first, again = samples.places(1, 2), samples.places(1, 2)
    assert torch.equal(first, again)
    assert not torch.equal(first, samples.places(1, 3))
    assert not torch.equal(first, samples.places(2, 2))
    assert len(first) == len(samples) == samples.positions // 16
    assert (first % 16).unique().numel() > 8  # anywhere, not side by side


def test_the_target_of_a_window_is_the_window_moved_on_by_one():
    raw, parts, preparation = windows()
    samples = batches.training_tensors(preparation, raw, parts.train)
    assert torch.equal(samples.inputs[TEXT][5:, 0], samples.inputs[TEXT][:-5, 5])
    assert torch.equal(samples.target[:-1], samples.inputs[TEXT][1:])


def test_validation_asks_for_each_token_once():
    raw, parts, preparation = windows()
    measured = batches.tensors(preparation, raw, parts.validation)
    text = "".join(texts.texts_at(raw.fields[TEXT], parts.validation.tolist()))
    spelling = preparation.settings["spelling"]
    asked = "".join(spelling[token - 2] for token in measured.target.flatten().tolist())
    assert text[1:].startswith(asked) and len(text) - len(asked) <= 16


def test_a_part_shorter_than_a_window_is_refused():
    raw, parts, preparation = windows(length=4096)
    with pytest.raises(DataError, match="too few for a window of 4,096"):
        batches.tensors(preparation, raw, parts.validation)


@pytest.mark.parametrize("name", ["weather-diary", "austen-passages", "pride-and-prejudice"])
def test_the_text_sets_that_come_along_describe_themselves(name):
    found = describe.describe(DataSpec(source=BuiltinSource(name=name)))
    assert found.snapshot is not None and found.snapshot.vocabulary > 10
    assert builtin.find(name).licence and builtin.find(name).origin


def test_no_word_and_no_pair_of_words_tells_the_answer_of_the_weather_diary():
    raw = builtin.load("weather-diary")
    rows = list(texts.texts_at(raw.fields[TEXT], range(len(raw))))
    assert len(set(rows)) == len(rows)
    first = [words_of(row) for row in rows]
    both = [
        (r, c)
        for r, c in zip(first, raw.target.tolist(), strict=True)
        if {"rain", "snow"} <= set(r)
    ]
    assert abs(sum(code == 0 for _, code in both) / len(both) - 0.5) < 0.02
    pairs = [code for r, code in both if ("rain", ",") in pairwise(r)]
    assert 0.4 < sum(code == 0 for code in pairs) / len(pairs) < 0.6


def test_a_limited_corpus_is_its_beginning():
    from builder.data.select import limit

    raw = corpus()
    kept = limit(raw, 3)
    assert list(texts.texts_at(kept.fields[TEXT], range(3))) == list(
        texts.texts_at(raw.fields[TEXT], range(3))
    )
