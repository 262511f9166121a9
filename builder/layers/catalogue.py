"""The catalogue: every kind of layer, found by existing; what its settings are, and which one is meant."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any, Literal, NamedTuple, get_args

from pydantic import ValidationError

from builder.errors import SpecError
from builder.layers import (
    activation,
    adaptive,
    arithmetic,
    attention,
    axes,
    causal,
    cells,
    conditioning,
    constants,
    convolution,
    cutting,
    dense,
    distance,
    dropout,
    embedding,
    experts,
    io,
    mathematics,
    merge,
    normalisation,
    padding,
    per_sample,
    pooling,
    rearranging,
    recurrent,
    reducing,
    regularisation,
    resizing,
    rotary,
    shape,
    shares,
    squashing,
    state_space,
    transformer,
    transposed,
    unpooling,
)
from builder.layers.base import Family, LayerType, registered

FAMILY_FILES = (
    io,
    constants,
    dense,
    embedding,
    experts,
    convolution,
    transposed,
    causal,
    pooling,
    adaptive,
    unpooling,
    activation,
    squashing,
    shares,
    normalisation,
    per_sample,
    dropout,
    regularisation,
    recurrent,
    cells,
    state_space,
    attention,
    transformer,
    rotary,
    shape,
    axes,
    reducing,
    cutting,
    rearranging,
    resizing,
    padding,
    arithmetic,
    mathematics,
    merge,
    distance,
    conditioning,
)
"""Importing a file registers its kinds; a new file is named here, a new kind nowhere."""

KnobType = Literal["int", "float", "bool", "str", "choice", "pair", "shape"]


@dataclass(frozen=True)
class KnobInfo:
    """One setting as the form needs it. `pair` is one whole number for all axes or one for each of `axes`; `shape`
    a list of them.

    `minimum` and `maximum` are the ends of what is allowed (of each number of a pair or shape); with
    `open_minimum` the minimum itself is not.
    """

    name: str
    label: str
    help: str
    type: KnobType
    default: Any
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    unit: str
    essential: bool
    step: float | None
    open_minimum: bool = False
    axes: int = 2
    form: str = ""

    def needs(self) -> str:
        """What is allowed, in words: `a whole number from 1 to 1,024`."""
        return self.form or _NEEDS[self.type].format(
            bounds=_bounds(self),
            choices=" or ".join(choice or "nothing" for choice in self.choices),
            each={2: "two", 3: "three"}[self.axes],
        )


class Found(NamedTuple):
    """A kind that matches a search, and the words of it that did: `dense → Linear`."""

    kind: type[LayerType]
    matched: str


@cache
def all_kinds() -> tuple[type[LayerType], ...]:
    """Every kind, ordered by family and then as written in its file."""
    order = {family: place for place, family in enumerate(get_args(Family))}
    files = {file.__name__: place for place, file in enumerate(FAMILY_FILES)}
    known = [kind for kind in registered() if kind.__module__ in files]
    return tuple(sorted(known, key=lambda kind: (order[kind.family], files[kind.__module__])))


def find(kind: str) -> type[LayerType] | None:
    """The layer type of this kind, or None."""
    return kinds_by_name().get(kind)


@cache
def kinds_by_name() -> dict[str, type[LayerType]]:
    """Every kind by the word that drawings keep for it."""
    return {known.kind: known for known in all_kinds()}


def parse(kind: str, values: dict[str, Any]) -> LayerType:
    """A layer with these settings, the rest at their defaults.

    Raises:
        SpecError: the kind or a setting is unknown, or a value is not allowed; one sentence says which and why.
    """
    layer_type = find(kind)
    if layer_type is None:
        raise SpecError(_unknown_kind(kind))
    known = {info.name: info for info in knobs(kind)}
    for name in values:
        if name not in known:
            named = ", ".join(known) or "none"
            raise SpecError(
                f"{layer_type.title} has no setting {str(name)[:40]!r}; its settings: {named}."
            )
    try:
        return layer_type(**{name: _tuples(value) for name, value in values.items()})
    except ValidationError as error:
        name = str(error.errors(include_url=False, include_context=False)[0]["loc"][0])
        said = _said(values[name])
        raise SpecError(
            f"{layer_type.title}: {known[name].label.lower()} must be {known[name].needs()}, not {said}."
        ) from error


@cache
def knobs(kind: str) -> tuple[KnobInfo, ...]:
    """The settings of a kind, in the order of the form; SpecError when the kind is unknown."""
    layer_type = find(kind)
    if layer_type is None:
        raise SpecError(_unknown_kind(kind))
    properties: dict[str, Any] = layer_type.model_json_schema().get("properties", {})
    return tuple(
        _knob(name, schema, layer_type.model_fields[name].default)
        for name, schema in properties.items()
    )


def search(text: str) -> tuple[Found, ...]:
    """Kinds that match a few typed letters, best first; no text gives every kind."""
    wanted = " ".join(text.lower().split())
    if not wanted:
        return tuple(Found(kind, "") for kind in all_kinds())
    ranked = [(*match, kind) for kind in all_kinds() if (match := _rank(kind, wanted))]
    if ranked:
        ranked.sort(key=lambda hit: hit[0])
        return tuple(Found(kind, matched) for _, matched, kind in ranked)
    by_word = {word: kind for kind in reversed(all_kinds()) for word in _words(kind)}
    close = get_close_matches(wanted, list(by_word), n=5, cutoff=0.7)
    meant = {by_word[word]: word for word in reversed(close)}
    return tuple(Found(kind, word) for kind, word in reversed(meant.items()))


def _words(kind: type[LayerType]) -> tuple[str, ...]:
    return (kind.title.lower(), kind.kind.replace("_", " "), *kind.synonyms)


def rank(
    wanted: str, names: Sequence[str], synonyms: Sequence[str] = ()
) -> tuple[int, str | None] | None:
    """How well a search meets an entry: (0 best, the synonym that matched or None for its name); None: not at all.

    The name itself, its beginning, a synonym, the beginning of a word of the name or of a synonym, any part.
    """
    tests: tuple[tuple[Sequence[str], Any], ...] = (
        (names, lambda word: word == wanted),
        (names, lambda word: word.startswith(wanted)),
        (synonyms, lambda word: word == wanted),
        (names, lambda word: any(part.startswith(wanted) for part in word.split())),
        (synonyms, lambda word: word.startswith(wanted)),
        ([*names, *synonyms], lambda word: wanted in word),
    )
    for place, (words, fits) in enumerate(tests):
        for word in words:
            if fits(word):
                return place, None if word in names else word
    return None


def _rank(kind: type[LayerType], wanted: str) -> tuple[int, str] | None:
    title, plain, *synonyms = _words(kind)
    match = rank(wanted, (title, plain, kind.kind), synonyms)
    return (match[0], match[1] or kind.title) if match else None


_TYPES: dict[str, KnobType] = {
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "string": "str",
    "array": "shape",
}

_NEEDS: dict[KnobType, str] = {
    "int": "a whole number{bounds}",
    "float": "a number{bounds}",
    "bool": "on or off",
    "str": "a plain word of letters, digits and _, or nothing",
    "choice": "{choices}",
    "pair": "one whole number or {each}{bounds}",
    "shape": "at most six whole numbers{bounds}",
}


def _knob(name: str, schema: dict[str, Any], default: Any) -> KnobInfo:
    variants = schema.get("anyOf", [schema])
    bounded = variants[0].get("items", variants[0])
    kind: KnobType = _TYPES[variants[0]["type"]]
    if len(variants) > 1:
        kind = "pair"
    if "enum" in schema:
        kind = "choice"
    above = bounded.get("exclusiveMinimum")
    return KnobInfo(
        name=name,
        label=schema["title"],
        help=schema["description"],
        type=kind,
        default=default,
        minimum=bounded.get("minimum", above),
        maximum=bounded.get("maximum"),
        choices=tuple(schema.get("enum", ())),
        unit=schema["unit"],
        essential=schema["essential"],
        step=schema["step"] or (1 if kind in ("int", "pair") else None),
        open_minimum=above is not None,
        form=schema["needs"],
        axes=len(variants[-1].get("prefixItems", "  ")),
    )


def _bounds(info: KnobInfo) -> str:
    if info.minimum is None or info.maximum is None:
        return ""
    low, high = f"{info.minimum:,}", f"{info.maximum:,}"
    return f" above {low} and up to {high}" if info.open_minimum else f" from {low} to {high}"


def _tuples(value: Any) -> Any:
    """Lists, as JSON gives them, become tuples."""
    return tuple(value) if isinstance(value, list) else value


def _said(value: Any) -> str:
    words = {True: "on", False: "off"}
    if isinstance(value, bool):
        return words[value]
    text = ", ".join(str(part) for part in value) if isinstance(value, list | tuple) else str(value)
    return f"{text[:40]}…" if len(text) > 40 else text or "nothing"


def _unknown_kind(kind: str) -> str:
    names = [known.kind for known in all_kinds()]
    close = get_close_matches(str(kind)[:64], names, n=1)
    meant = f" Did you mean {close[0]}?" if close else ""
    return f"There is no layer called {str(kind)[:64]!r}.{meant} Known: {', '.join(names)}."
