"""What the sidecar answers: one handler a kind, each a thin call into the room that knows."""

import contextlib
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args

from builder.errors import BuilderError, DataError, SpecError
from builder.runs.store import Run, find
from builder.sidecar.arrays import packed, unpacked
from builder.sidecar.kinds import KINDS
from builder.spec.codec import decode
from builder.spec.project import Project

Payload = dict[str, Any]
SplitName = Literal["train", "validation", "test"]
Handler = Callable[[Payload], dict[str, Any]]
HANDLERS: dict[str, Handler] = {}
LATER: Mapping[str, Sequence[str]] = {
    "quick": ("builder.evaluate.predict",),
    "slow": ("builder.evaluate.run", "builder.export.write"),
}
"""What is imported for a lane while nobody waits."""
_WARMING = 2
"""So many templates are checked before the first request."""


def answers(kind: str) -> Callable[[Handler], Handler]:
    """Registers a handler for a kind of `kinds.py`."""
    assert kind in KINDS
    assert kind not in HANDLERS

    def register(handler: Handler) -> Handler:
        HANDLERS[kind] = handler
        return handler

    return register


def warm(lane: str) -> None:
    """Imports what the first requests of a lane need, and lets torch build its tables."""
    if lane != "quick":
        return
    from builder.network.source import generate  # noqa: F401 - imported to be warm
    from builder.projects.templates import templates
    from builder.readiness.check import check_project

    with contextlib.suppress(BuilderError):
        for template in templates()[:_WARMING]:
            check_project(template.project)


def warm_later(lane: str) -> None:
    """Imports what later requests of a lane need, while nobody waits."""
    for module in LATER[lane]:
        import_module(module)


@answers("ping")
def ping(payload: Payload) -> dict[str, Any]:
    """Says that the process is there."""
    return {"pid": os.getpid()}


@answers("check")
def check(payload: Payload) -> dict[str, Any]:
    """`{project}` to the JSON of its ProjectReport."""
    from builder.readiness.check import check_project

    return check_project(_project(payload)).model_dump(mode="json")


@answers("code")
def code(payload: Payload) -> dict[str, Any]:
    """`{project}` to its source: `{text, classes, identifiers, lines}`, the last three by network name.

    `lines` leads from node id to the line that makes it. A drawing that cannot be written yet answers with
    an error, whose sentence says why.
    """
    from builder.network.source import generate
    from builder.readiness.expect import expectations

    project = _project(payload)
    source = generate(project, expectations(project))
    return {
        "text": source.text,
        "classes": source.classes,
        "identifiers": source.identifiers,
        "lines": source.lines,
    }


@answers("rehearse")
def rehearse(payload: Payload) -> dict[str, Any]:
    """`{project, batch_size?}` to the JSON of a Rehearsal: what a few real steps take and hold."""
    from builder.train.rehearsal import rehearse as few_steps

    size = payload.get("batch_size")
    batch_size = size if isinstance(size, int) and not isinstance(size, bool) and size > 0 else None
    return few_steps(_project(payload), batch_size=batch_size).model_dump(mode="json")


@answers("offers")
def offers(payload: Payload) -> dict[str, Any]:
    """`{shape, dtype, role}` of what flows to `{offers: {kind: {shape, parameters, refusal}}}`."""
    from builder.layers.base import TensorType
    from builder.network import offers as proposals

    given = TensorType(tuple(payload["shape"]), payload["dtype"], payload["role"])
    made = proposals.offers(given)
    return {
        "offers": {
            kind: {**offer._asdict(), "shape": list(offer.shape)} for kind, offer in made.items()
        }
    }


@answers("predict")
def predict(payload: Payload) -> dict[str, Any]:
    """`{run, inputs}` to `{predictions, milliseconds}`; an input is a row, a file's path, or an array."""
    from builder.evaluate.predict import answers_of

    trained = _trained(find(payload["run"]))
    inputs = [_input(value) for value in payload["inputs"]]
    began = time.perf_counter()
    predictions = [answer for value in inputs for answer in answers_of(trained, value)]
    milliseconds = 1000 * (time.perf_counter() - began)
    return {"predictions": predictions, "milliseconds": milliseconds}


