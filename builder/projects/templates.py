"""The projects that open in one click, each with the figure and the time it promises."""

import json
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from builder.errors import SpecError
from builder.paths import ASSETS
from builder.spec.base import Frozen, Label
from builder.spec.codec import first_fault, read, read_json
from builder.spec.project import Project

_FOLDER = ASSETS / "templates"


class Template(Frozen):
    """A sample project: what it learns, how well, and in how many minutes on two CPU cores.

    `expected` is the lowest figure of `seeds` trainings on the test split, rounded down to a whole per cent; where less
    is better, the highest, rounded up (how the settings were chosen: docs/decisions/0016). `year` is that of the
    architecture, where it has one.
    """

    id: Label
    title: Label
    recipe: Label
    dataset: Label
    metric: Label
    expected: float
    minutes: float
    teaches: str
    parameters: int
    seeds: int = 1
    year: int | None = None
    project: Project


@lru_cache(maxsize=1)
def templates() -> tuple[Template, ...]:
    """All templates, in the order of `assets/templates/index.json`."""
    index = _FOLDER / "index.json"
    try:
        rows = read_json(index.read_bytes(), index.name)
    except OSError as error:
        raise SpecError(
            f"The templates are missing from this installation ({error.strerror}); install LayerLoom again."
        ) from error
    return tuple(_template(row) for row in rows)


def find(template_id: str) -> Template:
    """The template with this id; SpecError lists the known ones."""
    for template in templates():
        if template.id == template_id:
            return template
    known = ", ".join(template.id for template in templates())
    raise SpecError(f"There is no template {template_id[:80]!r}. Known: {known}.")


def _template(row: Any) -> Template:
    try:
        name = str(row["id"])
        project = read(_FOLDER / f"{name}.loom.json").model_copy(update={"template": name})
        values = {**row, "project": project.model_dump(mode="json")}
        return Template.model_validate_json(json.dumps(values))
    except (KeyError, TypeError) as error:
        raise SpecError(
            f"A template in index.json lacks {error}; install LayerLoom again."
        ) from error
    except ValidationError as error:
        raise SpecError(f"A template in index.json is not valid: {first_fault(error)}") from error
