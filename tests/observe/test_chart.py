"""Scales, buckets and axes: numbers apart from drawing."""

import numpy as np

from builder.observe.chart import bucket_means, fit_middle, mixed, smoothed


def test_bucket_means_are_numpys_means_of_equal_parts() -> None:
    values = np.random.default_rng(0).normal(size=4000)
    x, means = bucket_means(np.arange(4000.0), values, points=100)
    assert np.allclose(means, values.reshape(100, 40).mean(axis=1))
    assert len(x) == 100
    assert x[-1] == 3999


def test_bucket_means_pass_over_what_is_not_a_number() -> None:
    values = np.arange(1000.0)
    values[::2] = np.nan
    _, means = bucket_means(np.arange(1000.0), values, points=10)
    assert np.isfinite(means).all()


def test_a_constant_stays_itself_when_smoothed() -> None:
    assert np.allclose(smoothed(np.full(50, 3.0)), 3.0)


def test_smoothing_starts_at_the_first_value_and_narrows_noise() -> None:
    noise = np.random.default_rng(0).normal(size=500)
    calm = smoothed(noise)
    assert calm[0] == noise[0]
    assert calm.std() < 0.7 * noise.std()


def test_an_old_spike_does_not_stretch_the_axis() -> None:
    losses = np.concatenate([[500.0], np.full(999, 1.0) + np.linspace(0, 0.1, 999)])
    fit = fit_middle(losses)
    assert fit is not None
    assert fit.high < 2
    assert fit.clipped == 1


def test_nothing_finite_gives_no_axis() -> None:
    assert fit_middle(np.array([np.nan, np.inf])) is None


def test_mixed_hits_both_ends_and_the_middle() -> None:
    assert mixed(("#000000", "#FFFFFF"), 0.0) == "#000000"
    assert mixed(("#000000", "#FFFFFF"), 1.0) == "#FFFFFF"
    assert mixed(("#000000", "#FFFFFF"), 0.5) == "#808080"
