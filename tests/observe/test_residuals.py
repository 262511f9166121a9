"""Truth against answer."""

import numpy as np

from builder.observe.residuals import POINTS, truth_chart


def test_the_message_is_the_mean_absolute_error(palette) -> None:
    chart = truth_chart([1.0, 2.0, 3.0], [1.5, 2.0, 2.0], palette, unit="mm")
    assert chart.alt == "3 samples; the answer is off by 0.5 on average."
    assert chart.layout["xaxis"]["title"]["text"] == "truth, mm"


def test_many_samples_are_thinned(palette) -> None:
    many = np.arange(5000.0).tolist()
    assert len(truth_chart(many, many, palette).traces[0]["x"]) == POINTS


def test_no_sample_is_an_empty_chart(palette) -> None:
    assert truth_chart([], [], palette).alt.startswith("0 samples")
