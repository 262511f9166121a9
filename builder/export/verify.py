"""Reloads an export in a clean process, runs real samples through it, and measures the difference."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from builder.data.raw import Array
from builder.errors import ExportError
from builder.export.formats import Exporter
from builder.export.model import RealSamples

TOLERANCE = 1e-5
SECONDS = 300

_HARNESS = """
import json, sys, time
import numpy as np
artefact, folder, inputs_path, outputs_path = sys.argv[1:5]
inputs = {name: values for name, values in np.load(inputs_path, allow_pickle=False).items()}
"""

_CLOSING = """
outputs = answer(inputs)
first = {name: values[:1] for name, values in inputs.items()}
answer(first)
began = time.perf_counter()
for _ in range(10):
    answer(first)
milliseconds = (time.perf_counter() - began) * 100
foreign = sorted(name for name in sys.modules if name.split(".")[0] in ("builder", "streamlit"))
np.savez(outputs_path, outputs=np.asarray(outputs), milliseconds=milliseconds, foreign=len(foreign))
"""


class Verified(NamedTuple):
    """What the comparison found. Differences are in logits, or in the target's unit.

    `same_answers` is the share of samples with the same class (1.0 for numbers within tolerance).
    `milliseconds` is the time of one prediction in the clean process.
    """

    samples: int
    max_abs_difference: float
    max_abs_output: float
    same_answers: float
    bytes: int
    milliseconds: float

    @property
    def allowed(self) -> float:
        """The largest difference that counts as the same model."""
        return TOLERANCE * max(1.0, self.max_abs_output)

    @property
    def is_same(self) -> bool:
        """Whether the export gives the app's answers."""
        return self.max_abs_difference <= self.allowed and self.same_answers == 1.0

    def sentence(self) -> str:
        """`Same answers on 200 real samples: largest difference 4e-7 · 0.4 MB · 0.3 ms`."""
        size = f"{self.bytes / 1e6:.1f} MB" if self.bytes >= 1e5 else f"{self.bytes / 1e3:.1f} kB"
        facts = f"largest difference {self.max_abs_difference:.0e} · {size} · {self.milliseconds:.1f} ms"
        if self.is_same:
            return f"Same answers on {self.samples} real samples: {facts}"
        return f"Not the same model on {self.samples} real samples: {facts}"


def verify(exporter: Exporter, artefact: Path, folder: Path, samples: RealSamples) -> Verified:
    """Runs the exporter's reload program on the artefact; `folder` holds what it may read besides.

    Raises ExportError when the program fails, takes longer than SECONDS, or imports LayerLoom itself.
    """
    prepared = exporter.FEEDS == "prepared"
    fed, wanted = (
        (samples.prepared, samples.outputs) if prepared else (samples.raw, samples.answers)
    )
    with tempfile.TemporaryDirectory(prefix="layerloom-verify-") as scratch:
        inputs, outputs = Path(scratch, "inputs.npz"), Path(scratch, "outputs.npz")
        np.savez(inputs, **fed)  # type: ignore[arg-type]
        program = _HARNESS + exporter.RELOAD + _CLOSING
        _run(program, [artefact, folder, inputs, outputs], Path(scratch), exporter)
        with np.load(outputs, allow_pickle=False) as found:
            got, milliseconds = found["outputs"], float(found["milliseconds"])
            if int(found["foreign"]):
                raise ExportError("The export only runs where LayerLoom is installed; report this.")
    return compare(wanted, got, size=artefact.stat().st_size, milliseconds=milliseconds)


def compare(wanted: Array, got: Array, *, size: int, milliseconds: float) -> Verified:
    """Numbers of the comparison between the app's outputs and the export's, both (N, width)."""
    if wanted.shape != got.shape:
        raise ExportError(
            f"The export gives outputs of shape {got.shape}, the app {wanted.shape}: not the same model."
        )
    difference = np.abs(wanted.astype(np.float64) - got.astype(np.float64))
    is_finite = bool(np.isfinite(got.astype(np.float64)).all())
    worst = float(difference.max(initial=0.0)) if is_finite else float("inf")
    classes = wanted.ndim == 2 and wanted.shape[1] > 1
    same = (wanted.argmax(1) == got.argmax(1)).mean() if classes else 1.0
    return Verified(
        samples=len(wanted),
        max_abs_difference=worst,
        max_abs_output=float(np.abs(wanted.astype(np.float64)).max(initial=0.0)),
        same_answers=float(same),
        bytes=size,
        milliseconds=milliseconds,
    )


def _run(program: str, arguments: list[Path], scratch: Path, exporter: Exporter) -> None:
    """Runs a program in a clean process: isolated mode, empty working folder, a bare environment."""
    kept = ("PATH", "SYSTEMROOT", "HOME", "LD_LIBRARY_PATH", "TMPDIR")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    began = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", program, *map(str, arguments)],
            cwd=scratch,
            env=environment | {"OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ExportError(
            f"Checking the {exporter.FORMAT.title} export took longer than {SECONDS} s and was ended."
        ) from error
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise ExportError(
            f"The {exporter.FORMAT.title} export does not run in a clean process after "
            f"{time.monotonic() - began:.0f} s: {last[0][:300]}"
        )
