"""Fréchet distance between two sets of samples, each taken for a normal distribution (Heusel et al. 2017)."""

import torch
from torch import Tensor
from torch.nn import functional as F

SIDE = 8
"""Pictures are averaged down to so many pixels a side first: their layout counts, not each grain."""


def frechet(ours: Tensor, theirs: Tensor) -> float:
    """Distance of two sets of rows (N, F) and (M, F): 0 for the same mean and covariance. NaN where not finite."""
    ours, theirs = ours.double().cpu(), theirs.double().cpu()
    if (
        not (torch.isfinite(ours).all() and torch.isfinite(theirs).all())
        or min(len(ours), len(theirs)) < 2
    ):
        return float("nan")
    apart = ((ours.mean(0) - theirs.mean(0)) ** 2).sum()
    mine, other = (torch.cov(rows.T).reshape(2 * rows.shape[1:]) for rows in (ours, theirs))
    values, vectors = torch.linalg.eigh(mine)
    root = vectors @ torch.diag(values.clamp(min=0).sqrt()) @ vectors.T
    shared = torch.linalg.eigvalsh(root @ other @ root).clamp(min=0).sqrt().sum()
    return float((apart + mine.trace() + other.trace() - 2 * shared).clamp(min=0))


def pixel_frechet(ours: Tensor, theirs: Tensor) -> float:
    """The distance of two sets of pictures (N, C, H, W), in pixels of at most 8×8."""
    return frechet(_coarse(ours), _coarse(theirs))


def _coarse(pictures: Tensor) -> Tensor:
    size = (min(pictures.shape[2], SIDE), min(pictures.shape[3], SIDE))
    return F.adaptive_avg_pool2d(pictures.float(), size).flatten(1)
