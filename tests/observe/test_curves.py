"""Loss and metric over training, as numbers and as traces."""

import numpy as np

from builder.observe.chart import Palette
from builder.observe.curves import (
    SMOOTH_FROM,
    gap_widens,
    higher_is_better,
    loss_chart,
    loss_curves,
    metric_chart,
    metric_curves,
)
from builder.runs.metrics import Metrics, Table


def test_no_trace_has_more_than_a_thousand_points_and_spikes_stay(make, palette: Palette) -> None:
    loss = np.full(100_000, 0.5)
    loss[54_321] = 9.0
    curves = loss_curves(make(loss), 100)
    assert curves.train.max() == 9.0
    assert all(len(trace["x"]) <= 1000 for trace in loss_chart(curves, palette).traces)


def test_x_is_counted_in_epochs(make) -> None:
    curves = loss_curves(make(np.ones(50)), 25)
    assert curves.train_x[-1] == 2.0


def test_the_best_epoch_is_the_lowest_validation_loss(make) -> None:
    curves = loss_curves(make(np.ones(10), [0.9, 0.4, 0.6]), 5)
    assert curves.best == (2.0, 0.4)


def test_it_is_smoothed_from_two_hundred_points_on_and_says_so(make, palette: Palette) -> None:
    short = loss_chart(loss_curves(make(np.ones(SMOOTH_FROM - 1)), 10), palette)
    long = loss_chart(loss_curves(make(np.ones(SMOOTH_FROM)), 10), palette)
    assert short.note == ""
    assert long.note == "smoothed 0.6"


def test_a_loss_that_is_not_a_number_is_named_with_its_step(make, palette: Palette) -> None:
    chart = loss_chart(loss_curves(make([1.0, 0.9, np.nan, np.nan]), 2), palette)
    assert "not a number since step 3" in chart.alt
    assert any("not a number since step 3" in a["text"] for a in chart.layout["annotations"])


def test_train_is_solid_validation_dashed_with_points_and_the_best_a_star(
    make, palette: Palette
) -> None:
    traces = {
        t["name"]: t for t in loss_chart(loss_curves(make(np.ones(9), [1, 0.5]), 3), palette).traces
    }
    assert traces["train"]["line"]["dash"] == "solid"
    assert traces["validation"]["line"]["dash"] == "dash"
    assert traces["validation"]["mode"] == "lines+markers"
    assert traces["best"]["marker"]["symbol"] == "star"


def test_guessing_is_a_dotted_line(make, palette: Palette) -> None:
    chart = loss_chart(loss_curves(make(np.ones(9)), 3, guessing=2.3), palette)
    assert chart.layout["shapes"][0]["line"]["dash"] == "dot"
    assert chart.layout["shapes"][0]["y0"] == 2.3


def test_no_step_yet_is_an_empty_chart_with_words(make, palette: Palette) -> None:
    chart = loss_chart(loss_curves(make(), 1), palette)
    assert chart.alt == "No step is done yet."


def test_the_gap_widens_when_validation_rises_while_training_falls() -> None:
    train = np.array([1.0, 0.8, 0.6, 0.4, 0.2])
    assert gap_widens(train, np.array([1.0, 0.9, 0.95, 1.0, 1.1]))
    assert not gap_widens(train, np.array([1.0, 0.9, 0.8, 0.7, 0.6]))
    assert not gap_widens(train[:2], np.array([1.0, 1.2]))


def test_the_best_metric_goes_the_right_way() -> None:
    epochs = Table(
        ("epoch", "validation/accuracy", "validation/mae"),
        np.array([[1, 0.5, 3.0], [2, 0.9, 1.0], [3, 0.8, 2.0]]),
    )
    none = Table(("step",), np.empty((0, 1)))
    metrics = Metrics(none, epochs, none)
    assert metric_curves(metrics, "accuracy").best == (2.0, 0.9)
    assert metric_curves(metrics, "mae").best == (2.0, 1.0)
    assert higher_is_better("r2")
    assert not higher_is_better("rmse")


def test_a_share_is_drawn_in_percent(palette: Palette) -> None:
    epochs = Table(("epoch", "validation/accuracy"), np.array([[1, 0.5]]))
    none = Table(("step",), np.empty((0, 1)))
    chart = metric_chart(
        metric_curves(Metrics(none, epochs, none), "accuracy", baseline=0.1),
        palette,
        title="Accuracy",
        percent=True,
    )
    assert chart.traces[0]["y"][0] == 50.0
    assert chart.layout["shapes"][0]["y0"] == 10.0
    assert chart.alt == "Best so far 50 %."
