"""What the Data screen says is what the arrays hold."""

import subprocess
import sys

import numpy as np
import pytest

from builder.data import describe
from builder.data.builtin import load, sets
from builder.data.profile import histogram, profile
from builder.data.split import split
from builder.data.store import data_hash, open_raw
from builder.errors import DataError
from builder.spec.data import BuiltinSource, DataSpec, SplitSpec


def spec_of(name, **known):
    return DataSpec(source=BuiltinSource(name=name), **known)


def test_the_snapshot_says_what_the_network_will_see():
    snapshot = describe.describe(spec_of("digits")).snapshot
    assert snapshot.fields[0].shape == (1, 8, 8) and snapshot.fields[0].role == "image"
    assert snapshot.target.classes == tuple("0123456789") and snapshot.samples == 1797
    assert sum(snapshot.class_counts) == 1797
    table = describe.describe(spec_of("diabetes")).snapshot
    assert (
        table.fields[0].shape == (10,)
        and table.target.kind == "numbers"
        and len(table.columns) == 10
    )


@pytest.mark.parametrize("name", [about.name for about in sets() if about.samples < 60_000])
def test_every_set_has_a_verdict_facts_and_samples(name):
    spec = spec_of(name)
    raw, said = load(name), describe.verdict(spec)
    if raw.schema.is_corpus:
        assert f"One text of {raw.fields['lengths'][:, 1].sum():,} characters" in said
    else:
        assert f"{len(raw):,}" in said and "nothing skipped" in said
    assert all(fact.value and fact.reason for fact in describe.facts(spec))
    assert len(describe.samples(spec, 12)) == 12


def test_the_verdict_of_the_fashion_subset():
    assert (
        describe.verdict(spec_of("fashion-mnist-10k"))
        == "10,000 images, 10 classes, balanced, nothing skipped"
    )


def test_samples_show_pixels_up_to_white_and_rows_by_name():
    raw = load("digits")
    (sample,) = describe.samples(spec_of("digits"), 1, start=5)
    assert sample.number == 5 and sample.answer == str(raw.target[5])
    np.testing.assert_allclose(sample.image, raw.fields["image"][5] * (255 / 16), atol=0.5)
    row = describe.samples(spec_of("iris"), 1)[0].row
    assert row["sepal length (cm)"] == 5.1
    only = describe.samples(spec_of("digits"), 9, class_name="7")
    assert {sample.answer for sample in only} == {"7"} and len(only) == 9


def test_a_limit_keeps_the_same_samples_every_time():
    spec = spec_of("fashion-mnist-10k", limit=1000)
    raw = open_raw(spec)
    assert len(raw) == 1000 and raw.schema.official_test == 150
    np.testing.assert_array_equal(raw.fields["image"], open_raw(spec).fields["image"])
    assert "1,000 of 10,000" in raw.notes[0]
    assert data_hash(spec) != data_hash(spec_of("fashion-mnist-10k"))


def test_a_skipped_column_of_a_builtin_set_is_left_out():
    spec = spec_of("iris", column_types={"petal length (cm)": "skip"})
    assert describe.describe(spec).snapshot.fields[0].shape == (3,)
    raw = open_raw(spec)
    np.testing.assert_array_equal(
        raw.fields["numbers"], load("iris").fields["numbers"][:, [0, 1, 3]]
    )


def test_the_profile_counts_what_is_there(mixed):
    found = profile(mixed, split(mixed, SplitSpec()))
    by_name = {column.name: column for column in found.columns}
    assert by_name["b"].missing == 30 and sum(by_name["b"].counts) == 270
    assert by_name["a"].mean == pytest.approx(mixed.fields["numbers"][:, 0].mean())
    assert dict(zip(by_name["city"].labels, by_name["city"].counts, strict=True)) == {
        word: int((mixed.fields["categories"] == code).sum())
        for code, word in enumerate(["Bonn", "Oslo", "Rome", "Wien"])
    }
    assert ("constant", "same") in {(c.code, c.column) for c in found.cautions}
    assert sum(count for _, count in found.splits) == 300


@pytest.mark.parametrize(
    "values", [np.arange(100.0), np.array([-1e308, 1e308] * 9), np.array([9.2e18, 9.2e18 + 2048])]
)
def test_a_histogram_counts_every_value_once(values):
    counts, edges = histogram(values, values.min(), values.max())
    assert sum(counts) == len(values) and len(edges) == len(counts)


def test_no_data_yet_says_what_to_do():
    with pytest.raises(DataError, match="Pick a built-in set or upload"):
        describe.describe(DataSpec())


def test_a_wrong_sample_or_class_is_refused():
    with pytest.raises(DataError, match="no sample 9,999"):
        describe.sample(load("digits"), 9999)
    with pytest.raises(DataError, match="no class 'x'"):
        describe.samples(spec_of("digits"), 3, class_name="x")


def test_describing_needs_no_torch():
    code = "import sys, builder.data.describe, builder.data.split, builder.data.builtin; print('torch' in sys.modules)"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        == "False\n"
    )
