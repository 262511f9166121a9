"""Windows of a series: cut by time, none over a border, scaled by the training part alone, gaps told."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.data import builtin, prepare, times
from builder.data.describe import describe, examine, samples, verdict
from builder.data.raw import Column, Frequency, Raw, RawSchema
from builder.data.read import grid_places, read
from builder.data.split import split
from builder.data.store import data_hash, open_raw
from builder.data.windows import in_order, propose, resized, windowed
from builder.errors import DataError
from builder.spec.data import SplitSpec, Windows

FIRST = 19_000.0


def table(values, moments=None, *, time_type="date"):
    """A table of a column `when` and one column a series: a, b, c."""
    values = np.atleast_2d(np.asarray(values, dtype=np.float64))
    values = values.T if values.shape[0] == 1 else values
    moments = FIRST + np.arange(len(values)) if moments is None else np.asarray(moments, float)
    columns = (
        Column(name="when", type=time_type, place=0, date_format="iso"),
        *(Column(name="abc"[i], type="number", place=i + 1) for i in range(values.shape[1])),
    )
    schema = RawSchema(name="x", kind="table", samples=len(values), columns=columns)
    return Raw({"numbers": np.concatenate([moments[:, None], values], 1)}, None, schema)


def windows(**known):
    return Windows(**{"time": "when", "series": ("a",), "lookback": 4, "horizon": 2, **known})


def test_a_window_is_the_rows_before_and_its_target_the_rows_after():
    raw = windowed(table(np.arange(10.0)), windows())
    assert raw.fields["window"].shape == (5, 4, 1) and raw.target.shape == (5, 2, 1)
    assert raw.fields["window"][2, :, 0].tolist() == [2, 3, 4, 5]
    assert raw.target[2, :, 0].tolist() == [6, 7]


def test_a_stride_leaves_windows_out_and_several_series_stand_side_by_side():
    rows = np.stack([np.arange(20.0), 100 + np.arange(20.0)], axis=1)
    raw = windowed(table(rows), windows(series=("a", "b"), stride=3))
    assert raw.timeline.starts.tolist() == [0, 3, 6, 9, 12]
    assert raw.fields["window"][1].tolist() == [[3, 103], [4, 104], [5, 105], [6, 106]]
    assert raw.target[1].tolist() == [[7, 107], [8, 108]]


def test_a_covariate_stands_in_the_window_as_it_will_be_a_horizon_later():
    rows = np.stack([np.arange(12.0), 100 + np.arange(12.0)], axis=1)
    raw = windowed(table(rows), windows(covariates=("b",)))
    assert raw.fields["window"][0, :, 1].tolist() == [102, 103, 104, 105]
    assert np.isfinite(raw.fields["window"]).all()
    with pytest.raises(DataError, match="Look further back"):
        windowed(table(rows), windows(covariates=("b",), lookback=2, horizon=3))


@given(
    st.integers(20, 120),
    st.integers(1, 6),
    st.integers(1, 4),
    st.integers(1, 3),
    st.floats(0, 0.4),
    st.floats(0, 0.3),
)
def test_no_row_is_on_two_sides_of_a_border(rows, back, on, stride, validation, test):
    raw = windowed(table(np.arange(rows)), windows(lookback=back, horizon=on, stride=stride))
    try:
        parts = split(raw, SplitSpec(validation=validation, test=test, how="random"))
    except DataError:
        return
    spans = []
    for part in parts[:3]:
        starts = raw.timeline.starts[part]
        spans.append({row for s in starts for row in range(s, s + back + on)})
    assert not spans[0] & spans[1] and not spans[1] & spans[2] and not spans[0] & spans[2]
    ordered = [span for span in spans if span]
    assert all(max(a) < min(b) for a, b in pairwise(ordered))


def test_scaling_knows_nothing_of_what_comes_after_the_training_part():
    generator = np.random.default_rng(0)
    rows = generator.normal(50, 7, (200, 2))
    spec = describe(builtin.spec_of("sunspots"))
    kinds = windows(series=("a", "b"), season=3)
    raw = windowed(table(rows), kinds)
    train = split(raw, SplitSpec()).train
    fitted = prepare.fit(spec, raw, train)
    last = int(raw.timeline.starts[train[-1]]) + kinds.lookback
    later = rows.copy()
    later[last:] = generator.normal(-1e6, 1e5, later[last:].shape)
    again = prepare.fit(spec, windowed(table(later), kinds), train)
    assert all((fitted.tensors()[k] == v).all() for k, v in again.tensors().items())
    seen = fitted.inputs["window"].steps[1]
    np.testing.assert_allclose(seen.mean.numpy(), rows[:last].mean(0))
    np.testing.assert_allclose(seen.std.numpy(), rows[:last].std(0))
    naive = np.abs(rows[3:last] - rows[: last - 3]).mean(0)
    np.testing.assert_allclose(fitted.target.naive_error.numpy(), naive)
    window = fitted.prepare({"window": raw.fields["window"][train]})["window"]
    answer = fitted.prepare_target(raw.target[train])
    np.testing.assert_allclose(fitted.target.inverse(answer).numpy(), raw.target[train], rtol=1e-5)
    assert window.dtype == answer.dtype and str(window.dtype) == "torch.float32"


def test_missing_steps_become_gaps_that_are_told_and_carried_over():
    values = np.arange(40.0)
    values[10] = np.nan
    keep = np.delete(np.arange(40), [20, 21])
    raw = windowed(table(values[keep], FIRST + keep), windows())
    assert "2 of 40 steps are missing" in raw.notes[0] and "a value every day" in raw.notes[0]
    assert len(raw.timeline.values) == 40 and np.isnan(raw.timeline.values[[10, 20, 21]]).all()
    assert any("missing answer" in note for note in raw.notes)
    assert np.isfinite(raw.target).all()
    spec = describe(builtin.spec_of("sunspots"))
    fitted = prepare.fit(spec, raw, np.arange(len(raw)))
    prepared = fitted.prepare({"window": raw.fields["window"]})["window"]
    place = int(np.flatnonzero(raw.timeline.starts == 8)[0])
    scale = fitted.inputs["window"].steps[1]
    back = scale.inverse(prepared[place].double())[:, 0].tolist()
    assert back == pytest.approx([8, 9, 9, 11])


def test_newest_first_is_put_in_order_and_told():
    raw = windowed(table(np.arange(30.0)[::-1], FIRST + np.arange(30)[::-1]), windows())
    assert raw.fields["window"][0, :, 0].tolist() == [0, 1, 2, 3]
    assert any("put in order" in note for note in raw.notes)


@pytest.mark.parametrize(
    ("moments", "unit", "every", "words"),
    [
        ([FIRST + i / 24 for i in range(60)], "second", 3600, "a value every hour"),
        ([FIRST + i / 4 for i in range(60)], "second", 21600, "a value every 6 hours"),
        ([FIRST + 7 * i for i in range(60)], "second", 604800, "a value every week"),
        (
            [(date(2020 + i // 12, 1 + i % 12, 28) - date(1970, 1, 1)).days for i in range(60)],
            "month",
            1,
            "a value every month",
        ),
        (
            [(date(1950 + i, 12, 31) - date(1970, 1, 1)).days for i in range(60)],
            "month",
            12,
            "a value every year",
        ),
        (
            [
                (day - date(1970, 1, 1)).days
                for i in range(90)
                if (day := date(2024, 1, 1) + timedelta(i)).weekday() < 5
            ],
            "weekday",
            1,
            "a value every working day",
        ),
    ],
)
def test_the_frequency_is_found_by_the_calendar(moments, unit, every, words):
    found = times.pace(np.array(moments, float), dated=True)
    assert (found.frequency, found.gaps) == (Frequency(unit=unit, every=every), 0)
    assert times.every_words(found.frequency) == words
    places = grid_places(np.array(moments, float), unit, every)
    assert places.tolist() == list(range(len(moments)))


def test_uneven_times_count_rows_and_say_so():
    moments = np.cumsum(np.random.default_rng(0).exponential(30, 50)) + FIRST
    raw = windowed(table(np.arange(50.0), moments), windows())
    assert "uneven steps" in raw.notes[0] and len(raw.timeline.values) == 50


def test_a_season_is_found_under_a_trend_and_none_in_noise():
    t = np.arange(300.0)
    noise = np.random.default_rng(1).normal(size=300)
    seasonal = 0.05 * t + np.sin(2 * np.pi * t / 12) + 0.1 * noise
    assert times.season(seasonal[:, None], Frequency(unit="month")) == 12
    assert times.season(np.cumsum(noise)[:, None], Frequency(unit="second", every=86400)) == 1
    assert times.season(np.full((50, 1), 3.0), Frequency()) == 1
    assert times.season(np.full((50, 1), np.nan), Frequency()) == 1


def test_a_table_in_order_of_time_is_proposed_as_a_forecast_and_others_are_not():
    found = propose(table(np.stack([np.arange(60.0), np.ones(60)], 1)), None)
    assert found.time == "when" and found.series == ("a", "b")
    assert propose(table(np.stack([np.arange(60.0), np.ones(60)], 1)), "b").series == ("b",)
    assert (
        propose(table(np.arange(60.0), FIRST + np.arange(60) // 2), None) is None
    )  # two rows a day
    assert propose(table(np.arange(10.0)), None) is None
    uneven = np.cumsum(np.random.default_rng(0).exponential(30, 60)) + FIRST
    assert propose(table(np.arange(60.0), uneven), None) is None
    assert in_order(table(np.arange(60.0)), "a").time is None


@pytest.mark.parametrize(
    ("raw", "known", "sentence"),
    [
        (table(np.arange(5.0)), {}, "too few for a window"),
        (
            table(np.arange(30.0), FIRST + np.arange(30) // 2),
            {},
            "Two rows have the same when, 2022",
        ),
        (table(np.arange(30.0)), {"series": ("z",)}, "no column 'z'"),
        (table(np.full(30, np.nan)), {}, "too many values are missing"),
    ],
)
def test_what_cannot_be_windows_is_refused_in_one_sentence(raw, known, sentence):
    with pytest.raises(DataError, match=sentence):
        windowed(raw, windows(**known))


def test_a_window_longer_than_the_training_part_is_refused():
    raw = windowed(table(np.arange(30.0)), windows(lookback=20))
    with pytest.raises(DataError, match="Nothing is left for training"):
        split(raw, SplitSpec())


@pytest.mark.parametrize("name", ["sunspots", "co2", "waves"])
def test_built_in_series_are_described_and_looked_at(name):
    spec = describe(builtin.spec_of(name))
    raw = open_raw(spec)
    schema = spec.snapshot
    assert schema.fields[0].shape == raw.fields["window"].shape[1:]
    assert schema.fields[0].role == "sequence"
    assert (schema.target.horizon, schema.target.width) == raw.target.shape[1:]
    assert "steps ahead" in verdict(spec)
    assert len(samples(spec, 5)) >= 5
    found = examine(spec)
    assert [count for _, count in found.splits] == [len(p) for p in split(raw, spec.split)[:3]]
    assert any(c.code == "gaps" for c in found.cautions) == (name == "co2")


def test_the_hash_of_the_data_counts_the_windows():
    spec = builtin.spec_of("sunspots")
    longer = resized(spec, windows(lookback=30, horizon=6))
    assert longer.windows.series == ("sunspots",)
    assert data_hash(spec) != data_hash(longer)


def test_a_limit_keeps_the_newest_windows():
    spec = builtin.spec_of("sunspots").model_copy(update={"limit": 200})
    whole, raw = open_raw(builtin.spec_of("sunspots")), open_raw(spec)
    assert raw.timeline.starts.tolist() == whole.timeline.starts[-200:].tolist()
    assert len(split(raw, SplitSpec()).test) > 0


SETTINGS = {
    "kind": "series",
    "names": ["a"],
    "series": 1,
    "time": "when",
    "lookback": 3,
    "horizon": 2,
    "unit": "second",
    "every": 86400,
    "columns": [
        {"name": "when", "type": "date", "place": 0, "date_format": "iso", "style": {}},
        {
            "name": "a",
            "type": "number",
            "place": 1,
            "style": {"decimal": ".", "thousands": "", "percent": False},
        },
    ],
    "missing_words": ["NA"],
    "delimiter": ",",
    "encoding": "utf-8",
}


def lines(*rows):
    return ("when,a\n" + "\n".join(rows) + "\n").encode()


def test_the_last_rows_of_a_file_are_read_by_time_with_gaps():
    found = read(lines("2024-01-05,5", "2024-01-02,2", "2024-01-04,NA", "2024-01-01,1"), SETTINGS)
    window = found.fields["window"][0, :, 0]
    assert np.isnan(window[:2]).all() and window[2] == 5
    assert found.notes == ("2 missing values count as the last known one",)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (("2024-01-01,1", "2024-01-02,2"), "needs the last 3 steps, and here are 2"),
        (("2024-01-01,1", "2024-01-01,2", "2024-01-02,3"), "Two rows have the same when"),
        (("2024-01-01,1", ",2", "2024-01-02,3"), "Row 2 has no when"),
        (("2024-01-01,NA", "2024-01-02,NA", "2024-01-03,NA"), "no value at all"),
        (("2024-01-01,x", "2024-01-02,2", "2024-01-03,3"), "not a number"),
        (("then,1", "2024-01-02,2", "2024-01-03,3"), "not a date"),
    ],
)
def test_rows_that_cannot_be_gone_on_from_are_refused(rows, sentence):
    with pytest.raises(ValueError, match=sentence):
        read(lines(*rows), SETTINGS)


def test_the_rows_to_forecast_carry_what_is_known_of_them():
    columns = [*SETTINGS["columns"], {**SETTINGS["columns"][1], "name": "b", "place": 2}]
    settings = {**SETTINGS, "names": ["a", "b"], "columns": columns}
    text = b"when,a,b\n" + b"".join(
        f"2024-01-0{i},{i if i < 5 else ''},{10 * i}\n".encode() for i in range(1, 7)
    )
    window = read(text, settings).fields["window"][0]
    assert window.tolist() == [[2, 40], [3, 50], [4, 60]]
    with pytest.raises(ValueError, match="must be the steps to forecast"):
        read(text.replace(b"5,,50", b"5,5,50"), settings)
