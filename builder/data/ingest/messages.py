"""What the app and the reading process say to each other."""

from typing import Annotated, Literal

from pydantic import Field

from builder.data.ingest.found import Inspection
from builder.data.raw import RawSchema
from builder.spec.base import Frozen
from builder.spec.data import ColumnType, Windows

Task = Literal["detect", "forecasting", "table"]
"""Whether rows are samples (`table`), windows of a series (`forecasting`), or what the file suggests."""
Side = Annotated[int, Field(ge=1, le=1024)]


class Request(Frozen):
    """What to read, and what the person knows better than the reader."""

    path: str
    staging: str
    name: str
    target: str | None = None
    task: Task = "detect"
    column_types: dict[str, ColumnType] = {}
    encoding: str | None = None
    delimiter: str | None = None
    has_header: bool | None = None
    image_size: tuple[Side, Side] | None = None
    """Height and width."""


class Result(Frozen):
    """The arrays now lie in the staging folder; `raw` is what they mean, `target` the column to predict."""

    inspection: Inspection
    raw: RawSchema
    target: str | None = None
    column_types: dict[str, ColumnType] = {}
    windows: Windows | None = None
