"""The distance is the formula's, by scipy as the referee."""

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from builder.train.frechet import frechet, pixel_frechet


def test_it_is_the_distance_of_two_normal_distributions():
    generator = np.random.default_rng(0)
    ours = generator.normal(size=(400, 5)) @ generator.normal(size=(5, 5))
    theirs = generator.normal(size=(300, 5)) + 1.5
    mine, other = np.cov(ours.T), np.cov(theirs.T)
    gap = ours.mean(0) - theirs.mean(0)
    expected = gap @ gap + np.trace(mine + other - 2 * sqrtm(mine @ other).real)
    assert frechet(torch.tensor(ours), torch.tensor(theirs)) == pytest.approx(expected, rel=1e-6)


def test_the_same_samples_are_no_distance_apart_and_one_repeated_sample_is():
    pictures = torch.rand(100, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    assert pixel_frechet(pictures, pictures) == pytest.approx(0, abs=1e-6)
    assert pixel_frechet(pictures[:1].repeat(100, 1, 1, 1), pictures) > 3


def test_numbers_that_are_none_and_too_few_samples_give_no_distance():
    broken = torch.full((4, 3), torch.nan)
    assert np.isnan(frechet(broken, torch.zeros(4, 3)))
    assert np.isnan(frechet(torch.zeros(1, 3), torch.zeros(4, 3)))
