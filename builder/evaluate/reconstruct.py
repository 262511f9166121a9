"""How well a network gives its input back, beside principal components of the same width."""

import time
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from torch import Tensor

from builder.data.batches import Tensors
from builder.evaluate import metrics
from builder.evaluate.part import Part, intervals, values
from builder.evaluate.results import Baseline, Mistake, Reconstructions, Results
from builder.network.check import check
from builder.network.order import upstream
from builder.spec.network import Network
from builder.train.autoencoding import AutoencoderLearner
from builder.train.trained import Trained
from builder.train.unusual import errors, threshold

SHOWN = 8
KEPT_ERRORS = 2000
FITTED = 10_000


def reconstruction_part(
    trained: Trained, train: Tensors, measured: Tensors, rows: NDArray[np.int64], compare: bool
) -> Part:
    """Error of every sample, the worst and best of them, and what principal components get."""
    clean = _only(measured)
    given = _given(trained, clean)
    made = trained.outputs(measured.inputs)
    off = errors(made, clean).double().numpy()
    figures = {"mse": metrics.mean(off)}
    if given is not clean:
        name = next(iter(measured.inputs))
        noisy = errors(trained.outputs({name: given}), clean).double().numpy()
        figures["denoised_mse"] = metrics.mean(noisy)
    width = narrowest(trained)
    order = np.argsort(-off, kind="stable")
    limit = threshold(trained)
    worst, best = order[:SHOWN], order[::-1][:SHOWN]
    results = Results(
        split="other",
        samples=len(off),
        metric="",
        metrics=values(figures),
        intervals=intervals(figures),
        worst=tuple(_mistake(trained, measured, rows, place, off) for place in worst),
        baselines=_components(train, clean, given, width) if compare else (),
        reconstructions=Reconstructions(
            errors=tuple(off[:KEPT_ERRORS].tolist()),
            threshold=limit.value,
            threshold_words=limit.words(),
            unusual=float((off > limit.value).mean()),
            width=width,
            features=int(clean[0].numel()),
        ),
    )
    arrays = {}
    for name, places in (("worst", worst), ("best", best)):
        chosen = torch.from_numpy(places.copy())
        arrays[f"{name}:input"] = _shown(trained, clean[chosen])
        arrays[f"{name}:reconstruction"] = _shown(
            trained, made[chosen].reshape(clean[chosen].shape)
        )
    return Part(results, arrays)


def narrowest(trained: Trained) -> int:
    """Values a sample has to squeeze through: of the layers every way to the answer leads through, the narrowest.

    Where ways lead around every layer, as many as a sample has.
    """
    project, recipe = trained.project, trained.recipe
    network = recipe.networks_of(project)[recipe.networks[0]]
    report = check(
        project, network.name, recipe.expectations(project, trained.schema)[network.name]
    )
    output = next(
        node
        for node in network.of_kind("output")
        if node.knobs.get("role") in (None, "", recipe.answer)
    )
    sizes = [
        int(np.prod(one.outputs[0].shape))
        for node in network.nodes
        if (one := report.nodes.get(node.id)) is not None
        and one.outputs
        and (node.kind == "input" or _all_pass(network, node.id, output.id))
    ]
    return min(sizes)


def _all_pass(network: Network, node: str, output: str) -> bool:
    """Whether nothing reaches the output but through this node."""
    if node == output:
        return True
    wires = tuple(w for w in network.wires if node not in (w.source, w.target))
    rest = network.model_copy(update={"wires": wires})
    inputs = {one.id for one in network.of_kind("input")}
    return node in upstream(network, [output]) and not inputs & upstream(rest, [output])


def _components(train: Tensors, clean: Tensor, given: Tensor, width: int) -> tuple[Baseline, ...]:
    """PCA with as many components as the network's narrowest layer has values, fitted on the training samples."""
    fitted = _only(train)[:FITTED].flatten(1).double().numpy()
    count = min(width, *fitted.shape)
    start = time.perf_counter()
    model = PCA(n_components=count, random_state=0).fit(fitted)
    seconds = time.perf_counter() - start
    truth = clean.flatten(1).double().numpy()

    def error(values_in: Tensor) -> float:
        seen = values_in.flatten(1).double().numpy()
        back = model.inverse_transform(model.transform(seen))
        return float(((back - truth) ** 2).mean())

    found: dict[str, float | None] = {"mse": error(clean)}
    if given is not clean:
        found["denoised_mse"] = error(given)
    noun = "component" if count == 1 else "components"
    title = f"Principal components of equal width ({count} {noun})"
    return (Baseline(name="pca", title=title, metrics=found, seconds=round(seconds, 4)),)


def _given(trained: Trained, clean: Tensor) -> Tensor:
    """The input with the noise it is trained with, the same at every call."""
    learner = trained.learner()
    return learner.measured_input(clean) if isinstance(learner, AutoencoderLearner) else clean


def _mistake(
    trained: Trained,
    measured: Tensors,
    rows: NDArray[np.int64],
    place: int,
    off: NDArray[np.float64],
) -> Mistake:
    names = trained.schema.target.labels
    truth: str | float = ""
    if measured.target is not None and trained.schema.target.kind != "mask":
        value = float(measured.target[place].flatten()[0])
        truth = names[int(value)] if names else value
    return Mistake(
        index=int(rows[place]), truth=truth, answer=float(off[place]), score=float(off[place])
    )


def _shown(trained: Trained, prepared: Tensor) -> NDArray[Any]:
    pixels: NDArray[Any] = trained.preparation.pictures(prepared).numpy()
    return pixels


def _only(samples: Tensors) -> Tensor:
    (only,) = samples.inputs.values()
    return only
