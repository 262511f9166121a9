"""Project files: a strict JSON reader first, then the strict models; and a stable, diffable writer."""

import hashlib
import json
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from builder.errors import SpecError
from builder.spec.change import check_graph
from builder.spec.project import SCHEMA_VERSION, Project

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 50

Migration = Callable[[dict[str, Any]], dict[str, Any]]
MIGRATIONS: dict[int, Migration] = {}
"""From schema version n to n + 1; every released version keeps its step."""

_TYPES = {
    str: "a text",
    int: "a number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    type(None): "nothing (null)",
}


def read_json(text: str | bytes, what: str = "The file", *, max_bytes: int = MAX_BYTES) -> Any:
    """The value of a JSON text, refusing what the standard reader lets through.

    Refused with a SpecError: more than `max_bytes`, nesting deeper than MAX_DEPTH, duplicate keys, NaN and
    Infinity, numbers beyond float range, integers over 300 digits, invalid UTF-8.
    """
    raw = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    if len(raw) > max_bytes:
        raise SpecError(
            f"{what} is {len(raw) / 1e6:.1f} MB; a project file holds at most {max_bytes / 1e6:.0f} MB."
        )
    try:
        plain = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecError(f"{what} is not UTF-8 text; save it as UTF-8 JSON.") from error
    _refuse_deep(plain, what)
    try:
        value = json.loads(
            plain,
            object_pairs_hook=lambda pairs: _no_duplicates(pairs, what),
            parse_constant=lambda word: _refuse(
                f"{what} holds {word}, which is not a JSON number."
            ),
            parse_float=lambda digits: _finite(digits, what),
            parse_int=lambda digits: _short_int(digits, what),
        )
    except json.JSONDecodeError as error:
        raise SpecError(
            f"{what} is not valid JSON: {error.msg.removesuffix(' at')} at line {error.lineno}, "
            f"column {error.colno}."
        ) from error
    if "\\ud" in plain.lower() and not _is_text(value):
        raise SpecError(f"{what} holds half a character (a lone surrogate). Write that text anew.")
    return value


def decode(text: str | bytes, what: str = "The file") -> Project:
    """The project written in a `*.loom.json` text; SpecError with the path of the first fault."""
    value = read_json(text, what)
    version = version_of(value, what, noun="LayerLoom project", newest=SCHEMA_VERSION)
    for step in range(version, SCHEMA_VERSION):
        value = MIGRATIONS[step](value)
    try:
        project = Project.model_validate_json(json.dumps(value))
    except ValidationError as error:
        raise SpecError(f"{what} is not a valid project: {first_fault(error)}") from error
    for graph in (*project.networks, *project.blocks):
        check_graph(graph)
    _refuse_twins([n.name for n in project.networks], "networks", what)
    _refuse_twins([b.id for b in project.blocks], "blocks", what)
    return project


def version_of(value: Any, what: str, *, noun: str, newest: int) -> int:
    """The schema version of a document; SpecError when it is none, or from a newer LayerLoom."""
    if not isinstance(value, dict):
        raise SpecError(f"{what} is not a {noun}: it holds {_TYPES[type(value)]}.")
    version = value.get("schema_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise SpecError(f"{what} has no valid schema_version, so it is not a {noun}.")
    if version > newest:
        raise SpecError(
            f"{what} is from a newer LayerLoom (format {version}, this one reads up to "
            f"{newest}). Update with `pip install -U layerloom`."
        )
    return version


def encode(project: Project) -> str:
    """The project as readable, diffable JSON with a final newline; the same project gives the same text."""
    return project.model_dump_json(indent=2) + "\n"


def read(path: Path) -> Project:
    """The project in a file; SpecError names the file."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SpecError(
                f"{path.name} is larger than {MAX_BYTES / 1e6:.0f} MB; it is not a project file."
            )
        raw = path.read_bytes()
    except OSError as error:
        raise SpecError(f"{path.name} cannot be read: {error.strerror}.") from error
    return decode(raw, path.name)


def digest(project: Project) -> str:
    """SHA-256 of the project's canonical JSON: equal exactly when the documents are equal.

    Projects are frozen, so it is computed once for each of them while they live.
    """
    known = _DIGESTS.get(id(project))
    if known is not None and known[0]() is project:
        return known[1]
    value = project.model_dump(mode="json")
    found = hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
    key = id(project)
    _DIGESTS[key] = (weakref.ref(project, lambda _: _DIGESTS.pop(key, None)), found)
    return found


_DIGESTS: dict[int, tuple["weakref.ref[Project]", str]] = {}


def first_fault(error: ValidationError) -> str:
    """`networks.0.nodes.2.name: must be text.`, from a pydantic error."""
    faults = error.errors(include_url=False)
    fault = faults[0]
    place, words = fault["loc"], _words(fault)
    of_one_value = [f for f in faults if f["loc"][: len(place) - 1] == place[:-1]]
    if (
        place and place[-1] in _KINDS and len(of_one_value) > 1
    ):  # none of the kinds of value it may be
        kinds = dict.fromkeys(
            _KINDS.get(_plain(f["loc"][len(place) - 1]), "") for f in of_one_value
        )
        *others, last = filter(None, kinds)
        place, words = place[:-1], f"must be {', '.join(others)} or {last}"
    shown = ".".join(_plain(part) for part in place) or "top level"
    return f"{shown[:200]}: {words}."


_KINDS = {
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "Expr": 'an expression {"expr": ...}',
    "tuple[union[int,Expr],...]": "a list of whole numbers",
}
"""What pydantic calls the members of the unions in the document."""

_FAULTS = {
    "extra_forbidden": "is not known here; correct its spelling or remove it",
    "missing": "is missing",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "string_too_long": "is longer than {max_length} characters",
    "string_pattern_mismatch": "is not written the way it must be ({pattern})",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "tuple_type": "must be a list",
    "dict_type": "must be an object {{...}}",
    "model_type": "must be an object {{...}}",
    "model_attributes_type": "must be an object {{...}}",
    "too_long": "has {actual_length} entries; at most {max_length} are read",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "union_tag_invalid": "is of no known kind; there are {expected_tags}",
    "union_tag_not_found": "does not say its kind",
}


def _words(fault: Any) -> str:
    told = _FAULTS.get(fault["type"])
    if told is None:
        return f"{fault['msg'][0].lower()}{fault['msg'][1:]}"
    return told.format(**fault.get("ctx", {}))


def _plain(part: object) -> str:
    """A part of a path as it may be shown: without control and direction characters."""
    return "".join(letter if letter.isprintable() else "?" for letter in str(part))


def _no_duplicates(pairs: list[tuple[str, Any]], what: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise SpecError(
                f"{what} has the key {key[:80]!r} twice in one object; keep one of them."
            )
        found[key] = value
    return found


def _finite(digits: str, what: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise SpecError(
            f"{what} holds the number {digits[:40]}, which is beyond what a float can hold."
        )
    return value


def _short_int(digits: str, what: str) -> int:
    if len(digits) > 300:
        raise SpecError(f"{what} holds a whole number of {len(digits)} digits; 300 are the limit.")
    return int(digits)


def _is_text(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse(message: str) -> Any:
    raise SpecError(message)


def _refuse_deep(text: str, what: str) -> None:
    depth = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise SpecError(
                    f"{what} is nested deeper than {MAX_DEPTH} levels; it is not a project file."
                )
        elif character in "]}":
            depth -= 1


def _refuse_twins(names: list[str], plural: str, what: str) -> None:
    if len(set(names)) != len(names):
        raise SpecError(f"{what} holds two {plural} with the same name; each needs its own.")
