"""Checkpoints: a directory of safetensors and JSON whose manifest, written last, makes it count."""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from builder.errors import BuilderError, StorageError, TrainError
from builder.projects.atomic import refusals_told, write_bytes, write_json
from builder.train import faults

MANIFEST = "MANIFEST.json"
FORMAT = 1
KEPT = 2
RESERVE_BYTES = 2_000_000
"""Left free on the disk beside a checkpoint, for the run's own small files."""


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint whose every byte has been compared with its manifest."""

    name: str
    folder: Path
    state: dict[str, Any]
    tensors: dict[str, dict[str, Tensor]]
    """By file stem (`model`, `optim`, `random`), then by name."""


@dataclass
class Checkpoints:
    """The checkpoints of one run: the last two, and the best ones they speak of."""

    folder: Path
    writes: bool = False
    """True for the one process that trains the run: it makes the folder and sweeps what a killed one left."""
    refused: list[str] = field(default_factory=list)
    """One sentence for every damaged checkpoint that was passed over."""

    def __post_init__(self) -> None:
        if not self.writes:
            return
        with refusals_told(self.folder):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for orphan in self.folder.glob(".tmp-*"):
            shutil.rmtree(orphan, ignore_errors=True)

    def save(
        self,
        kind: str,
        step: int,
        tensors: Mapping[str, Mapping[str, Tensor]],
        state: Mapping[str, Any],
    ) -> str:
        """Writes a checkpoint and returns its name; older ones go only when the new one has been verified.

        Args:
            kind: `last` or `best`.
            step: optimisation steps done.
            tensors: by file stem, then by name.
            state: JSON.

        Raises:
            StorageError: the disk is full or refuses; older checkpoints are untouched and nothing is left over.
        """
        files = {
            f"{stem}.safetensors": safetensors.torch.save(_plain(named))
            for stem, named in tensors.items()
        }
        files["state.json"] = json.dumps(state, allow_nan=False).encode()
        self._require_space(sum(map(len, files.values())))
        name = self._free_name(f"{kind}-{step:09d}")
        temporary = self.folder / f".tmp-{name}"
        try:
            with refusals_told(temporary):
                temporary.mkdir(mode=0o700)
            for file, data in files.items():
                write_bytes(temporary / file, data)
                faults.hit("checkpoint.file_written")
            faults.hit("checkpoint.before_manifest")
            write_json(temporary / MANIFEST, _manifest(files, step))
            faults.hit("checkpoint.manifest_written")
            with refusals_told(self.folder):
                temporary.rename(self.folder / name)
                _sync(self.folder)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        faults.hit("checkpoint.renamed")
        self._point(kind, name)
        faults.hit("checkpoint.pointed")
        _verify(self.folder / name)
        self._prune(kind, name)
        return name

    def newest(self, *, set_aside: bool = False) -> Checkpoint | None:
        """The newest checkpoint that is whole; damaged ones are passed over and told in `refused`.

        `set_aside` renames the damaged ones, so that a run that goes on from an older one is not in their shadow.
        """
        for folder in reversed(self._folders("last")):
            try:
                return read(folder)
            except BuilderError as error:
                self.refused.append(str(error))
                if set_aside:
                    with refusals_told(folder):
                        folder.rename(self.folder / self._free_name(f"damaged-{folder.name}"))
        return None

    def best(self, name: str | None = None) -> Checkpoint | None:
        """The best checkpoint (or the one of that name), else the newest."""
        wanted = [self.folder / name] if name else list(reversed(self._folders("best")))
        for folder in wanted:
            try:
                return read(folder)
            except BuilderError as error:
                self.refused.append(str(error))
        return None if name else self.newest()

    def _folders(self, kind: str) -> list[Path]:
        return sorted(self.folder.glob(f"{kind}-*"))

    def _free_name(self, wanted: str) -> str:
        number = 1
        name = wanted
        while (self.folder / name).exists():
            number += 1
            name = f"{wanted}-{number}"
        return name

    def _require_space(self, needed: int) -> None:
        free = shutil.disk_usage(self.folder).free
        if free < needed + RESERVE_BYTES:
            raise StorageError(
                f"The disk is full: a checkpoint needs {(needed + RESERVE_BYTES) / 1e6:.1f} MB and "
                f"{free / 1e6:.1f} MB are free. Free some space, then resume; the last checkpoint is intact."
            )

    def _point(self, kind: str, name: str) -> None:
        write_json(self.folder / "index.json", {**pointers(self.folder), kind: name})

    def _prune(self, kind: str, name: str) -> None:
        folders = self._folders("last")
        kept = folders[-KEPT:]
        for old in folders[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)
        spoken_of = {_best_of(folder) for folder in kept} | {pointers(self.folder).get("best")}
        if kind == "best":
            spoken_of.add(name)
        for old in self._folders("best"):
            if old.name not in spoken_of:
                shutil.rmtree(old, ignore_errors=True)


def pointers(folder: Path) -> dict[str, str]:
    """The names behind `best` and `last`; empty when nothing was saved yet or the file is damaged."""
    try:
        value = json.loads((folder / "index.json").read_text())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def read(folder: Path) -> Checkpoint:
    """The checkpoint in a directory, after comparing every byte with its manifest; TrainError when it differs."""
    _verify(folder)
    tensors = {}
    for file in sorted(folder.glob("*.safetensors")):
        try:
            tensors[file.stem] = safetensors.torch.load(file.read_bytes())
        except (SafetensorError, OSError) as error:
            raise TrainError(_damaged(folder, f"{file.name} cannot be read")) from error
    state = json.loads((folder / "state.json").read_text())
    return Checkpoint(folder.name, folder, state, tensors)


def network_states(tensors: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    """State dictionaries by network name, from the tensors of `model.safetensors`."""
    states: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        network, _, parameter = name.partition("/")
        states.setdefault(network, {})[parameter] = tensor
    return states


def _verify(folder: Path) -> None:
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        expected = {
            name: (facts["bytes"], facts["sha256"]) for name, facts in manifest["files"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrainError(_damaged(folder, "its manifest is missing or unreadable")) from error
    if "state.json" not in expected:
        raise TrainError(_damaged(folder, "its manifest does not name its files"))
    for name, (size, digest) in expected.items():
        try:
            data = (folder / name).read_bytes()
        except OSError as error:
            raise TrainError(_damaged(folder, f"{name} is missing")) from error
        if len(data) != size or hashlib.sha256(data).hexdigest() != digest:
            raise TrainError(_damaged(folder, f"{name} is not what was written"))


def _damaged(folder: Path, why: str) -> str:
    return f"The checkpoint {folder.name} is damaged: {why}. An older one is used if there is one."


def _manifest(files: Mapping[str, bytes], step: int) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "step": step,
        "torch": torch.__version__,
        "files": {
            name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in files.items()
        },
    }


def _best_of(folder: Path) -> str | None:
    try:
        name = json.loads((folder / "state.json").read_text()).get("best_name")
    except (OSError, ValueError, AttributeError):
        return None
    return str(name) if name else None


def _plain(named: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Contiguous CPU copies that share no memory, as safetensors wants them."""
    return {name: tensor.detach().cpu().clone().contiguous() for name, tensor in named.items()}


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
