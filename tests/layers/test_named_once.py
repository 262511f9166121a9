"""The Dropout test, for every kind there is: its class and its kind are named in one source file, its own."""

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from builder.layers.base import LayerType
from builder.layers.catalogue import all_kinds

BUILDER = Path(inspect.getfile(LayerType)).parents[1]
FILES = [path for path in BUILDER.rglob("*.py") if not {"frontend", "_app"} & {*path.parts}]
CANVAS = [
    path
    for pattern in ("*.ts", "*.tsx")
    for path in (BUILDER / "ui" / "canvas" / "frontend" / "src").rglob(pattern)
]
ENDS = {"input", "output"}
"""The ends of a drawing are part of the document: `spec/` itself has to know what begins and ends a network."""
APART = {
    "bench": "a benchmark draws the networks whose twins are written out by hand beside it",
    "compile.py": "the allow-list names functions of torch, some of which a kind is called after",
    "parts.py": "draws the least network of a further part by hand; a template should give it",
}
WORDS = {
    "linear": "a noise schedule", "threshold": "where the unusual begins",
    "add": "a button", "constant": "a learning rate schedule, a column", "largest": "a label", "maximum": "a bound",
    "mean": "a statistic", "minimum": "a bound", "parameter": "a setting of PyTorch", "power": "an axis",
    "scale": "a step of preparation", "select": "a tool of the canvas", "smallest": "a label",
    "split": "the parts of the data", "stack": "the list view", "sum": "a statistic",
}  # fmt: skip
"""Kinds that are called by an everyday word: only where the word is used as a kind does it name one."""
TAKE_A_KIND = {"find", "parse", "knobs", "of_kind", "infer"}


class Names:
    """What a source file names: classes it takes from the catalogue's files, text, and text used as a kind."""

    def __init__(self, source: str) -> None:
        tree = ast.parse(source)
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        from_layers = [one for one in imports if _is_catalogue(one.module or "")]
        self.taken = {alias.name for one in from_layers for alias in one.names}
        # Only who knows layers or nodes can mean one: preparation and screens have words of their own.
        knows = from_layers or any(one.module == "builder.spec.network" for one in imports)
        self.texts = set(_texts(tree)) if knows else set()
        places = _where_a_kind_stands(tree) if knows else ()
        self.kinds = {text for part in places for text in _texts(part)}

    def meant(self, kind: str, *, by_word: bool) -> bool:
        """Whether the kind is named; with `by_word`, wherever its word stands."""
        return kind in (self.texts if by_word else self.kinds)


def _is_catalogue(module: str) -> bool:
    """Whether layer types are there; our torch modules, some of which share a name with theirs, are not."""
    return module.startswith("builder.layers") and not module.startswith("builder.layers.modules")


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _where_a_kind_stands(tree: ast.AST) -> Iterator[ast.AST]:
    """`kind=…`, `to=…`, what is compared with `….kind`, and what `find(…)` and its like are given first."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in ("kind", "to"):
            yield node.value
        elif isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(isinstance(side, ast.Attribute) and side.attr == "kind" for side in sides):
                yield from sides
        elif isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in TAKE_A_KIND:
                yield node.args[0]


@cache
def named() -> dict[Path, Names]:
    """Every source file of the program with what it names."""
    return {path.relative_to(BUILDER): Names(path.read_text(encoding="utf-8")) for path in FILES}


@pytest.mark.parametrize(
    "kind", [kind for kind in all_kinds() if kind.kind not in ENDS], ids=lambda kind: kind.kind
)
def test_a_kind_is_named_in_its_own_file_alone(kind: type[LayerType]) -> None:
    own = Path(inspect.getfile(kind))
    everyday = kind.kind in WORDS
    places = [
        str(path)
        for path, names in named().items()
        if path != own.relative_to(BUILDER) and not APART.keys() & {*path.parts}
        if kind.__name__ in names.taken
        # In the catalogue's own files the same words are what people type, and values of settings.
        or names.meant(kind.kind, by_word=not everyday and path.parts[0] != "layers")
    ]
    assert not places, f"{kind.title} is named outside {own.name}: ask the layer for a fact of it"


def test_the_canvas_names_no_kind_but_the_ends() -> None:
    kinds = "|".join(kind.kind for kind in all_kinds() if kind.kind not in {*ENDS, *WORDS})
    quoted = re.compile(rf"""["'`]({kinds})["'`]""")
    found = [(path.name, quoted.findall(path.read_text(encoding="utf-8"))) for path in CANVAS]
    assert found and not [one for one in found if one[1]]


def test_every_way_to_name_a_kind_is_seen() -> None:
    names = Names(
        "from builder.layers.dropout import Dropout\n"
        "a = Node(kind='mean'); b = node.kind == 'sum'; c = catalogue.find('add')\n"
        "d = node.kind in ('split', 'stack'); e = {'lstm': 1}; f = 'maximum'\n"
        "g = ReplaceKind(to='power')\n"
    )
    assert names.taken == {"Dropout"} and "lstm" in names.texts
    assert names.kinds == {"mean", "sum", "add", "split", "stack", "power"}


def test_no_exception_outlives_its_reason() -> None:
    kinds = {kind.kind for kind in all_kinds()}
    assert kinds > ENDS and WORDS.keys() < kinds
    assert all(any(part in path.parts for path in FILES) for part in APART)
