"""What always giving the same answer gets: the dotted line every curve has to leave behind."""

import math

from builder.spec.data import DataSchema


def guessing_loss(schema: DataSchema | None, loss: str) -> float | None:
    """Loss of the best constant answer, None where it is not known beforehand.

    Cross-entropy: the entropy of the class frequencies, in nats. Mean squared error: 1, because targets are
    trained with mean 0 and spread 1.
    """
    if schema is None:
        return None
    if schema.target.kind == "classes" and "cross_entropy" in loss:
        shares = _shares(schema)
        return -sum(share * math.log(share) for share in shares if share) or None
    return 1.0 if schema.target.kind == "numbers" and loss == "mse" else None


def guessing_metric(schema: DataSchema | None, metric: str) -> float | None:
    """The metric of the best constant answer, None where it has none that is known."""
    if schema is None:
        return None
    known = {
        "accuracy": max(_shares(schema), default=None),
        "balanced_accuracy": 1 / len(_shares(schema)) if _shares(schema) else None,
        "auroc": 0.5 if schema.target.kind == "classes" else None,
        "r2": 0.0,
    }
    return known.get(metric)


def _shares(schema: DataSchema) -> list[float]:
    counts = schema.class_counts or (1,) * len(schema.target.classes)
    total = sum(counts)
    return [count / total for count in counts] if total else []