@answers("generate")
def generate(payload: Payload) -> dict[str, Any]:
    """`{run, count, seed, label?, settings?}` to `{samples, milliseconds}`: pictures (N, H, W, C), 0..1, or (N, F)."""
    from builder.evaluate.generate import generate as make

    label = payload.get("label")
    began = time.perf_counter()
    made = make(
        _trained(find(payload["run"])),
        count=int(payload["count"]),
        seed=int(payload["seed"]),
        label=None if label is None else int(label),
        settings=payload.get("settings"),
    )
    return {"samples": packed(made), "milliseconds": 1000 * (time.perf_counter() - began)}


@answers("continue")
def go_on(payload: Payload) -> dict[str, Any]:
    """`{run, text, count, temperature, top_k, top_p, seed}` to `{text}`: what a language model writes behind it."""
    from builder.evaluate.continuing import Manner
    from builder.evaluate.continuing import go_on as write

    manner = Manner(
        temperature=float(payload.get("temperature", 0.8)),
        top_k=int(payload.get("top_k", 0)),
        top_p=float(payload.get("top_p", 0.95)),
        seed=int(payload.get("seed", 0)),
    )
    trained = _trained(find(payload["run"]))
    return {"text": write(trained, payload["text"], int(payload.get("count", 100)), manner)}


@answers("views")
def views(payload: Payload) -> dict[str, Any]:
    """`{run, sample, split?, which?}` to `{path, sample, step, shapes}`: every layer's output for that sample.

    `path` is an .npz file in the run's views/ folder, by node id as in views/latest.npz.
    """
    from builder.sidecar.views import write_views

    run = find(payload["run"])
    return write_views(
        run,
        sample=int(payload.get("sample", 0)),
        split_name=_split(payload.get("split", "validation")),
        which="last" if payload.get("which") == "last" else "best",
    )


@answers("evaluate")
def evaluate(payload: Payload) -> dict[str, Any]:
    """`{run, split}` to what was measured, which is also kept in the run's results/."""
    from builder.evaluate.run import evaluate as measure

    run, split = find(payload["run"]), _split(payload["split"])
    measure(run, split)
    return run.results(split) or {}


@answers("export")
def export(payload: Payload) -> dict[str, Any]:
    """`{run, kind, path?}` to `{path, format, bytes, verified}`; without a path it goes to the run's exports/."""
    from builder.export.write import export as write

    run = find(payload["run"])
    target = Path(payload["path"]) if payload.get("path") else run.path / "exports"
    if not payload.get("path"):
        target.mkdir(mode=0o700, exist_ok=True)
    exported = write(run, str(payload["kind"]), target)
    return {
        "path": str(exported.path),
        "format": exported.format,
        "bytes": exported.bytes,
        "verified": exported.verified._asdict(),
    }


_loaded: list[tuple[tuple[Path, int], Any]] = []
"""The last trained run that was asked, so that a pad answers while it is drawn on."""


def _trained(run: Run) -> Any:
    from builder.train.trained import load_trained

    index = run.path / "checkpoints" / "index.json"
    key = (run.path, index.stat().st_mtime_ns if index.exists() else 0)
    if not _loaded or _loaded[0][0] != key:
        _loaded[:] = [(key, load_trained(run.path))]
    return _loaded[0][1]


def _project(payload: Payload) -> Project:
    project = payload["project"]
    if not isinstance(project, dict):
        raise SpecError("A check needs the project as a JSON object.")
    return decode(json.dumps(project), "The project")


def _split(name: Any) -> SplitName:
    for known in get_args(SplitName):
        if name == known:
            found: SplitName = known
            return found
    raise DataError(f"There is no split {str(name)[:40]!r}; choose train, validation or test.")


def _input(value: Any) -> Any:
    is_array = isinstance(value, list) or (
        isinstance(value, dict) and set(value) == {"dtype", "shape", "data"}
    )
    return unpacked(value) if is_array else value
