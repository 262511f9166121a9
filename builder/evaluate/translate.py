"""How well texts are written for texts: exact match, where it depends on length, the worst, and simple opponents."""

import time
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import NearestNeighbors

from builder.data.batches import Tensors
from builder.data.raw import SO_FAR, TEXT_LENGTH
from builder.data.read import END_TOKEN
from builder.evaluate import metrics
from builder.evaluate.part import Part, intervals, values
from builder.evaluate.results import Baseline, Mistake, Results, Translations
from builder.train.decoding import likeliest
from builder.train.learner import chunks
from builder.train.trained import Trained
from builder.train.translating import spelled_rows, translated

CHUNK = 256
"""Texts written at once."""
WORST, SHOWN = 24, 12
RANGES = 6
"""Groups of texts by length, of about as many texts each."""
MOST_COMPARED = 20_000
"""Training texts the nearest one is looked for among."""


def translation_part(
    trained: Trained, train: Tensors, measured: Tensors, rows: NDArray[np.int64], compare: bool
) -> Part:
    """Figures over all texts, written greedily; exact match by length, the worst texts, and some as they come."""
    wanted = spelled_rows(trained.preparation, _target(measured))
    written, accuracy = _written(trained, measured)
    edits = _edits(wanted, written)
    exact = np.array([a == b for a, b in zip(wanted, written, strict=True)], dtype=np.float64)
    figures = metrics.translation(exact, *accuracy, edits)
    order = np.argsort(-edits, kind="stable")
    worst = [place for place in order[:WORST] if not exact[place]]
    spread = np.unique(np.linspace(0, len(exact) - 1, min(SHOWN, len(exact))).astype(np.int64))

    def told(place: int) -> Mistake:
        return Mistake(
            index=int(rows[place]),
            truth=wanted[place],
            answer=written[place],
            score=float(edits[place]),
        )

    results = Results(
        split="other",
        samples=len(exact),
        metric="",
        metrics=values(figures),
        intervals=intervals(figures),
        translations=_by_length(
            measured.inputs[TEXT_LENGTH].numpy(), exact, tuple(told(int(p)) for p in spread)
        ),
        baselines=_opponents(trained, train, measured, wanted) if compare else (),
        worst=tuple(told(int(place)) for place in worst),
    )
    return Part(results)


def edit_distance(first: str, second: str) -> int:
    """Characters to insert, remove or exchange until one text is the other (Levenshtein 1966)."""
    before = list(range(len(second) + 1))
    for i, letter in enumerate(first, start=1):
        now = [i]
        for j, other in enumerate(second, start=1):
            now.append(min(before[j] + 1, now[-1] + 1, before[j - 1] + (letter != other)))
        before = now
    return before[-1]


def _target(samples: Tensors) -> torch.Tensor:
    assert samples.target is not None
    return samples.target


def _written(
    trained: Trained, measured: Tensors
) -> tuple[list[str], tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """The texts it writes; of each, the tokens that are right behind the right ones, and all its tokens."""
    forward = trained.forward()
    found: list[str] = []
    right, tokens = [], []
    target, start = _target(measured), 0
    with torch.no_grad():
        for piece in chunks(measured.inputs, CHUNK):
            wanted = target[start : start + len(piece[SO_FAR])]
            start += len(wanted)
            real = wanted != 0
            right.append(((likeliest(forward(piece), END_TOKEN) == wanted) & real).sum(1))
            tokens.append(real.sum(1))
            found += spelled_rows(trained.preparation, translated(forward, piece))
    return found, (torch.cat(right).double().numpy(), torch.cat(tokens).double().numpy())


def _edits(wanted: list[str], written: list[str]) -> NDArray[np.float64]:
    pairs = zip(wanted, written, strict=True)
    return np.array([0 if a == b else edit_distance(a, b) for a, b in pairs], dtype=np.float64)


def _by_length(
    lengths: NDArray[np.int64], exact: NDArray[np.float64], shown: tuple[Mistake, ...]
) -> Translations:
    """Exact match of texts in groups of neighbouring lengths."""
    edges = np.unique(np.quantile(lengths, np.linspace(0, 1, RANGES + 1), method="lower"))
    if len(edges) == 1:
        edges = np.append(edges, edges[0])
    groups = []
    for low, high in pairwise(edges.tolist()):
        last = high == edges[-1]
        inside = (lengths >= low) & ((lengths <= high) if last else (lengths < high))
        if inside.any():
            top = int(high) if last else int(high) - 1
            groups.append((int(low), top, int(inside.sum()), float(exact[inside].mean())))
    return Translations(
        shortest=tuple(group[0] for group in groups),
        longest=tuple(group[1] for group in groups),
        samples=tuple(group[2] for group in groups),
        exact=tuple(group[3] for group in groups),
        shown=shown,
    )


def _opponents(
    trained: Trained, train: Tensors, measured: Tensors, wanted: list[str]
) -> tuple[Baseline, ...]:
    """The text as it is, and what was wanted of the training text that is most like it."""
    if train.texts is None or measured.texts is None:
        return ()
    texts, known = list(measured.texts), list(train.texts[:MOST_COMPARED])
    copied = _opponent("copy", "The text as it is", wanted, texts, 0.0)
    start = time.perf_counter()
    letters = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    nearest = NearestNeighbors(n_neighbors=1, metric="cosine").fit(letters.fit_transform(known))
    seconds = time.perf_counter() - start
    places = nearest.kneighbors(letters.transform(texts), return_distance=False)[:, 0]
    answers = spelled_rows(trained.preparation, _target(train)[torch.from_numpy(places)])
    title = "The answer of the nearest training text"
    return copied, _opponent("nearest_text", title, wanted, answers, seconds)


def _opponent(
    name: str, title: str, wanted: list[str], answers: list[str], seconds: float
) -> Baseline:
    exact = float(np.mean([a == b for a, b in zip(wanted, answers, strict=True)]))
    figures: dict[str, float | None] = {
        "exact_match": exact,
        "edit_distance": float(_edits(wanted, answers).mean()),
    }
    return Baseline(name=name, title=title, metrics=figures, seconds=round(seconds, 4))
