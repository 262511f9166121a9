"""How well a language model foretells a text, beside a 3-gram model on the same tokens."""

import time

import numpy as np
import torch
from numpy.typing import NDArray

from builder.data.batches import Tensors
from builder.evaluate import metrics
from builder.evaluate.part import Part, intervals, values
from builder.evaluate.results import Baseline, Results
from builder.evaluate.trigram import Trigram
from builder.train.language import MOST_LOGITS, nats
from builder.train.learner import chunks
from builder.train.trained import Trained


def language_part(
    trained: Trained, train: Tensors, measured: Tensors, rows: NDArray[np.int64], compare: bool
) -> Part:
    """Nats per token and perplexity over every token of the split."""
    figures = metrics.language(nats_of(trained, measured))
    results = Results(
        split="other",
        samples=len(measured),
        metric="",
        metrics=values(figures),
        intervals=intervals(figures),
        baselines=opponents(trained, train, measured) if compare else (),
    )
    return Part(results)


def nats_of(trained: Trained, measured: Tensors) -> NDArray[np.float64]:
    """The cross-entropy of each token of each window: float64 (windows, length)."""
    assert measured.target is not None
    forward = trained.forward()
    size = max(1, MOST_LOGITS // (measured.target.shape[1] * max(1, trained.schema.vocabulary)))
    pieces, start = [], 0
    with torch.no_grad():
        for piece in chunks(measured.inputs, size):
            logits = forward(piece)
            pieces.append(nats(logits, measured.target[start : start + len(logits)]))
            start += len(logits)
    found: NDArray[np.float64] = torch.cat(pieces).double().numpy()
    return found


def opponents(trained: Trained, train: Tensors, measured: Tensors) -> tuple[Baseline, ...]:
    """A 3-gram model that learned from the training part and is asked for the same tokens."""
    start = time.perf_counter()
    model = Trigram(_row(train), trained.schema.vocabulary)
    seconds = time.perf_counter() - start
    mean = float(model.nats(_row(measured)).mean())
    found: dict[str, float | None] = {"nats_per_token": mean, "perplexity": float(np.exp(mean))}
    return (
        Baseline(name="trigram", title="3-gram model", metrics=found, seconds=round(seconds, 4)),
    )


def _row(samples: Tensors) -> NDArray[np.int64]:
    """The tokens of windows that lie side by side, as one row."""
    assert samples.target is not None
    (inputs,) = samples.inputs.values()
    row: NDArray[np.int64] = torch.cat([inputs[0, :1], samples.target.flatten()]).numpy()
    return row
