"""Noise goes in and comes out by the formulas of the papers, and the sampler finds a known distribution."""

import math

import pytest
import torch

from builder.train.noising import Noising


def pictures(count=16):
    return torch.randn(count, 1, 4, 4, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_a_picture_fades_into_noise_and_its_variance_stays(schedule):
    noising = Noising(1000, schedule)
    assert noising.signal[0] > 0.99
    assert noising.signal[-1] < 0.01
    assert (noising.signal.diff() < 0).all()
    torch.testing.assert_close(noising.signal**2 + noising.spread**2, torch.ones(1000))


def test_the_linear_schedule_is_that_of_ho_et_al():
    kept = torch.cumprod(1 - torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64), 0)
    torch.testing.assert_close(Noising(1000, "linear").signal, kept.sqrt().float())


def test_the_cosine_schedule_is_that_of_nichol_and_dhariwal():
    at = torch.tensor([100, 500, 900])
    curve = torch.cos(((at + 1) / 1000 + 0.008) / 1.008 * math.pi / 2) ** 2
    start = math.cos(0.008 / 1.008 * math.pi / 2) ** 2
    torch.testing.assert_close(Noising(1000, "cosine").signal[at] ** 2, curve / start)


@pytest.mark.parametrize("predicts", ["noise", "velocity"])
def test_a_right_prediction_gives_picture_and_noise_back(predicts):
    noising, images = Noising(100, "cosine", predicts), pictures()
    noise = torch.randn_like(images)
    times = torch.arange(16) * 5
    said = noising.target(images, noise, times)
    clean, left = noising.apart(noising.noisy(images, noise, times), said, times)
    torch.testing.assert_close(clean, images, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(left, noise, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("predicts", ["noise", "velocity"])
def test_sampling_with_the_best_denoiser_of_a_normal_distribution_finds_it(predicts):
    """Of data N(0.7, 0.5²) the best denoiser is known in closed form."""
    noising, mean, deviation = Noising(1000, "cosine", predicts), 0.7, 0.5

    def denoise(noisy, times, labels):
        signal, spread = noising._at(times, noisy)
        share = signal * deviation**2 / (signal**2 * deviation**2 + spread**2)
        clean = mean + share * (noisy - signal * mean)
        return noising.target(clean, (noisy - signal * clean) / spread, times)

    noise = torch.randn(4000, 1, 1, 1, generator=torch.Generator().manual_seed(1))
    made = noising.sample(denoise, noise, steps=200)
    assert made.mean().item() == pytest.approx(mean, abs=0.03)
    assert made.std().item() == pytest.approx(deviation, abs=0.03)


def test_guidance_goes_from_the_answer_without_class_through_the_one_with_it():
    noising = Noising(10, "cosine", "velocity")
    asked = []

    def denoise(noisy, times, labels):
        asked.append(labels.clone())
        return labels.sum(1).reshape(-1, 1, 1, 1).expand_as(noisy)

    labels = torch.eye(3)
    with_two = noising.sample(denoise, torch.zeros(3, 1, 2, 2), steps=1, labels=labels, guidance=2)
    with_one = noising.sample(denoise, torch.zeros(3, 1, 2, 2), steps=1, labels=labels)
    torch.testing.assert_close(with_two, 2 * with_one)
    assert asked[0].shape == (6, 3)
    assert asked[0][3:].sum() == 0
    assert asked[1].shape == (3, 3)


def test_one_step_and_more_steps_than_times_are_fine():
    noising = Noising(10, "linear", "noise")
    for steps in (1, 10, 500):
        made = noising.sample(lambda noisy, *_: torch.zeros_like(noisy), pictures(2), steps=steps)
        assert torch.isfinite(made).all()
