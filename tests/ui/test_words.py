"""Numbers, sizes and times read as the language section says."""

import math
from datetime import datetime

import pytest

from builder.ui import words


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1234, "1,234"),
        (9999, "9,999"),
        (12_345, "12.3 k"),
        (999_999, "1.0 M"),
        (4_600_000, "4.6 M"),
    ],
)
def test_counts(number, text):
    assert words.count(number) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.231, "0.231"),
        (2.31, "2.31"),
        (23.14, "23.1"),
        (231.4, "231"),
        (0.00031, "3.1e-4"),
        (0, "0"),
        (math.nan, "–"),
        (None, "–"),
    ],
)
def test_losses_have_three_digits(value, text):
    assert words.loss(value) == text


def test_a_share_is_never_finer_than_one_sample_allows():
    assert words.share(0.9722) == "97.2 %"
    assert words.share(0.9722, samples=36) == "97 %"
    assert words.share(math.inf) == "–"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.12, "120 ms"),
        (4.21, "4.2 s"),
        (42, "42 s"),
        (59.7, "1 min"),
        (190, "3 min 10 s"),
        (3900, "1 h 05 min"),
        (-1, "–"),
    ],
)
def test_durations(seconds, text):
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("num_bytes", "text"),
    [
        (812, "812 B"),
        (104_000, "104 kB"),
        (3_200_000, "3.2 MB"),
        (1_500_000_000, "1.5 GB"),
        (999_900, "1.0 MB"),
    ],
)
def test_sizes(num_bytes, text):
    assert words.size(num_bytes) == text


def test_shapes_are_never_tuples():
    assert words.shape((32, 14, 14)) == "32×14×14"
    assert words.shape((128,)) == "128 values"
    assert words.shape((1,)) == "1 value"
    assert words.shape(()) == "1 value"


def test_dates_leave_this_year_out():
    now = datetime.now().astimezone()
    assert str(now.year) not in words.when(now)
    assert "1999" in words.when(now.replace(year=1999, month=5, day=3))
    assert words.when(now.replace(month=5, day=3, hour=14, minute=20)) == "3 May, 14:20"


@pytest.mark.parametrize(
    "text",
    [
        "<b>bold</b>",
        "[x](javascript:alert(1))",
        "$x^2$",
        "**strong**",
        ":material/home:",
        ":red[x]",
        "`code`",
        "# head",
    ],
)
def test_user_text_becomes_inert_markdown(text):
    escaped = words.plain(text)
    assert not any(
        sign in "<>[]()*`$#" and (place == 0 or escaped[place - 1] != "\\")
        for place, sign in enumerate(escaped)
    )
    assert ":m" not in escaped
    assert ":r" not in escaped


def test_long_names_are_cut_with_an_ellipsis():
    assert words.cut("a" * 60, 10) == "a" * 9 + "…"
    assert words.cut("short", 10) == "short"


def test_a_metric_in_percent_only_where_it_is_a_share():
    assert words.metric("accuracy", 0.972) == "97.2 %"
    assert words.metric("r2", 0.482) == "0.48"
    assert words.metric("mae", 41.23) == "41.2"


def test_better_knows_the_direction_of_a_metric():
    assert words.better("accuracy", 0.9, 0.8)
    assert not words.better("mae", 0.9, 0.8)
    assert words.better("mae", 0.7, None)
    assert not words.better("accuracy", None, 0.1)
