"""The difference of two projects as sentences, for lists, strips and the command line."""

from collections.abc import Iterator

from builder.projects.difference import Difference, GraphChange, LayerChange, SettingChange

SAID = {"added": "was added", "removed": "was removed"}


def sentences(found: Difference) -> list[str]:
    """Everything that differs, one sentence each; empty when nothing does."""
    several = len(found.graphs) > 1 or any(graph.is_block for graph in found.graphs)
    told: list[str] = []
    for graph in found.graphs:
        prefix = f"{graph.title}: " if several else ""
        told += [f"{prefix}{sentence}" for sentence in _graph(graph)]
    told += _settings("Data: ", found.data)
    told += _settings("Training: ", found.training)
    return [*told, *_settings("", found.project)]


def layer_sentence(layer: LayerChange) -> str:
    """`conv1: filters 16 → 32.` or `relu1 (ReLU) was added.`"""
    if layer.how != "changed":
        return f"{layer.name} ({layer.kind}) {SAID[layer.how]}."
    parts = [f"called {layer.was} before"] if layer.renamed else []
    return f"{layer.name}: {', '.join([*parts, *(change.words() for change in layer.changes)])}."


def connections(graph: GraphChange) -> Iterator[str]:
    """`conv1 to relu1 was connected.`; those that came or went with a layer say nothing new."""
    moved = {layer.node for layer in graph.layers if layer.how != "changed"}
    for change in graph.wires:
        if not {change.wire.source, change.wire.target} & moved:
            yield f"{change.words} was {'connected' if change.how == 'added' else 'cut'}."


def _graph(graph: GraphChange) -> Iterator[str]:
    kind = "block" if graph.is_block else "network"
    if graph.how != "changed":
        yield f"the {kind} {SAID[graph.how]}."
    yield from (layer_sentence(layer) for layer in graph.layers)
    yield from connections(graph)
    yield from _settings("variable ", graph.variables)
    yield from _settings("", graph.details)


def _settings(prefix: str, changes: tuple[SettingChange, ...]) -> list[str]:
    return [_capital(f"{prefix}{change.words()}.") for change in changes]


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
