"""Charts packed for the browser."""

import base64
import json

import numpy as np
import pytest
from plotly.offline import get_plotlyjs_version

from builder.observe.chart import Chart, axes, line
from builder.paths import ASSETS
from builder.ui.live_plots.component import packed, packed_chart


def unpacked(value: dict) -> np.ndarray:
    flat = np.frombuffer(base64.b64decode(value["bdata"]), "<f4")
    return flat.reshape([int(n) for n in value["shape"].split(", ")]) if "shape" in value else flat


def chart(values: np.ndarray) -> Chart:
    return Chart(
        "a", "Loss", "Is it?", [line(values, values, "train", "#000000")], axes(), "It falls."
    )


def test_arrays_come_back_as_they_went() -> None:
    values = np.random.default_rng(0).normal(size=(3, 4))
    assert np.allclose(unpacked(packed(values)), values, atol=1e-6)
    assert np.allclose(unpacked(packed(values[0])), values[0], atol=1e-6)


def test_a_packed_chart_is_plain_json_and_a_third_of_its_text() -> None:
    values = np.random.default_rng(0).normal(size=1000)
    text = json.dumps(packed_chart(chart(values)), allow_nan=False)
    plain = json.dumps([values.tolist(), values.tolist()])
    assert len(text) < len(plain) / 3


def test_the_mark_changes_exactly_when_the_chart_does() -> None:
    values = np.arange(5.0)
    assert packed_chart(chart(values))["mark"] == packed_chart(chart(values.copy()))["mark"]
    assert packed_chart(chart(values))["mark"] != packed_chart(chart(values + 1))["mark"]


@pytest.mark.parametrize("value", [np.float64(1.5), np.int64(3), "x", None, True, [1, (2, 3)]])
def test_everything_else_stays_plain(value) -> None:
    json.dumps(packed(value))


def test_a_chart_brings_its_message_for_those_who_cannot_see_it() -> None:
    assert packed_chart(chart(np.arange(3.0)))["alt"] == "It falls."


def test_the_browser_draws_with_the_version_whose_schema_is_known_here():
    engine = (ASSETS / "charts" / "plotly-cartesian.min.js").read_bytes()
    assert f"plotly.js (cartesian - minified) v{get_plotlyjs_version()}".encode() in engine[:200]
