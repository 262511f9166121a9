"""Numbers of every layer over training, and the colours of the map."""

import numpy as np
import pytest

from builder.observe.chart import Palette
from builder.observe.layers import (
    DEAD,
    GRADIENT,
    STRIP_COLUMNS,
    UPDATE,
    history,
    layer_charts,
    readings,
    sign_chart,
)
from builder.runs.metrics import Metrics, Table


def metrics_of(layers: int, times: int = 20) -> Metrics:
    columns = ["step"]
    values = [np.arange(1.0, times + 1)]
    for i in range(layers):
        for statistic, value in (
            ("gradient_norm", 10.0**-i),
            ("weight_norm", 2.0),
            ("update_ratio", 1e-3),
            ("activation_mean", 0.1),
            ("activation_std", 1.0),
            ("dead_share", 0.25 * (i % 4)),
        ):
            columns.append(f"n{i}/{statistic}")
            values.append(np.full(times, value))
    columns.append("relu/gradient_norm")
    values.append(np.full(times, np.nan))
    none = Table(("step",), np.empty((0, 1)))
    return Metrics(none, none, Table(tuple(columns), np.stack(values, axis=1)))


def names(count: int) -> dict[str, str]:
    return {**{f"n{i}": f"linear{i}" for i in range(count)}, "relu": "relu1"}


def test_layers_without_the_number_are_left_out_and_the_order_is_by_depth() -> None:
    past = history(metrics_of(3), "gradient_norm", names(3), 10)
    assert past.names == ("linear0", "linear1", "linear2")
    assert past.values.shape == (3, 20)
    assert past.x[-1] == 2.0


@pytest.mark.parametrize(
    ("count", "kind"), [(2, "scatter"), (6, "scatter"), (7, "heatmap"), (60, "heatmap")]
)
def test_up_to_six_layers_are_lines_and_more_a_heat_strip(
    count: int, kind: str, palette: Palette
) -> None:
    chart = sign_chart(
        history(metrics_of(count), "gradient_norm", names(count), 1), GRADIENT, palette
    )
    assert {trace["type"] for trace in chart.traces} == {kind}


def test_a_long_strip_keeps_the_highest_of_each_stretch(palette: Palette) -> None:
    metrics = metrics_of(8, times=5000)
    table = metrics.layers
    table.values[2500, table.columns.index("n3/gradient_norm")] = 77.0
    chart = sign_chart(history(metrics, "gradient_norm", names(8), 1), GRADIENT, palette)
    strip = chart.traces[0]
    assert strip["z"].shape == (8, STRIP_COLUMNS)
    assert strip["customdata"][3].max() == 77.0


def test_the_chosen_layer_is_drawn_stronger(palette: Palette) -> None:
    past = history(metrics_of(3), "gradient_norm", names(3), 1)
    widths = [t["line"]["width"] for t in sign_chart(past, GRADIENT, palette, chosen="n1").traces]
    assert widths[1] > widths[0] == widths[2]


def test_the_message_names_the_highest_and_the_lowest_layer(palette: Palette) -> None:
    past = history(metrics_of(3), "gradient_norm", names(3), 1)
    assert (
        "highest in linear0 (1), lowest in linear2 (0.01)"
        in sign_chart(past, GRADIENT, palette).alt
    )


def test_readings_are_the_latest_values_with_words() -> None:
    found = readings(metrics_of(3), GRADIENT, ["n0", "n2", "relu", "gone"])
    assert set(found) == {"n0", "n2"}
    assert found["n2"].value == 0.01
    assert found["n0"].share > found["n2"].share


def test_out_of_the_healthy_band_is_not_healthy() -> None:
    assert UPDATE.is_healthy(1e-3)
    assert not UPDATE.is_healthy(0.5)
    assert not DEAD.is_healthy(0.75)
    assert DEAD.words(0.75) == "75 %"
    assert UPDATE.words(1.1e-3) == "1.1e-3"


def test_shares_stay_on_the_scale_whatever_the_value() -> None:
    for value in (0.0, 1e-30, 1e30):
        assert 0 <= GRADIENT.share(value) <= 1


def test_the_room_of_a_layer_shows_what_it_has(palette: Palette) -> None:
    metrics = metrics_of(2)
    assert [c.id for c in layer_charts(metrics, "n1", 1, palette)] == [
        "norms",
        "ratio",
        "activations",
        "dead",
    ]
    assert [c.id for c in layer_charts(metrics, "n0", 1, palette)] == [
        "norms",
        "ratio",
        "activations",
    ]
    assert layer_charts(metrics, "relu", 1, palette) == []


def test_nothing_measured_yet_has_words(palette: Palette) -> None:
    none = Table(("step",), np.empty((0, 1)))
    past = history(Metrics(none, none, none), "gradient_norm", names(2), 1)
    assert sign_chart(past, GRADIENT, palette).alt == "Nothing has been measured yet."
