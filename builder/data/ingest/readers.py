"""Which reader takes a file, judged by its content; each reader gives arrays, their meaning, and what was inferred."""

from pathlib import Path
from typing import Protocol

import numpy as np

from builder.data.ingest import archive, corpus, folders, images, masks, pairs, table
from builder.data.ingest import dialect as dialects
from builder.data.ingest.found import Inspection, Progress, Warned
from builder.data.ingest.messages import Request, Result
from builder.data.ingest.settle import Scan
from builder.data.ingest.targets import propose as propose_target
from builder.data.ingest.targets import task_of
from builder.data.ingest.text_pairs import pair_columns, read_pairs
from builder.data.ingest.text_readers import (
    clear,
    read_column,
    read_corpus,
    read_folders,
    text_column,
)
from builder.data.profile import profile
from builder.data.raw import CATEGORIES, IMAGE, LENGTHS, NUMBERS, TEXT, Raw, RawSchema
from builder.data.read import MISSING_WORDS
from builder.data.select import choose_target, compact, retype
from builder.data.split import split
from builder.data.windows import in_order, in_time, propose, windowed
from builder.errors import DataError
from builder.spec.data import SplitSpec, TargetSchema


class Reader(Protocol):
    """Reads one kind of file."""

    def suits(self, path: Path, head: bytes) -> bool:
        """True if this reader is the one for a file that starts like this."""
        ...

    def read(self, request: Request, progress: Progress) -> Result:
        """Writes the arrays into the staging folder."""
        ...


class ZipReader:
    """A ZIP with one folder a class, of images or of texts, or with the folders images and masks."""

    def suits(self, path: Path, head: bytes) -> bool:
        """True for ZIP archives and for files that call themselves so."""
        is_office = path.suffix.lower() in (".csv", ".tsv", ".txt", ".xlsx")
        return path.suffix.lower() == ".zip" or (head.startswith(b"PK") and not is_office)

    def read(self, request: Request, progress: Progress) -> Result:
        """Writes `image.npy`, or `text.npy`, and `target.npy`."""
        path, staging = Path(request.path), Path(request.staging)
        with archive.opened(path) as opened:
            if folders.mostly_texts(opened.entries):
                result = read_folders(request, opened, progress)
                return _with_cautions(result, staging)
            if pairs.are_pairs(opened.entries):
                return _masked(request, opened, progress)
        found = images.scan(path, staging, size=request.image_size, progress=progress)
        target = TargetSchema(kind="classes", name="label", classes=found.classes)
        why = "each folder is a class"
        return _pictures(request, found, target, why, task="classification", progress=progress)


def _masked(request: Request, opened: archive.Opened, progress: Progress) -> Result:
    """Pictures with masks."""
    path, staging = Path(request.path), Path(request.staging)
    found = masks.scan(path, opened, staging, size=request.image_size, progress=progress)
    target = TargetSchema(kind="mask", name="mask", classes=found.classes)
    why = "each picture in the folder images has a mask of the same name"
    return _pictures(request, found, target, why, task="segmentation", progress=progress)


def _pictures(
    request: Request,
    found: images.Images,
    target: TargetSchema,
    target_reason: str,
    *,
    task: str,
    progress: Progress,
) -> Result:
    """What was written as `image.npy` and `target.npy`, with what there is to say about it."""
    schema = RawSchema(
        name=request.name,
        kind="image",
        samples=found.rows,
        target=target,
        official_test=found.official_test,
    )
    progress(0.97, "looking for duplicates")
    arrays = [
        np.load(Path(request.staging) / f"{name}.npy", mmap_mode="r") for name in (IMAGE, "target")
    ]
    inspection = Inspection(
        kind="image",
        rows=found.rows,
        target=target.name,
        target_reason=target_reason,
        task=task,
        skipped=found.skipped,
        skipped_total=found.skipped_total,
        warnings=_cautions(Raw({IMAGE: arrays[0]}, arrays[1], schema)),
        notes=found.notes,
        classes=tuple(zip(found.classes, found.counts, strict=True)),
        image_shape=found.shape,
    )
    return Result(inspection=inspection, raw=schema)


class CorpusReader:
    """One plain text."""

    def suits(self, path: Path, head: bytes) -> bool:
        """True for text files whose lines are no rows."""
        return corpus.is_prose(path, head)

    def read(self, request: Request, progress: Progress) -> Result:
        """Writes `text.npy`."""
        return read_corpus(request, progress)


