"""Which column is probably to be predicted, and why."""

import re
from typing import NamedTuple

from builder.data.ingest.settle import Scan
from builder.data.raw import Column, Raw
from builder.errors import DataError

FEW = 20
"""A whole number with at most so many different values is taken for the code of a class."""
NAMES = re.compile(
    r"^(target|label|labels|class|classes|category|outcome|answer|species|diagnosis|survived|churn|result|y)$",
    re.IGNORECASE,
)


class Proposal(NamedTuple):
    """The column to predict; `as_classes` when its whole numbers are codes of classes."""

    name: str | None
    reason: str
    as_classes: bool = False


def propose(scan: Scan, wanted: str | None) -> Proposal:
    """The target a person chose, or the likeliest one; DataError when the chosen one does not exist."""
    usable = [column for column in scan.columns if column.is_kept]
    if wanted is not None:
        column = next((c for c in scan.columns if c.name == wanted), None)
        if column is None:
            known = ", ".join(c.name for c in scan.columns[:20])
            raise DataError(f"There is no column {wanted!r} to predict. The columns are: {known}.")
        return Proposal(wanted, "as you chose", _few(scan, column))
    if len(usable) == 1 and any(column.type == "text" for column in scan.columns):
        return Proposal(
            usable[0].name, "it is the one column beside the text", _few(scan, usable[0])
        )
    if len(usable) < 2:
        return Proposal(None, "there is only one column that can be used")
    for column in usable:
        if NAMES.match(column.name):
            return Proposal(column.name, "its name says so", _few(scan, column))
    last = usable[-1]
    if last.type in ("category", "boolean") or _few(scan, last):
        return Proposal(last.name, "it is the last column and has classes", _few(scan, last))
    return Proposal(last.name, "it is the last column", False)


def task_of(raw: Raw) -> str:
    """`classification` or `regression`, by the chosen target; `language model` of one text."""
    if raw.schema.is_corpus:
        return "language model"
    if raw.schema.is_pairs:
        return "sequence to sequence"
    return "classification" if raw.classes else "regression"


def _few(scan: Scan, column: Column) -> bool:
    if column.name not in scan.small_whole or column.type != "number":
        return False
    distinct = next(found.distinct for found in scan.found if found.name == column.name)
    return distinct <= FEW and scan.rows >= 5 * distinct
