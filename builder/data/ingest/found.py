"""What was found in a file: columns, target, what was set aside and why; travels as JSON between processes."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from builder.data.raw import NumberStyle
from builder.spec.base import Frozen
from builder.spec.data import ColumnType, DataSpec, IngestedSource, Windows

Progress = Callable[[float, str], None]
"""Called with the share done (0…1) and a few words; an exception from it cancels the work."""

MAX_LISTED = 500
"""So many skipped rows or files are listed one by one; all are counted."""


class Skipped(Frozen):
    """A row or file that was set aside: where it is and why."""

    where: str
    why: str


class Warned(Frozen):
    """Something a person should look at before going on; `code` is a stable word."""

    code: str
    what: str
    column: str = ""


class FoundColumn(Frozen):
    """A column of a table as it was read, with the reason for its type."""

    name: str
    type: ColumnType
    missing: int = 0
    distinct: int = 0
    reason: str = ""
    examples: tuple[str, ...] = ()
    style: NumberStyle = NumberStyle()
    written: str = ""


class Inspection(Frozen):
    """Everything inferred from a file; nothing is kept on disk."""

    kind: Literal["table", "image", "text"]
    rows: int
    columns: tuple[FoundColumn, ...] = ()
    target: str | None = None
    target_reason: str = ""
    task: str = ""
    skipped: tuple[Skipped, ...] = ()
    skipped_total: int = 0
    warnings: tuple[Warned, ...] = ()
    notes: tuple[str, ...] = ()
    """What was inferred or done on the way, as sentences: encoding, delimiter, header, image size."""
    encoding: str = ""
    delimiter: str = ""
    has_header: bool = True
    classes: tuple[tuple[str, int], ...] = ()
    image_shape: tuple[int, ...] = ()
    """Height, width, channels."""
    windows: Windows | None = None
    """Given where the rows are in order of time and numbers can be forecast."""
    in_time: tuple[str, ...] = ()
    """What was found about time, as sentences: from when to when, how often, which gaps."""
    preview: tuple[tuple[str, ...], ...] = ()
    """The first rows as they stand in the file."""


class Ingested(NamedTuple):
    """A file that is now in the workspace: its source, a data spec that uses it, and what was set aside."""

    source: IngestedSource
    spec: DataSpec
    skipped: tuple[Skipped, ...]
    warnings: tuple[Warned, ...]
    inspection: Inspection