class TableReader:
    """A CSV or another text table."""

    def suits(self, path: Path, head: bytes) -> bool:
        """True for everything else: what is not a text table is refused with its reason while reading."""
        return True

    def read(self, request: Request, progress: Progress) -> Result:
        """Writes `numbers.npy` and `categories.npy`."""
        path, staging = Path(request.path), Path(request.staging)
        dialect = dialects.detect(
            path,
            encoding=request.encoding,
            delimiter=request.delimiter,
            has_header=request.has_header,
        )
        found = table.scan(
            path, staging, dialect, column_types=request.column_types, progress=progress
        )
        schema = RawSchema(
            name=request.name,
            kind="table",
            samples=found.rows,
            columns=found.columns,
            missing_words=MISSING_WORDS,
            delimiter=dialect.delimiter,
            encoding=dialect.encoding,
        )
        both = pair_columns(found, request)
        if both is not None:
            return self._pairs(request, found, both, progress, dialect=dialect)
        proposal = propose_target(found, request.target)
        column = text_column(found, proposal.name)
        if column is not None and column not in found.texts:  # its type was only clear at the end
            types = {**request.column_types, column: "text"}
            clear(staging, found)
            return self.read(request.model_copy(update={"column_types": types}), progress)
        fields = _open(staging, schema)
        types = {**request.column_types}
        if proposal.as_classes and proposal.name is not None and proposal.name not in types:
            types[proposal.name] = "category"
        if column is not None:
            result = read_column(
                request, found, schema, fields, proposal=proposal, types=types, column=column
            )
            return _with_cautions(result, staging, dialect.notes)
        for file in found.texts.values():
            file.close()
            file.path.unlink()
        raw = Raw(fields, None, schema)
        progress(0.99, "looking at every column")
        outcome = _forecast(request, raw) or _rows(request, raw, found)
        inspection = outcome.inspection.model_copy(
            update={
                "rows": found.rows,
                "columns": found.found,
                "skipped": found.skipped,
                "skipped_total": found.skipped_total,
                "warnings": (*found.warnings, *outcome.inspection.warnings),
                "notes": dialect.notes,
                "encoding": dialect.encoding,
                "delimiter": dialect.delimiter,
                "has_header": dialect.has_header,
                "preview": found.preview,
            }
        )
        return outcome.model_copy(update={"inspection": inspection})

    def _pairs(
        self,
        request: Request,
        found: Scan,
        both: tuple[str, str],
        progress: Progress,
        *,
        dialect: dialects.Dialect,
    ) -> Result:
        """Two columns of texts; read once more where one of them was taken for something else."""
        staging = Path(request.staging)
        if any(name not in found.texts for name in both):
            types = {**request.column_types, **dict.fromkeys(both, "text")}
            clear(staging, found)
            again = request.model_copy(update={"column_types": types, "target": both[1]})
            return self.read(again, progress)
        result = read_pairs(request, found, both, dialect.encoding)
        clear(staging, found)
        return _with_cautions(result, staging, dialect.notes)


def _forecast(request: Request, raw: Raw) -> Result | None:
    """The rows as a time series; None where they are none, or each is to be a sample by itself."""
    if request.task == "table":
        return None
    windows = propose(raw, request.target)
    if windows is None and request.task == "forecasting":
        windows = in_order(raw, request.target)
    if windows is None:
        return None
    chosen = windowed(raw, windows)
    found = profile(chosen, split(chosen, SplitSpec()))
    inspection = Inspection(
        kind="table",
        rows=len(raw),
        target=", ".join(windows.series),
        target_reason="as you chose" if request.target else "the rows are in order of time",
        task="forecasting",
        warnings=tuple(Warned(code=c.code, what=c.what, column=c.column) for c in found.cautions),
        windows=windows,
        in_time=in_time(raw, windows).told,
    )
    return Result(inspection=inspection, raw=raw.schema, windows=windows)


def _rows(request: Request, raw: Raw, found: Scan) -> Result:
    """Each row as a sample, with the column to predict."""
    proposal = propose_target(found, request.target)
    types = {**request.column_types}
    if proposal.as_classes and proposal.name is not None and proposal.name not in types:
        types[proposal.name] = "category"
    cautions: tuple[Warned, ...] = ()
    task = ""
    classes: tuple[tuple[str, int], ...] = ()
    if proposal.name is not None:
        chosen = compact(choose_target(retype(raw, types), proposal.name))
        cautions = _cautions(chosen)
        task = task_of(chosen)
        classes = tuple(zip(chosen.classes, chosen.class_counts(), strict=True))
        cautions += tuple(Warned(code="left out", what=note) for note in chosen.notes)
    inspection = Inspection(
        kind="table",
        rows=found.rows,
        target=proposal.name,
        target_reason=proposal.reason,
        task=task,
        warnings=cautions,
        classes=classes[:1000],
    )
    return Result(inspection=inspection, raw=raw.schema, target=proposal.name, column_types=types)


READERS: tuple[Reader, ...] = (ZipReader(), CorpusReader(), TableReader())


def reader_for(path: Path) -> Reader:
    """The first reader that takes the file; DataError when it cannot be opened."""
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}.") from error
    return next(reader for reader in READERS if reader.suits(path, head))


def _open(staging: Path, schema: RawSchema) -> dict[str, np.ndarray]:
    """The arrays that have columns; those without are removed."""
    fields = {}
    for name in (NUMBERS, CATEGORIES):
        path = staging / f"{name}.npy"
        if any(c.is_kept and c.is_numeric == (name == NUMBERS) for c in schema.columns):
            fields[name] = np.load(path, mmap_mode="r")
        else:
            path.unlink()
    return fields


def _with_cautions(result: Result, staging: Path, notes: tuple[str, ...] = ()) -> Result:
    """The result of texts with what should be known before trusting them."""
    fields = {name: np.load(staging / f"{name}.npy", mmap_mode="r") for name in (TEXT, LENGTHS)}
    raw = Raw(fields, np.load(staging / "target.npy"), result.raw)
    found = result.inspection
    more = {"warnings": (*found.warnings, *_cautions(raw)), "notes": (*notes, *found.notes)}
    return result.model_copy(update={"inspection": found.model_copy(update=more)})


def _cautions(raw: Raw) -> tuple[Warned, ...]:
    found = profile(raw, split(raw, SplitSpec()))
    return tuple(Warned(code=c.code, what=c.what, column=c.column) for c in found.cautions)
