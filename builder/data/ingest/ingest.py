"""Takes an upload into the workspace: read in a limited process, kept under the hash of its content."""

from collections.abc import Mapping
from pathlib import Path

from builder.data.describe import describe
from builder.data.ingest.found import Ingested, Progress
from builder.data.ingest.inspect import request_for
from builder.data.ingest.messages import Task
from builder.data.ingest.sandbox import run, staging_folder
from builder.data.store import Stored, keep
from builder.spec.data import ColumnType, DataSpec


def ingest(
    path: Path,
    *,
    target: str | None = None,
    task: Task = "detect",
    column_types: Mapping[str, ColumnType] | None = None,
    progress: Progress | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    has_header: bool | None = None,
    image_size: tuple[int, int] | None = None,
    name: str | None = None,
) -> Ingested:
    """The file in canonical form in the workspace, and a data spec that uses it (its snapshot filled in).

    The same content with the same corrections gives the same hash and is kept once. Without any usable target the
    spec has no snapshot. Raises DataError when the file cannot be used, StorageError when the disk is full.
    """
    with staging_folder() as staging:
        request = request_for(
            path,
            staging,
            name=name,
            target=target,
            task=task,
            column_types=dict(column_types or {}),
            encoding=encoding,
            delimiter=delimiter,
            has_header=has_header,
            image_size=image_size,
        )
        result = run(request, progress)
        if Path(request.path).parent == staging.resolve():  # a folder that was packed
            Path(request.path).unlink()
        found = result.inspection
        source = keep(
            staging,
            Stored(
                raw=result.raw,
                target=result.target,
                file_name=Path(path).name,
                skipped=found.skipped_total,
            ),
        )
    types: dict[str, ColumnType] = {
        name: kind
        for name, kind in result.column_types.items()
        if name == result.target or kind == "skip"
    }
    spec = DataSpec(
        source=source,
        target=None if result.windows else result.target,
        column_types=types,
        windows=result.windows,
    )
    if found.kind != "table" or result.target is not None or result.windows is not None:
        spec = describe(spec)
    return Ingested(source, spec, found.skipped, found.warnings, found)
