"""How well a class is given to each pixel: overlaps, the worst samples, and simple opponents."""

import time
import warnings
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from builder.data.batches import Tensors, in_order
from builder.data.masks import shown_classes
from builder.evaluate import metrics
from builder.evaluate.part import Part, intervals, known, values
from builder.evaluate.results import Baseline, Masks, Mistake, Results
from builder.train.measures import mask_metrics, overlaps, pixel_confusion
from builder.train.trained import Trained

CHUNK = 64
"""Pictures answered at once."""
SHOWN = 8
WORST = 24
FITTED_PIXELS = 20_000
Counts = NDArray[np.int64]


def mask_part(
    trained: Trained, train: Tensors, measured: Tensors, rows: NDArray[np.int64], compare: bool
) -> Part:
    """Figures over all pixels, each class by itself, the worst samples, and samples spread over the split."""
    names = trained.schema.target.classes
    answers, counts = _answered(trained, measured)
    each = np.array([mask_metrics(one)["mean_iou"] for one in counts])
    order = np.argsort(each, kind="stable")
    figures = metrics.segmentation(counts)
    assert measured.target is not None
    truths = measured.target.numpy()
    results = Results(
        split="other",
        samples=len(each),
        metric="",
        metrics=values(figures),
        intervals=intervals(figures),
        classes=names,
        masks=_by_class(counts.sum(0)),
        baselines=_opponents(train, measured, len(names)) if compare else (),
        worst=tuple(
            Mistake(
                index=int(rows[place]),
                truth=shown_classes(truths[place], names),
                answer=shown_classes(answers[place], names),
                score=float(each[place]),
            )
            for place in order[:WORST]
        ),
    )
    spread = np.unique(np.linspace(0, len(each) - 1, min(SHOWN, len(each))).astype(np.int64))
    arrays: dict[str, NDArray[Any]] = {}
    for word, places in (("worst", order[:SHOWN]), ("spread", spread)):
        (pictures,) = measured.inputs.values()
        chosen = pictures[torch.from_numpy(places.copy())]
        arrays[f"{word}:input"] = trained.preparation.pictures(chosen).numpy()
        arrays[f"{word}:truth"] = truths[places].astype(np.uint16)
        arrays[f"{word}:answer"] = answers[places]
        arrays[f"{word}:iou"] = each[places]
    return Part(results, arrays)


def _answered(trained: Trained, measured: Tensors) -> tuple[NDArray[np.uint16], Counts]:
    """The class of each pixel, (N, H, W), and each sample's pixels by true class and answer, (N, C, C)."""
    answers, counts = [], []
    for piece in in_order(measured, CHUNK):
        logits = trained.outputs(piece.inputs, chunk=CHUNK)
        assert piece.target is not None
        answers.append(logits.argmax(1).numpy().astype(np.uint16))
        pairs = zip(logits, piece.target, strict=True)
        counts += [pixel_confusion(one[None], truth[None]) for one, truth in pairs]
    return np.concatenate(answers), np.stack(counts)


def _by_class(counts: Counts) -> Masks:
    right, true, answered = counts.diagonal(), counts.sum(1), counts.sum(0)
    return Masks(
        iou=tuple(known(float(value)) for value in overlaps(counts)),
        found=tuple(_share(*pair) for pair in zip(right, true, strict=True)),
        right=tuple(_share(*pair) for pair in zip(right, answered, strict=True)),
        pixels=tuple(true.tolist()),
    )


def _share(part: int, whole: int) -> float | None:
    return float(part / whole) if whole else None


def _opponents(train: Tensors, measured: Tensors, classes: int) -> tuple[Baseline, ...]:
    """One class everywhere, and a straight line on the colours of a pixel by itself."""
    colours, codes = _some_pixels(train)
    most = int(np.bincount(codes, minlength=classes).argmax())
    always = np.zeros((classes, classes), np.int64)
    assert measured.target is not None
    always[:, most] = np.bincount(measured.target.numpy().ravel(), minlength=classes)
    found = [_opponent("majority", "Always the most frequent class", always, 0.0)]
    if len(np.unique(codes)) < 2:
        return tuple(found)
    start = time.perf_counter()
    line = LogisticRegression(max_iter=300)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        line.fit(colours, codes)
    seconds = time.perf_counter() - start
    counts = np.zeros((classes, classes), np.int64)
    for piece in in_order(measured, CHUNK):
        pixels, truth = _pixels(piece)
        pairs = truth * classes + line.predict(pixels)
        counts += np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)
    title = "Logistic regression on the colour of each pixel"
    return (*found, _opponent("pixel_logistic_regression", title, counts, seconds))


def _opponent(name: str, title: str, counts: Counts, seconds: float) -> Baseline:
    figures = {key: known(value) for key, value in mask_metrics(counts).items()}
    return Baseline(name=name, title=title, metrics=figures, seconds=round(seconds, 4))


def _some_pixels(train: Tensors) -> tuple[NDArray[Any], Counts]:
    """Pixels drawn from at most as many pictures: values (n, channels) and class codes (n,)."""
    generator = np.random.default_rng(0)
    chosen = np.sort(generator.permutation(len(train))[:FITTED_PIXELS])
    (pictures,) = train.inputs.values()
    each = -(-FITTED_PIXELS // len(chosen))
    places = torch.from_numpy(generator.integers(0, pictures[0, 0].numel(), (len(chosen), each)))
    assert train.target is not None
    rows = torch.from_numpy(chosen)
    codes = train.target[rows].flatten(1).gather(1, places).flatten()
    wide = places[:, None].expand(-1, pictures.shape[1], -1)
    values_of = pictures[rows].flatten(2).gather(2, wide).movedim(1, 2).flatten(0, 1)
    return values_of.double().numpy(), codes.numpy()


def _pixels(piece: Tensors) -> tuple[NDArray[Any], Counts]:
    (pictures,) = piece.inputs.values()
    assert piece.target is not None
    return (
        pictures.movedim(1, -1).flatten(0, 2).double().numpy(),
        piece.target.flatten().numpy(),
    )
