"""`--set training.epochs=3`: changes at a path of the document, checked like the document itself."""

import json
from typing import Any

from builder.errors import SpecError
from builder.spec import codec
from builder.spec.project import Project


def with_settings(project: Project, settings: list[str]) -> Project:
    """The project after all `path=value` settings; values are JSON, or plain text where that fails."""
    value = project.model_dump(mode="json")
    for setting in settings:
        path, equals, text = setting.partition("=")
        if not equals or not path:
            raise SpecError(
                f"--set needs path=value, for example training.epochs=3; got {setting!r}."
            )
        _place(value, path.strip().split("."), _value(text.strip()), path)
    return codec.decode(json.dumps(value), "The project with --set")


def _value(text: str) -> Any:
    try:
        return codec.read_json(text, "The value of --set")
    except SpecError:
        return text


def _place(value: Any, path: list[str], new: Any, whole: str) -> None:
    *parents, last = path
    for part in parents:
        value = _step(value, part, whole)
    if isinstance(value, list):
        _step(value, last, whole)
        value[int(last)] = new
    elif isinstance(value, dict) and (last in value or _open(whole)):
        value[last] = new
    else:
        raise SpecError(_unknown(value, last, whole))


def _step(value: Any, part: str, whole: str) -> Any:
    if isinstance(value, dict) and part in value:
        return value[part]
    if isinstance(value, list) and part.isdigit() and int(part) < len(value):
        return value[int(part)]
    raise SpecError(_unknown(value, part, whole))


def _open(path: str) -> bool:
    """Whether the last part may be new: knobs and settings hold only what differs from the default."""
    parts = path.split(".")
    return len(parts) > 1 and parts[-2] in ("knobs", "settings", "options", "recipe_settings")


def _unknown(value: Any, part: str, whole: str) -> str:
    known = sorted(value) if isinstance(value, dict) else [str(i) for i in range(len(value or []))]
    return f"--set {whole}: there is no {part!r} there; there are {', '.join(known[:20])}."
