"""Looks at an upload in a limited process and tells what was inferred; keeps nothing."""

from collections.abc import Mapping
from pathlib import Path

from builder.data.ingest.found import Inspection, Progress
from builder.data.ingest.messages import Request, Task
from builder.data.ingest.packing import packed
from builder.data.ingest.sandbox import run, staging_folder
from builder.errors import DataError
from builder.spec.data import ColumnType

MAX_BYTES = 4 * 1024**3


def inspect(
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
) -> Inspection:
    """Everything that would be inferred from a CSV, or a ZIP with one folder a class, with these corrections.

    The whole file is read, exactly as `ingest` reads it. Raises DataError when it cannot be used.
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
        return run(request, progress).inspection


def request_for(path: Path, staging: Path, *, name: str | None, **known: object) -> Request:
    """The request to the reading process; a folder is packed first. DataError without such a file, or one too large."""
    path = Path(path).expanduser()
    if _is_folder(path):
        name = name or path.resolve().name
        path = packed(path.resolve(), staging)
    if not _is_file(path):
        raise DataError(f"There is no file {path.name!r}. Check the path.")
    if path.stat().st_size > MAX_BYTES:
        raise DataError(f"{path.name} is larger than {MAX_BYTES // 1024**3} GB. Use a part of it.")
    title = (name or path.stem)[:200]
    return Request.model_validate(
        {"path": str(path.resolve()), "staging": str(staging), "name": title, **known}
    )


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name beyond the system's limits, or one it cannot have
        return False
