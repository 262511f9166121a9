"""Numbers of a run: whole rows only, the last attempt wins, spikes stay."""

import errno
import os

import numpy as np
import pytest

from builder.errors import StorageError
from builder.runs import metrics
from builder.runs.metrics import Follower, MetricWriter, minmax, read


def written(path, attempt, steps, loss=None):
    writer = MetricWriter(path, attempt)
    steps = np.asarray(steps, dtype=float)
    writer.rows("steps", {"step": steps, "loss": steps * 0 + (loss or attempt)})
    writer.close()


def test_what_is_written_is_what_is_read(tmp_path):
    writer = MetricWriter(tmp_path, 1)
    values = np.random.default_rng(0).normal(size=(7, 2))
    for row in values:
        writer.row("epochs", {"epoch": row[0], "train/loss": row[1]})
    writer.flush()
    table = read(tmp_path).epochs
    assert table.columns == ("epoch", "train/loss")
    assert np.array_equal(table.values, values)
    assert table.last("train/loss") == values[-1, 1]
    assert len(read(tmp_path).steps) == 0
    assert table.last("nothing") is None
    assert np.isnan(table.column("nothing")).all()
    writer.close()


def test_a_torn_last_row_waits_until_it_is_whole(tmp_path):
    written(tmp_path, 1, [1, 2, 3])
    path = tmp_path / "metrics" / "1" / "steps.f64"
    row = np.array([4.0, 9.0]).tobytes()
    follower = Follower(tmp_path)
    with path.open("ab") as file:
        file.write(row[:5])
        file.flush()
        assert list(follower.poll().steps.column("step")) == [1, 2, 3]
        file.write(row[5:])
    assert list(follower.poll().steps.column("loss")) == [1, 1, 1, 9]


def test_the_last_value_per_step_over_attempts_is_kept_without_hole_or_duplicate(tmp_path):
    written(tmp_path, 1, range(1, 51))
    written(tmp_path, 2, range(41, 46))
    written(tmp_path, 3, range(44, 81))
    steps = read(tmp_path).steps
    assert list(steps.column("step")) == list(range(1, 81))
    assert list(steps.column("loss")) == [1] * 40 + [2] * 3 + [3] * 37


def test_attempts_are_in_numeric_order(tmp_path):
    for attempt in (2, 10, 1):
        written(tmp_path, attempt, [1])
    assert read(tmp_path).steps.last("loss") == 10


def test_a_column_that_comes_later_is_nan_before(tmp_path):
    writer = MetricWriter(tmp_path, 1)
    writer.row("layers", {"step": 1, "a/gradient_norm": 2})
    writer.row("layers", {"step": 2, "b/gradient_norm": 3})
    writer.row("layers", {"step": 3, "a/gradient_norm": 4})
    writer.close()
    layers = read(tmp_path).layers
    assert layers.columns == ("step", "a/gradient_norm", "b/gradient_norm")
    expected = [[1, 2, np.nan], [2, np.nan, 3], [3, 4, np.nan]]
    assert np.array_equal(layers.values, expected, equal_nan=True)


def test_a_follower_reads_what_a_fresh_reader_reads(tmp_path):
    follower = Follower(tmp_path)
    writer = MetricWriter(tmp_path, 1)
    for step in range(3000):
        writer.row("steps", {"step": step, "loss": step**0.5})
        if step % 700 == 0:
            writer.flush()
            assert np.array_equal(follower.poll().steps.values, read(tmp_path).steps.values)
    writer.close()
    assert len(follower.poll().steps) == 3000


def test_a_follower_does_not_read_old_bytes_again(tmp_path, monkeypatch):
    written(tmp_path, 1, range(1000))
    follower = Follower(tmp_path)
    first = follower.poll().steps
    assert follower.poll().steps is first


def test_a_full_disk_is_told_and_keeps_whole_rows(tmp_path, monkeypatch):
    writer = MetricWriter(tmp_path, 1)
    writer.row("steps", {"step": 1, "loss": 1})
    writer.flush()
    real = os.write

    def half(descriptor, data):
        if len(data) > 8:
            return real(descriptor, data[:5])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(metrics.os, "write", half)
    monkeypatch.setattr(
        metrics.os, "write", lambda d, b: half(d, b) if len(b) == 16 else half(d, b[:8])
    )
    writer.row("steps", {"step": 2, "loss": 2})
    with pytest.raises(StorageError, match="disk is full"):
        writer.flush()
    monkeypatch.setattr(metrics.os, "write", real)
    writer.flush()
    assert list(read(tmp_path).steps.column("step")) == [1, 2]
    writer.close()


@pytest.mark.parametrize("count", [1, 999, 1000, 1001, 2500, 123_457])
def test_downsampling_keeps_every_extreme_and_both_ends(count):
    generator = np.random.default_rng(count)
    x, y = np.arange(count, dtype=float), generator.normal(size=count)
    y[count // 3] = 99
    y[count // 2] = -99
    few_x, few_y = minmax(x, y)
    assert len(few_x) <= 1000
    assert (few_x[0], few_x[-1]) == (0, count - 1)
    assert np.array_equal(y[few_x.astype(int)], few_y)
    assert (few_y.max(), few_y.min()) == (y.max(), y.min())
    assert (np.diff(few_x) > 0).all()


def test_downsampling_shows_where_a_value_is_not_a_number():
    y = np.zeros(10_000)
    y[1234] = np.nan
    x, few = minmax(np.arange(10_000.0), y)
    assert np.isnan(few[x == 1234]).all()
    assert (x == 1234).any()
