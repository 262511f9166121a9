"""What a network's outputs mean: classes with probabilities, numbers, or the input given back."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[Any]


def probabilities(logits: Floats) -> npt.NDArray[np.float64]:
    """Softmax over the last axis: logits (N, classes) -> float64 (N, classes), rows sum to 1."""
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    shares: npt.NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return shares


def answers(
    outputs: Floats, classes: Sequence[str], settings: Mapping[str, Any] = {}
) -> list[dict[str, Any]]:
    """One answer a sample, ready for JSON. `settings` are those the inputs were read by (READ in pipeline.py).

    outputs: logits (N, classes), or numbers (N, width) where `classes` is empty. With classes an answer is
    `{"class", "probability", "probabilities": {class: share}}`, else `{"value"}` or `{"values": [...]}`. A forecast is
    `{"forecast": {series: [...]}}`, with `"low"` and `"high"` of the same form where there is a band.
    """
    if settings.get("kind") in OTHER:
        return OTHER[settings["kind"]](outputs, settings)
    if not classes:
        rows = outputs.reshape(len(outputs), -1).astype(float).tolist()
        return [{"value": row[0]} if len(row) == 1 else {"values": row} for row in rows]
    shares = probabilities(outputs)
    return [
        {
            "class": classes[int(row.argmax())],
            "probability": float(row.max()),
            "probabilities": {name: float(share) for name, share in zip(classes, row, strict=True)},
        }
        for row in shares
    ]


def reconstructions(
    made: Floats, given: Floats, threshold: float, shown: Floats
) -> list[dict[str, Any]]:
    """One answer a sample, ready for JSON: `{"error", "threshold", "unusual", "reconstruction"}`.

    made, given: what the network gave and got (N, ...); `error` is the mean squared difference, and above `threshold`
    a sample counts as unusual. shown: the reconstructions as people read them, pixels in 0..1 or numbers.
    """
    off = ((made.reshape(given.shape) - given) ** 2).reshape(len(given), -1).mean(axis=1)
    return [
        {
            "error": float(error),
            "threshold": float(threshold),
            "unusual": bool(error > threshold),
            "reconstruction": values.tolist(),
        }
        for error, values in zip(off, shown, strict=True)
    ]


def forecasts(outputs: Floats, settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Numbers of each series for the next steps: (N, horizon, series), or (N, 3, horizon, series) with a band."""
    names = settings["names"][: settings["series"]]
    steps = outputs.reshape(len(outputs), -1, settings["horizon"], len(names)).astype(float)
    words = ("low", "forecast", "high") if steps.shape[1] == 3 else ("forecast",)
    return [
        {
            word: dict(zip(names, level.T.tolist(), strict=True))
            for word, level in zip(words, sample, strict=True)
        }
        for sample in steps
    ]


OTHER: dict[str, Callable[[Floats, Mapping[str, Any]], list[dict[str, Any]]]] = {
    "series": forecasts
}
"""Answers that are neither classes nor plain numbers, by the kind of data."""
