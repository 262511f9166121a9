"""Exports a run: writes the format, reloads it in a clean process, and keeps it only when it can be trusted."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from builder.errors import ExportError
from builder.export.formats import Exporter, find
from builder.export.model import real_samples
from builder.export.verify import Verified, verify
from builder.projects.atomic import write_bytes
from builder.runs.store import Run
from builder.train.trained import Trained, load_trained


class Exported(NamedTuple):
    """Where the export is and what its check found."""

    path: Path
    format: str
    bytes: int
    verified: Verified


def export(run: Run, kind: str, path: Path | None = None) -> Exported:
    """Writes the best weights of a run as `kind` to `path` (default: a telling name in the working folder).

    Nothing appears at `path` unless the reloaded export gives the app's answers on real samples. Raises
    ExportError for an unknown format, a run without weights, or an export that is not the same model.
    """
    exporter = find(kind)
    target = path or Path(file_name(run, exporter))
    if target.is_dir():
        target = target / file_name(run, exporter)
    trained = load_trained(run.path)
    with tempfile.TemporaryDirectory(prefix="layerloom-export-") as scratch:
        artefact = Path(scratch, "export." + exporter.FORMAT.extension)
        exporter.write(trained, artefact)
        _lay_out(trained, Path(scratch))
        verified = verify(exporter, artefact, Path(scratch), real_samples(trained))
        if not verified.is_same:
            raise ExportError(
                f"{verified.sentence()}; at most {verified.allowed:.0e} is allowed, so nothing was written."
            )
        size = artefact.stat().st_size
        _deliver(artefact, target, size)
    return Exported(target, kind, size, verified)


def file_name(run: Run, exporter: Exporter) -> str:
    """`digits-run7-onnx.onnx`: project, run number and format, safe on every system."""
    letters = (c if c.isascii() and c.isalnum() else "-" for c in run.project.name.lower())
    stem = "-".join(part for part in "".join(letters).split("-") if part)[:40] or "model"
    return f"{stem}-run{run.number}-{exporter.FORMAT.kind}.{exporter.FORMAT.extension}"


def _lay_out(trained: Trained, folder: Path) -> None:
    """What reload programs may read besides the export: source, weights, and the name of the class."""
    from builder.export.kinds import source, weights

    source.write(trained, folder / "model.py")
    weights.write(trained, folder / "weights.safetensors")
    facts = {"class": trained.class_name, "answer": trained.answer_place}
    write_bytes(folder / "facts.json", json.dumps(facts).encode())


def _deliver(artefact: Path, target: Path, size: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(target.parent).free
    if free < size * 1.1:
        raise ExportError(
            f"The disk has {free / 1e6:.0f} MB free and the export needs {size / 1e6:.0f} MB; free some space."
        )
    write_bytes(target, artefact.read_bytes())
