"""Two columns of texts, each text to become the one beside it."""

from pathlib import Path

import numpy as np

from builder.data.ingest.found import MAX_LISTED, Inspection, Skipped
from builder.data.ingest.messages import Request, Result
from builder.data.ingest.settle import Scan
from builder.data.ingest.texts import MAX_TOTAL, TextFile, lay_out
from builder.data.raw import Array, Column, RawSchema
from builder.data.texts import rows_of, wanted_facts
from builder.errors import DataError
from builder.spec.data import TargetSchema

NAMES = (("from", "to"), ("source", "target"), ("input", "output"))
"""Names that say by themselves which text becomes which."""


def pair_columns(scan: Scan, request: Request) -> tuple[str, str] | None:
    """The column of texts and the column of those they become; None where the rows are something else.

    They are named so, or a person chose a target that is a text and there is one other column of texts.
    """
    names = [column.name for column in scan.columns]
    if request.target is None:
        said = tuple(name.casefold() for name in names)
        return (names[0], names[1]) if said in NAMES and request.task == "detect" else None
    target = next((c for c in scan.columns if c.name == request.target), None)
    if target is None or target.type != "text":
        return _as_named(names, request)
    texts = [c.name for c in scan.columns if c.type == "text" and c.name != target.name]
    return (texts[0], target.name) if texts else _as_named(names, request)


def _as_named(names: list[str], request: Request) -> tuple[str, str] | None:
    """Two columns whose names say it, asked for by the second one and not told to be of another type."""
    said = tuple(name.casefold() for name in names)
    told = request.column_types.get(names[-1], "text")
    fits = said in NAMES and request.target == names[1] and told == "text"
    return (names[0], names[1]) if fits and request.task == "detect" else None


def read_pairs(request: Request, scan: Scan, columns: tuple[str, str], encoding: str) -> Result:
    """Writes `text.npy`, `lengths.npy` and `target.npy`, uint8 (N, longest); rows that lack a text are set aside."""
    staging, (source, target) = Path(request.staging), columns
    files = scan.texts[source], scan.texts[target]
    rows, empty = _whole(files, columns)
    if not len(rows):
        raise DataError(f"No row of {request.name} has a text in both {source!r} and {target!r}.")
    wanted = _kept(files[1], rows)
    longest = max(len(text) for text in wanted)
    if longest * len(wanted) > MAX_TOTAL:
        raise DataError(
            f"{request.name}: {len(wanted):,} texts of up to {longest:,} bytes need too much space. Use fewer or "
            "shorter ones."
        )
    read_from = max(files[0].sizes[place] for place in rows.tolist())
    laid = lay_out(request.name, iter(_kept(files[0], rows)), read_from, len(rows), staging)
    np.save(staging / "target.npy", rows_of(wanted))
    distinct, most = wanted_facts(wanted)
    schema = RawSchema(
        name=request.name,
        kind="text",
        samples=laid.rows,
        target=TargetSchema(kind="text", name=target),
        columns=(Column(name=source, type="text", reason="the text to begin with"),),
        encoding=encoding,
        distinct=laid.distinct,
        target_distinct=distinct,
        target_longest=most,
    )
    skipped = (*scan.skipped, *empty)
    inspection = Inspection(
        kind="text",
        rows=laid.rows,
        columns=scan.found,
        target=target,
        target_reason="as you chose" if request.target else "its name says so",
        task="sequence to sequence",
        skipped=skipped[:MAX_LISTED],
        skipped_total=scan.skipped_total + len(empty),
        warnings=scan.warnings,
        notes=(
            f"Each text in {source!r} is to become the one in {target!r}.",
            *files[0].notes,
            *files[1].notes,
        ),
        encoding=encoding,
        preview=scan.preview,
    )
    return Result(
        inspection=inspection, raw=schema, target=target, column_types=dict(request.column_types)
    )


def _whole(
    files: tuple[TextFile, TextFile], columns: tuple[str, str]
) -> tuple[Array, list[Skipped]]:
    """Rows with a text on both sides, and those without."""
    kept, empty = [], []
    for place, pair in enumerate(zip(files[0].texts(), files[1].texts(), strict=True)):
        lacking = [name for name, text in zip(columns, pair, strict=True) if not text.strip()]
        if lacking:
            where = f"line {files[0].lines[place]:,}"
            empty.append(Skipped(where=where, why=f"there is no text in {lacking[0]!r}"))
        else:
            kept.append(place)
    return np.array(kept, dtype=np.int64), empty


def _kept(file: TextFile, rows: Array) -> list[bytes]:
    wanted = set(rows.tolist())
    return [text for place, text in enumerate(file.texts()) if place in wanted]
