"""Readers that give texts: a ZIP with a folder of .txt a class, one plain text, and the text column of a table."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from builder.data.ingest import archive, corpus, folders
from builder.data.ingest.found import MAX_LISTED, Inspection, Progress, Skipped
from builder.data.ingest.messages import Request, Result
from builder.data.ingest.settle import Scan
from builder.data.ingest.targets import Proposal
from builder.data.ingest.texts import Laid, TextFile, decoded, lay_out
from builder.data.raw import LENGTHS, TEXT, Array, Column, Raw, RawSchema
from builder.data.select import choose_target, retype
from builder.data.texts import text_at
from builder.errors import DataError
from builder.spec.data import ColumnType, TargetSchema

ROW = "row"
MOST_BROKEN = 0.5
PREVIEW = 20


def read_corpus(request: Request, progress: Progress) -> Result:
    """One plain text, in parts."""
    path, staging = Path(request.path), Path(request.staging)
    found = corpus.read(path, staging, encoding=request.encoding, progress=progress)
    target = TargetSchema(kind="tokens", name="next token")
    raw = _opened(request.name, staging, found.laid, target, encoding=found.encoding)
    characters = int(raw.fields[LENGTHS][:, 1].sum(dtype=np.int64))
    inspection = Inspection(
        kind="text",
        rows=len(raw),
        task="language model",
        notes=(*found.notes, f"{characters:,} characters, {found.laid.distinct[1]:,} different."),
        encoding=found.encoding,
        preview=_preview(raw),
    )
    return Result(inspection=inspection, raw=raw.schema)


def read_folders(request: Request, opened: archive.Opened, progress: Progress) -> Result:
    """A ZIP with one folder of text files a class."""
    path, staging = Path(request.path), Path(request.staging)
    own = [
        tuple(info.filename.strip("/").split("/"))
        for info in opened.archive.infolist()
        if archive.is_folder(info)
    ]
    filed = folders.sort(opened.entries, own, folders.TEXT_FILES)
    if not filed.files:
        raise DataError(
            f"{path.name} has texts but no folders. Put the texts of each class into a folder named like the class "
            "and zip these folders."
        )
    gathered = _gathered(opened, filed, staging, progress)
    kept, broken, file = gathered.kept, gathered.broken, gathered.file
    if len(broken) > MOST_BROKEN * len(filed.files):
        raise DataError(
            f"{path.name}: {len(broken):,} of {len(filed.files):,} texts cannot be read (the first, "
            f"{broken[0].where}: {broken[0].why}). Check how they were saved."
        )
    laid = lay_out(path.name, file.texts(), max(file.sizes), len(file), staging)
    file.path.unlink()
    counts = Counter(one.class_name for one in kept)
    classes = tuple(name for name in filed.classes if counts[name])
    codes = {name: code for code, name in enumerate(classes)}
    np.save(staging / "target.npy", np.array([codes[f.class_name] for f in kept], dtype=np.int64))
    official = sum(one.is_test for one in kept)
    target = TargetSchema(kind="classes", name="label", classes=classes)
    raw = _opened(request.name, staging, laid, target, official=official)
    listed = [*filed.skipped, *broken]
    inspection = Inspection(
        kind="text",
        rows=len(raw),
        target="label",
        target_reason="each folder is a class",
        task="classification",
        skipped=tuple(listed[:MAX_LISTED]),
        skipped_total=len(listed),
        notes=(*opened.notes, *filed.notes, *file.notes, *gathered.remarks),
        classes=tuple((name, counts[name]) for name in classes),
        preview=_preview(raw),
    )
    return Result(inspection=inspection, raw=raw.schema)


class _Gathered(NamedTuple):
    kept: list[folders.Filed]
    broken: list[Skipped]
    file: TextFile
    remarks: tuple[str, ...]


def _gathered(
    opened: archive.Opened, filed: folders.Sorted, staging: Path, progress: Progress
) -> _Gathered:
    file = TextFile(staging / "texts.bin")
    kept: list[folders.Filed] = []
    broken: list[Skipped] = []
    remarks: Counter[str] = Counter()
    for number, one in enumerate(filed.files):
        try:
            text, remark = decoded(archive.read(opened.archive, one.entry))
            if not text.strip():
                raise ValueError("the text is empty")
        except ValueError as error:
            broken.append(Skipped(where=one.entry.shown, why=str(error)))
            continue
        remarks.update([remark] if remark else [])
        file.add(text, number)
        kept.append(one)
        progress(0.9 * number / len(filed.files), f"{number:,} texts read")
    file.close()
    told = tuple(f"{times:,} texts were {words}." for words, times in sorted(remarks.items()))
    return _Gathered(kept, broken, file, told)


def text_column(scan: Scan, target: str | None) -> str | None:
    """The column whose texts are to be learned from: there is a target, and nothing else that could be an input."""
    others = [c for c in scan.columns if c.is_kept and c.name != target]
    texts = [c.name for c in scan.columns if c.type == "text" and c.name != target]
    return texts[0] if target is not None and not others and texts else None


def read_column(
    request: Request,
    scan: Scan,
    schema: RawSchema,
    fields: dict[str, Array],
    *,
    proposal: Proposal,
    types: Mapping[str, ColumnType],
    column: str,
) -> Result:
    """The texts of a column with the target beside them; rows without one of both are set aside."""
    staging = Path(request.staging)
    assert proposal.name is not None
    numbered = {**fields, ROW: np.arange(scan.rows, dtype=np.int64)}
    chosen = choose_target(retype(Raw(numbered, None, schema), types), proposal.name)
    file = scan.texts[column]
    rows, empty = _without_empty(file, chosen)
    if not len(rows):
        raise DataError(
            f"No row of {request.name} has a text in {column!r} and a target beside it."
        )
    laid = _lay_out_rows(request, file, rows, staging)
    assert chosen.target is not None
    keep = np.isin(np.asarray(chosen.fields[ROW]), rows)
    np.save(staging / "target.npy", np.asarray(chosen.target)[keep])
    clear(staging, scan)
    about = chosen.schema.target
    assert about is not None
    named = Column(name=column, type="text", reason="the text to learn from")
    raw = _opened(request.name, staging, laid, about, columns=(named,), encoding=schema.encoding)
    left_out = scan.rows - len(chosen)
    notes = [f"The texts are in {column!r}.", *file.notes, *chosen.notes]
    others = [
        c.name for c in scan.columns if c.type == "text" and c.name not in (column, about.name)
    ]
    notes += [f"Other texts are left out: {', '.join(others[:5])}."] if others else []
    skipped = (*scan.skipped, *empty)
    inspection = Inspection(
        kind="text",
        rows=len(raw),
        columns=scan.found,
        target=proposal.name,
        target_reason=proposal.reason,
        task="classification" if about.kind == "classes" else "regression",
        skipped=skipped[:MAX_LISTED],
        skipped_total=scan.skipped_total + len(empty) + left_out,
        warnings=scan.warnings,
        notes=tuple(notes),
        encoding=schema.encoding,
        delimiter=schema.delimiter,
        classes=tuple(zip(raw.classes, raw.class_counts(), strict=True))[:1000],
        preview=scan.preview,
    )
    return Result(
        inspection=inspection, raw=raw.schema, target=proposal.name, column_types=dict(types)
    )


def clear(staging: Path, scan: Scan) -> None:
    """Removes what only a table needs, and the texts that were kept while reading."""
    for file in scan.texts.values():
        file.close()
        file.path.unlink(missing_ok=True)
    for name in ("numbers", "categories"):
        (staging / f"{name}.npy").unlink(missing_ok=True)


def _without_empty(file: TextFile, chosen: Raw) -> tuple[Array, list[Skipped]]:
    """Rows with a target and a text, and those whose text is blank."""
    wanted = np.zeros(len(file), dtype=bool)
    wanted[np.asarray(chosen.fields[ROW])] = True
    empty = []
    for place, text in enumerate(file.texts()):
        if wanted[place] and not text.strip():
            wanted[place] = False
            empty.append(Skipped(where=f"line {file.lines[place]:,}", why="the text is empty"))
    return np.flatnonzero(wanted), empty


def _lay_out_rows(request: Request, file: TextFile, rows: Array, staging: Path) -> Laid:
    wanted = set(rows.tolist())

    def kept() -> Iterator[bytes]:
        for place, text in enumerate(file.texts()):
            if place in wanted:
                yield text

    longest = max(file.sizes[place] for place in rows.tolist())
    return lay_out(request.name, kept(), longest, len(rows), staging)


def _opened(
    name: str,
    staging: Path,
    laid: Laid,
    target: TargetSchema,
    *,
    columns: tuple[Column, ...] = (),
    official: int = 0,
    encoding: str = "utf-8",
) -> Raw:
    schema = RawSchema(
        name=name,
        kind="text",
        samples=laid.rows,
        target=target,
        columns=columns,
        official_test=official,
        encoding=encoding,
        distinct=laid.distinct,
    )
    fields = {part: np.load(staging / f"{part}.npy", mmap_mode="r") for part in (TEXT, LENGTHS)}
    path = staging / "target.npy"
    return Raw(fields, np.load(path) if path.is_file() else None, schema)


def _preview(raw: Raw) -> tuple[tuple[str, ...], ...]:
    few = range(min(PREVIEW, len(raw)))
    return tuple((text_at(raw.fields[TEXT], place)[:200],) for place in few)
