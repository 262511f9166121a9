"""Settings of a project by name and in words: what the comparison of two projects compares and says."""

from collections.abc import Iterable
from typing import Any

from builder.layers import catalogue
from builder.spec.data import DataSpec
from builder.spec.network import Block, Expr, Graph, Network, Node, Wire
from builder.spec.project import Project
from builder.spec.training import TrainingSpec

MOST_LETTERS = 60
CONTENTS = "contents"
INFERRED = frozenset(
    {
        *("recipe", "epochs", "batch size", "loss", "metric", "keep best by", "steps", "target"),
        *("optimizer: learning rate", "optimizer: weight decay"),
    }
)
"""What follows from data and task where nothing was chosen."""
_FLAGS = {True: "on", False: "off"}


def shown(value: object) -> str:
    """A value as people read it: 3×3, on, d_model // 2, none; long ones are cut."""
    if value is None or value in ("", ()):
        return "none"
    if isinstance(value, bool):
        return _FLAGS[value]
    if isinstance(value, Expr):
        return value.expr
    if isinstance(value, dict):
        return cut(", ".join(f"{name} {shown(part)}" for name, part in value.items()))
    if isinstance(value, tuple):
        numbers = all(isinstance(part, int | Expr) for part in value)
        return cut(("×" if numbers else ", ").join(shown(part) for part in value))
    if isinstance(value, list):
        return cut(", ".join(shown(part) for part in value))
    return cut(f"{value:,}" if isinstance(value, int) else str(value))


def cut(text: str) -> str:
    """At most sixty letters in one line."""
    flat = " ".join(text.split())
    return flat if len(flat) <= MOST_LETTERS else f"{flat[: MOST_LETTERS - 1].rstrip()}…"


def number(count: int, noun: str) -> str:
    """`1 layer`, `2 layers`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def kind_title(node: Node, project: Project) -> str:
    """`Conv2d`; for a placed block its name."""
    if node.block is not None:
        block = project.block(node.block)
        return block.name if block else "Block"
    found = catalogue.find(node.kind)
    return found.title if found else node.kind


def graph_title(graph: Network | Block) -> str:
    """What a network or block is called."""
    return graph.name


def label_of(kind: str, name: str) -> str:
    """What a setting is called on screen, in small letters unless it is a name: `filters`."""
    known = catalogue.knobs(kind) if catalogue.find(kind) else ()
    label = next((info.label for info in known if info.name == name), name.replace("_", " "))
    return label if label[:2].isupper() else f"{label[:1].lower()}{label[1:]}"


def knob_values(node: Node) -> dict[str, object]:
    """The settings of a layer, those left alone at the default of its kind."""
    known = catalogue.knobs(node.kind) if catalogue.find(node.kind) else ()
    values = {**{info.name: info.default for info in known}, **node.knobs}
    pairs = {info.name for info in known if info.type == "pair"}
    return {name: _one_number(value) if name in pairs else value for name, value in values.items()}


def names(graph: Graph, nodes: Iterable[str]) -> str:
    """Names of layers, with commas."""
    known = {node.id: node.name for node in graph.nodes}
    return cut(", ".join(known.get(node, node) for node in nodes))


def connection(graph: Graph, wire: Wire) -> str:
    """`conv1 to relu1`, with the input where a layer is entered by name: `query of attention1`."""
    known = {node.id: node.name for node in graph.nodes}
    source, target = known.get(wire.source, wire.source), known.get(wire.target, wire.target)
    port = "" if wire.target_port == "in" else f" ({wire.target_port.replace('_', ' ')})"
    return f"{source} to {target}{port}"


def training_values(training: TrainingSpec) -> dict[str, object]:
    """Training settings by their words, `optimizer: learning rate`; without those that follow from data and task."""
    return _leaves(training.model_dump(mode="json"))


def data_values(data: DataSpec) -> dict[str, object]:
    """Data settings by their words, `split: validation`; what is known of the data itself begins with `contents`."""
    values = _leaves(data.model_dump(mode="json", exclude={"source", "snapshot"}))
    snapshot = data.snapshot.model_dump(mode="json") if data.snapshot else {}
    return {"source": _source(data), **values, **_leaves({CONTENTS: snapshot})}


def _source(data: DataSpec) -> str | None:
    """`digits`, or `photos (3fa2c410)` for an upload."""
    if data.source is None:
        return None
    about = data.source.model_dump(mode="json")
    more = [about["hash"][:8]] if "hash" in about else []
    more += [f"{name} {shown(value)}" for name, value in about.get("options", {}).items()]
    return " ".join([about["name"] or "upload", *([f"({', '.join(more)})"] if more else [])])


def _leaves(value: dict[str, Any], prefix: str = "") -> dict[str, object]:
    """Every value that is set and not an object itself, by the words of its path."""
    found: dict[str, object] = {}
    for name, inner in value.items():
        path = _path(prefix, name)
        if isinstance(inner, dict):
            found |= _leaves(inner, path)
        elif isinstance(inner, list) and inner and all(isinstance(each, dict) for each in inner):
            numbered = {str(place): each for place, each in enumerate(inner, start=1)}
            found |= _leaves(numbered, path)
        elif name == "shape":
            found[path] = tuple(inner)
        elif inner is not None and inner != []:
            found[path] = inner
    return found


def _path(prefix: str, name: str) -> str:
    said = name.replace("_", " ")
    if name == "settings":
        return prefix
    return f"{prefix}: {said}" if prefix and not said.isdigit() else f"{prefix} {said}".strip()


def _one_number(value: object) -> object:
    """A pair of equal numbers is one number: 3×3 is 3."""
    if isinstance(value, list | tuple) and len(value) == 2 and value[0] == value[1]:
        return value[0]
    return tuple(value) if isinstance(value, list) else value
