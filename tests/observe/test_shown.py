"""Samples that are shown: a row of pictures a word, numbers against numbers, and errors with their threshold."""

import numpy as np
import pytest

from builder.observe.errors import errors_chart
from builder.observe.parts import parts_chart
from builder.observe.shown import A_ROW, shown_chart
from builder.runs.metrics import Metrics

from .conftest import table


def test_inputs_stand_above_their_reconstructions(palette):
    pixels = np.random.default_rng(0).random((8, 8, 8, 1)).astype(np.float32)
    chart = shown_chart({"input": pixels, "reconstruction": pixels * 0.5}, palette)
    assert len(chart.layout["images"]) == 16
    assert chart.layout["yaxis"]["ticktext"] == ["input ", "reconstruction "]
    assert "squared error" in chart.alt
    assert chart.table is not None


def test_many_new_samples_take_several_lines(palette):
    made = np.zeros((20, 8, 8, 3), np.float32)
    chart = shown_chart({"generated": made}, palette)
    assert len(chart.layout["images"]) == 20
    assert chart.layout["yaxis"]["range"][0] == pytest.approx(-(-20 // A_ROW) - 0.5)


def test_numbers_are_drawn_against_each_other(palette):
    given = np.arange(12, dtype=np.float32).reshape(4, 3)
    points, _ = shown_chart({"input": given, "reconstruction": given + 1}, palette).traces
    assert (points["y"] - points["x"] == 1).all()


def test_new_rows_of_a_table_are_a_heat_map(palette):
    (heat,) = shown_chart({"generated": np.ones((5, 3), np.float32)}, palette).traces
    assert heat["z"].shape == (5, 3)


def test_errors_above_the_threshold_are_counted(palette):
    chart = errors_chart(np.array([0.1, 0.2, 0.9]), 0.5, palette)
    assert chart.alt.startswith("1 of 3 samples")
    assert chart.traces[0]["y"].sum() == 3


def test_a_loss_of_several_parts_has_a_line_each(palette):
    steps = table(
        step=[1, 2, 3], loss=[3, 2, 1], loss__reconstruction=[2, 1, 1], loss__kl=[1, 1, 0]
    )
    chart = parts_chart(Metrics(steps, table(epoch=[]), table(step=[])), 1.0, palette)
    assert [trace["name"] for trace in chart.traces] == ["reconstruction", "kl"]
    plain = table(step=[1], loss=[1])
    assert parts_chart(Metrics(plain, table(epoch=[]), table(step=[])), 1.0, palette) is None
