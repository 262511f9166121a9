"""Hints that were asked to keep quiet, by layer and code; what a report says without them."""

from collections.abc import Iterable
from typing import Any

from builder.readiness.report import ProjectReport
from builder.spec.problems import Problem

Mark = tuple[str, str, str]
"""Network, node and code."""


def mark(problem: Problem) -> Mark:
    """What a problem is silenced by."""
    return (problem.network or "", problem.node or "", problem.code)


def marks(kept: Any) -> set[Mark]:
    """What was kept on disk, whatever it has become there."""
    rows = kept if isinstance(kept, list) else []
    return {(str(a), str(b), str(c)) for a, b, c in (row for row in rows if _is_mark(row))}


def quiet(report: ProjectReport, silenced: set[Mark]) -> ProjectReport:
    """The report without silenced hints; errors and warnings always speak."""
    if not silenced:
        return report
    return report.model_copy(
        update={
            "problems": _heard(report.problems, silenced),
            "reports": {
                name: one.model_copy(update={"problems": _heard(one.problems, silenced)})
                for name, one in report.reports.items()
            },
        }
    )


def silent(report: ProjectReport, silenced: set[Mark]) -> tuple[Problem, ...]:
    """The hints that keep quiet."""
    return tuple(one for one in report.problems if _is_silent(one, silenced))


def _heard(problems: Iterable[Problem], silenced: set[Mark]) -> tuple[Problem, ...]:
    return tuple(one for one in problems if not _is_silent(one, silenced))


def _is_silent(problem: Problem, silenced: set[Mark]) -> bool:
    return problem.severity == "hint" and mark(problem) in silenced


def _is_mark(row: Any) -> bool:
    return isinstance(row, list) and len(row) == 3
