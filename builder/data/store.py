"""Data sets in the workspace, addressed by the hash of their content, and the one way to open any source."""

import hashlib
import json
import shutil
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field, ValidationError

from builder.data import builtin
from builder.data.raw import Array, Raw, RawSchema, content_hash
from builder.data.select import choose_target, compact, limit, retype
from builder.data.windows import windowed
from builder.errors import DataError
from builder.paths import room
from builder.projects.atomic import refusals_told, write_text
from builder.spec.base import Frozen
from builder.spec.data import BuiltinSource, DataSpec, IngestedSource

SCHEMA_FILE = "schema.json"


class Stored(Frozen):
    """What schema.json of an ingested set says: the arrays' meaning, their sizes in bytes, and the hash of it all."""

    raw: RawSchema
    target: str | None = None
    """The column proposed as target; images carry theirs in target.npy."""
    sizes: dict[str, Annotated[int, Field(ge=0)]] = {}
    hash: str = ""
    file_name: str = ""
    skipped: Annotated[int, Field(ge=0)] = 0
    """Rows or files of the upload that were set aside."""
    notes: tuple[str, ...] = ()


def open_raw(spec: DataSpec) -> Raw:
    """The data `spec` names, memory-mapped where they come from the workspace (mode "c": writes stay private).

    Target, column types and limit of the spec are applied; what that left out stands in `notes`.
    Raises DataError with one sentence when there is no source, or it is gone, damaged or does not suit the spec.
    """
    source = spec.source
    if source is None:
        raise DataError(
            "No data is chosen yet. Pick a built-in set or upload a file on the Data screen."
        )
    if isinstance(source, BuiltinSource):
        raw = builtin.load(source.name, source.options)
        windows = spec.windows or builtin.find(source.name).windows
        if windows is not None:
            return limit(windowed(raw, windows), spec.limit)
        target = raw.schema.target
        if spec.target is not None and target is not None and spec.target != target.name:
            raise DataError(
                f"{raw.schema.name} predicts {target.name!r}; it has no target {spec.target!r}."
            )
        types = {name: kind for name, kind in spec.column_types.items() if kind == "skip"}
        return limit(compact(retype(raw, types)), spec.limit)
    stored, folder = _find(source)
    raw = Raw(fields=_arrays(stored, folder), target=None, schema=stored.raw, notes=stored.notes)
    if stored.raw.kind != "table":
        fields = dict(raw.fields)
        if "target" not in fields:  # a corpus has none
            return limit(raw, spec.limit)
        return limit(Raw(fields, fields.pop("target"), stored.raw, stored.notes), spec.limit)
    raw = retype(raw, spec.column_types)
    if spec.windows is not None:
        return limit(windowed(raw, spec.windows), spec.limit)
    return limit(compact(choose_target(raw, spec.target or stored.target)), spec.limit)


def data_hash(spec: DataSpec) -> str:
    """SHA-256 that names exactly the samples `spec` gives (preparation and split not counted)."""
    if spec.source is None:
        raise DataError(
            "No data is chosen yet. Pick a built-in set or upload a file on the Data screen."
        )
    source = spec.source
    asked: dict[str, Any] = {
        "content": _builtin_hash(source.name) if isinstance(source, BuiltinSource) else source.hash,
        "target": spec.target,
        "types": dict(sorted(spec.column_types.items())),
        "limit": spec.limit,
    }
    if spec.windows is not None:
        asked["windows"] = spec.windows.model_dump(mode="json")
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def verify(spec: DataSpec) -> None:
    """Reads every byte of an ingested set again; DataError when its content is not what its hash says."""
    if not isinstance(spec.source, IngestedSource):
        return
    stored, folder = _find(spec.source)
    if _hash_of(stored, _arrays(stored, folder)) != spec.source.hash:
        raise DataError(
            f"The stored data of {stored.file_name or 'this set'} were changed on the disk. Import the file again."
        )


def keep(staging: Path, stored: Stored) -> IngestedSource:
    """Moves finished arrays (`*.npy` in `staging`) into the workspace under their content hash, whole or not at all."""
    arrays = {path.stem: path for path in sorted(staging.glob("*.npy"))}
    stored = stored.model_copy(
        update={"sizes": {name: path.stat().st_size for name, path in arrays.items()}}
    )
    found = _hash_of(stored, {name: np.load(path, mmap_mode="r") for name, path in arrays.items()})
    stored = stored.model_copy(update={"hash": found})
    target = room("data") / found
    write_text(staging / SCHEMA_FILE, stored.model_dump_json(indent=1) + "\n")
    with refusals_told(target, needed=sum(stored.sizes.values())):
        if not (target / SCHEMA_FILE).is_file():
            shutil.rmtree(target, ignore_errors=True)
            staging.replace(target)
    return IngestedSource(hash=found, name=stored.raw.name)


def stored_sets() -> tuple[Stored, ...]:
    """Every ingested set of the workspace, by name; damaged ones are left out."""
    found = []
    for folder in room("data").iterdir():
        if (folder / SCHEMA_FILE).is_file():
            try:
                found.append(_read(folder))
            except DataError:
                continue
    return tuple(sorted(found, key=lambda stored: stored.raw.name.casefold()))


def read_stored(source: IngestedSource) -> Stored:
    """What is known of an ingested set without opening its arrays; DataError when it is gone."""
    return _find(source)[0]


@lru_cache(maxsize=16)
def _builtin_hash(name: str) -> str:
    raw = builtin.load(name)
    arrays = [*raw.fields.items()]
    if raw.target is not None:
        arrays.append(("target", raw.target))
    return content_hash(arrays, raw.schema.meaning())


def _hash_of(stored: Stored, arrays: dict[str, Array]) -> str:
    nameless = stored.raw.model_copy(update={"name": ""})  # a file's name is not its content
    meaning = nameless.meaning()
    return content_hash(arrays.items(), f"{meaning} {stored.target}")


def _find(source: IngestedSource) -> tuple[Stored, Path]:
    folder = room("data") / source.hash
    if not (folder / SCHEMA_FILE).is_file():
        raise DataError(
            f"The data {source.name or source.hash[:8]!r} are not in this workspace. Import the file again."
        )
    return _read(folder), folder


def _read(folder: Path) -> Stored:
    try:
        return Stored.model_validate_json((folder / SCHEMA_FILE).read_text("utf-8"))
    except (OSError, ValueError, ValidationError) as error:
        raise DataError(
            "The stored data are damaged: their schema cannot be read. Import the file again."
        ) from error


def _arrays(stored: Stored, folder: Path) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    for name, size in stored.sizes.items():
        path = folder / f"{name}.npy"
        try:
            if path.stat().st_size != size:
                raise ValueError(f"{path.name} has another size")
            arrays[name] = np.load(path, mmap_mode="c", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise DataError(
                f"The stored data of {stored.file_name or 'this set'} are damaged or incomplete. Import the file again."
            ) from error
    return arrays
