"""Metrics of a whole split, quick enough for every epoch; evaluate/ has the thorough ones."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor


def class_metrics(logits: Tensor, target: Tensor, watched: str) -> dict[str, float]:
    """Accuracy, balanced accuracy and F1 of logits (N, classes) against class numbers (N,).

    AUROC, which sorts, only where it is `watched`.
    """
    classes = logits.shape[1]
    answers = logits.argmax(1)
    pairs = (target * classes + answers).numpy()
    confusion = np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)
    metrics = confusion_metrics(confusion)
    if watched == "auroc":
        metrics["auroc"] = auroc(logits.softmax(1).double().numpy(), target.numpy())
    return metrics


def confusion_metrics(confusion: NDArray[np.int64]) -> dict[str, float]:
    """Metrics that follow from counts (true class, answer) alone; classes without samples are left out."""
    right = confusion.diagonal()
    true = confusion.sum(1)
    answered = confusion.sum(0)
    total = true.sum()
    if total == 0:
        return dict.fromkeys(("accuracy", "balanced_accuracy", "f1_macro"), math.nan)
    present = true > 0
    seen = present | (answered > 0)
    recall = right[present] / true[present]
    f1 = 2 * right[seen] / (true[seen] + answered[seen])
    return {
        "accuracy": float(right.sum() / total),
        "balanced_accuracy": float(recall.mean()),
        "f1_macro": float(f1.mean()),
    }


def pixel_confusion(logits: Tensor, target: Tensor) -> NDArray[np.int64]:
    """How often pixels of each class (row) were answered as each class (column): (B, C, H, W) against (B, H, W)."""
    classes = logits.shape[1]
    pairs = (target * classes + logits.argmax(1)).flatten().cpu().numpy()
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def mask_metrics(counts: NDArray[Any]) -> dict[str, float]:
    """Mean IoU and pixel accuracy from counts of pixels (true class, answer); classes that never occur are left out."""
    each, total = overlaps(counts), counts.sum()
    known = each[~np.isnan(each)]
    return {
        "mean_iou": float(known.mean()) if len(known) else math.nan,
        "pixel_accuracy": float(counts.diagonal().sum() / total) if total else math.nan,
    }


def overlaps(counts: NDArray[Any]) -> NDArray[np.float64]:
    """Intersection over union of each class (Jaccard 1912), NaN where it neither is nor was answered: (C,)."""
    both = counts.diagonal().astype(np.float64)
    either = counts.sum(0) + counts.sum(1) - both
    shares: NDArray[np.float64] = np.full(len(both), math.nan)
    np.divide(both, either, out=shares, where=either > 0)
    return shares


def number_metrics(outputs: Tensor, target: Tensor, watched: str) -> dict[str, float]:
    """R², mean absolute and root mean squared error of (N, width) numbers in the target's unit."""
    predicted = outputs.numpy().astype(np.float64).reshape(target.shape)
    true = target.numpy().astype(np.float64)
    difference = predicted - true
    residual = (difference**2).sum(0)
    spread = ((true - true.mean(0)) ** 2).sum(0)
    r2 = np.where(spread > 0, 1 - residual / np.where(spread > 0, spread, 1), math.nan)
    return {
        "r2": float(r2.mean()),
        "mae": float(np.abs(difference).mean()),
        "rmse": float(math.sqrt((difference**2).mean())),
    }


def middle(outputs: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """The forecast itself, shaped as the target (N, horizon, series): the middle one where a band is given."""
    if outputs.size == target.size:
        return outputs.reshape(target.shape)
    return outputs[:, outputs.shape[1] // 2]


def forecast_metrics(
    outputs: NDArray[np.float64], target: NDArray[np.float64], naive_error: NDArray[np.float64]
) -> dict[str, float]:
    """Mean absolute, root mean squared and mean absolute scaled error of forecasts against (N, horizon, series).

    `naive_error` (series,): what repeating the last season is off by on the training rows (Hyndman and Koehler 2006).
    """
    error = np.abs(middle(outputs, target) - target)
    return {
        "mae": float(error.mean()),
        "rmse": float(math.sqrt((error**2).mean())),
        "mase": float((error / naive_error).mean()),
    }


def auroc(shares: NDArray[np.float64], target: NDArray[np.int64]) -> float:
    """Area under the ROC curve, one class against the rest, mean over the classes that occur.

    `shares`: probabilities (N, classes). NaN when only one class occurs.
    """
    first = 1 if shares.shape[1] == 2 else 0
    areas = [_area(shares[:, c], target == c) for c in range(first, shares.shape[1])]
    known = [area for area in areas if not math.isnan(area)]
    return sum(known) / len(known) if known else math.nan


def _area(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """Share of (positive, other) pairs in the right order, ties counting half."""
    count = int(positive.sum())
    others = len(scores) - count
    if count == 0 or others == 0 or not np.isfinite(scores).all():
        return math.nan
    _, place, ties = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(ties) - (ties - 1) / 2)[place]  # mean rank of equal scores, from 1
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * others))
