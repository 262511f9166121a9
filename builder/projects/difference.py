"""What differs between two projects, as data: layers by their ids, connections, variables, blocks, data, training."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from builder.projects.wording import (
    CONTENTS,
    INFERRED,
    connection,
    data_values,
    graph_title,
    kind_title,
    knob_values,
    label_of,
    names,
    number,
    shown,
    training_values,
)
from builder.spec.network import Block, Graph, Network, Node, Wire
from builder.spec.project import Project

How = Literal["added", "removed", "changed"]


class SettingChange(NamedTuple):
    """One setting with its old and new value as people read them; `name` is its name in the document."""

    name: str
    label: str
    old: str
    new: str

    def words(self) -> str:
        """`filters 16 → 32`."""
        return f"{self.label} {self.old} → {self.new}"


class LayerChange(NamedTuple):
    """One layer; `was` is its name before (the same unless it was renamed), `kind` the title of its kind."""

    node: str
    name: str
    was: str
    kind: str
    how: How
    changes: tuple[SettingChange, ...] = ()

    @property
    def renamed(self) -> bool:
        """Whether it has another name now; that alone changes nothing that is trained."""
        return self.name != self.was

    @property
    def matters(self) -> bool:
        """Whether more than the name differs."""
        return self.how != "changed" or bool(self.changes)


class WireChange(NamedTuple):
    """One connection; `words` name its ends: `conv1 to relu1`."""

    wire: Wire
    how: How
    words: str


class GraphChange(NamedTuple):
    """One network or block; `id` is a network's name or a block's id, `was` the same before."""

    id: str
    was: str
    title: str
    is_block: bool
    how: How
    layers: tuple[LayerChange, ...] = ()
    wires: tuple[WireChange, ...] = ()
    variables: tuple[SettingChange, ...] = ()
    details: tuple[SettingChange, ...] = ()

    @property
    def matters(self) -> bool:
        """Whether it would train differently."""
        layers = any(layer.matters for layer in self.layers)
        order = any(change.name == "order" for change in self.details)
        return self.how != "changed" or layers or bool(self.wires or self.variables) or order


class Difference(NamedTuple):
    """All that differs; empty when both would train the same under the same names. Places never count."""

    graphs: tuple[GraphChange, ...]
    data: tuple[SettingChange, ...]
    training: tuple[SettingChange, ...]
    project: tuple[SettingChange, ...]

    def __bool__(self) -> bool:
        return bool(self.graphs or self.data or self.training or self.project)

    @property
    def drawing_differs(self) -> bool:
        """Whether a network would train differently; names, notes and places do not count."""
        return any(graph.matters for graph in self.graphs)

    def graph(self, graph_id: str) -> GraphChange | None:
        """What differs in the network of this name or the block of this id; None when nothing does."""
        return next((graph for graph in self.graphs if graph_id in (graph.id, graph.was)), None)

    def headline(self) -> str:
        """`The drawing has changed since this run: 2 layers.`; empty when drawing and data are the same."""
        layers = sum(layer.matters for graph in self.graphs for layer in graph.layers)
        if self.drawing_differs:
            what = number(layers, "layer") if layers else "the connections"
            return f"The drawing has changed since this run: {what}."
        return "The data has changed since this run." if self.data else ""


def compare(before: Project, now: Project) -> Difference:
    """What differs between two projects, in the order in which `now` has it; what was removed comes last."""
    graphs = [
        *(_graph(a, b, before, now) for a, b in _pairs(before.networks, now.networks)),
        *(_graph(a, b, before, now) for a, b in _pairs(before.blocks, now.blocks)),
    ]
    about = (("name", "project name"), ("note", "note"))
    old, new = ({name: getattr(p, name) for name, _ in about} for p in (before, now))
    return Difference(
        tuple(graph for graph in graphs if graph is not None),
        _data(before, now),
        _settings(training_values(before.training), training_values(now.training)),
        _settings(old, new, dict(about)),
    )


def _pairs(
    before: Iterable[Network | Block], now: Iterable[Network | Block]
) -> list[tuple[Network | Block | None, Network | Block | None]]:
    """The same network or block on both sides: by name or id, else the one that shares the most layers."""
    old, new = {_id(graph): graph for graph in before}, {_id(graph): graph for graph in now}
    left = {key: graph for key, graph in old.items() if key not in new}
    pairs: list[tuple[Network | Block | None, Network | Block | None]] = []
    for key, graph in new.items():
        was = old.get(key) or _nearest(graph, left)
        if was is not None:
            left.pop(_id(was), None)
        pairs.append((was, graph))
    return [*pairs, *((graph, None) for graph in left.values())]


def _nearest(
    graph: Network | Block, candidates: dict[str, Network | Block]
) -> Network | Block | None:
    """The candidate with the most layers of `graph`; None when none shares any."""
    shared = {key: len(_ids(one) & _ids(graph)) for key, one in candidates.items()}
    best = max(shared, key=lambda key: shared[key], default="")
    return candidates[best] if shared.get(best) else None


def _graph(
    before: Network | Block | None, now: Network | Block | None, was: Project, project: Project
) -> GraphChange | None:
    here = now if now is not None else before
    assert here is not None
    old, new = before or Graph(), now or Graph()
    how: How = "added" if before is None else "removed" if now is None else "changed"
    change = GraphChange(
        id=_id(here),
        was=_id(before or here),
        title=graph_title(here),
        is_block=isinstance(here, Block),
        how=how,
        layers=_layers(old, new, was, project),
        wires=_wires(old, new),
        variables=_settings(
            {v.name: v.value for v in old.variables}, {v.name: v.value for v in new.variables}
        ),
        details=_details(before, now) if how == "changed" else (),
    )
    says = change.layers or change.wires or change.variables or change.details
    return change if says or how != "changed" else None


def _layers(before: Graph, now: Graph, was: Project, project: Project) -> tuple[LayerChange, ...]:
    old = {node.id: node for node in before.nodes}
    told: list[LayerChange] = []
    for node in now.nodes:
        former = old.pop(node.id, None)
        if former is None:
            told.append(
                LayerChange(node.id, node.name, node.name, kind_title(node, project), "added")
            )
            continue
        changes = (*_node(former, node, was, project), *_order_into(before, now, node.id))
        if changes or former.name != node.name:
            title = kind_title(node, project)
            told.append(LayerChange(node.id, node.name, former.name, title, "changed", changes))
    gone = (LayerChange(n.id, n.name, n.name, kind_title(n, was), "removed") for n in old.values())
    return (*told, *gone)


def _node(before: Node, now: Node, was: Project, project: Project) -> tuple[SettingChange, ...]:
    if (before.kind, before.block) != (now.kind, now.block):
        kinds = kind_title(before, was), kind_title(now, project)
        return (SettingChange("kind", "kind", *kinds), *_flags(before, now))
    labels = {name: label_of(now.kind, name) for name in {**before.knobs, **now.knobs}}
    knobs = _settings(knob_values(before), knob_values(now), labels)
    return (*knobs, *_flags(before, now))


def _flags(before: Node, now: Node) -> tuple[SettingChange, ...]:
    labels = {
        "bypassed": "bypassed",
        "frozen": "frozen",
        "repeat": "repeated",
        "share_weights": "shared weights",
        "repeat_knobs": "settings per repetition",
    }
    old, new = ({name: getattr(node, name) for name in labels} for node in (before, now))
    return _settings(old, new, labels)


def _order_into(before: Graph, now: Graph, node: str) -> tuple[SettingChange, ...]:
    """Where the same connections enter a port in another order: Concat joins them so."""
    told = []
    ports = dict.fromkeys(wire.target_port for wire in now.wires_into(node))
    for port in ports:
        old, new = (
            [(w.source, w.source_port) for w in graph.wires_into(node) if w.target_port == port]
            for graph in (before, now)
        )
        if old != new and sorted(old) == sorted(new):
            order = (
                names(graph, (end for end, _ in ends))
                for graph, ends in ((before, old), (now, new))
            )
            told.append(SettingChange("order", "order of connections", *order))
    return tuple(told)


def _wires(before: Graph, now: Graph) -> tuple[WireChange, ...]:
    old, new = set(before.wires), set(now.wires)
    drawn = (WireChange(w, "added", connection(now, w)) for w in now.wires if w not in old)
    cut = (WireChange(w, "removed", connection(before, w)) for w in before.wires if w not in new)
    return (*drawn, *cut)


def _details(
    before: Network | Block | None, now: Network | Block | None
) -> tuple[SettingChange, ...]:
    assert before is not None
    assert now is not None
    told: list[SettingChange] = []
    if graph_title(before) != graph_title(now):
        told.append(SettingChange("name", "name", graph_title(before), graph_title(now)))
    if isinstance(before, Block) and isinstance(now, Block) and before.summary != now.summary:
        told.append(SettingChange("summary", "summary", shown(before.summary), shown(now.summary)))
    both = _ids(before) & _ids(now)
    old, new = ([n.id for n in graph.nodes if n.id in both] for graph in (before, now))
    if old != new:
        told.append(SettingChange("order", "order of layers", names(before, old), names(now, new)))
    labels = {f"note {n.id}": "note" for graph in (before, now) for n in graph.notes}
    return (*told, *_settings(_remarks(before), _remarks(now), labels))


def _remarks(graph: Graph) -> dict[str, object]:
    """Texts that explain: the cards on the canvas, and what is said about variables."""
    cards = {f"note {note.id}": note.text for note in graph.notes}
    return {**cards, **{f"about {v.name}": v.note for v in graph.variables if v.note}}


def _data(before: Project, now: Project) -> tuple[SettingChange, ...]:
    """Changes of the data settings; what is known of the data itself only where no setting explains it."""
    told = _settings(data_values(before.data), data_values(now.data))
    chosen = tuple(change for change in told if not change.name.startswith(CONTENTS))
    return chosen or told


def _settings(
    old: dict[str, object], new: dict[str, object], labels: dict[str, str] | None = None
) -> tuple[SettingChange, ...]:
    """One change for each value that is not the same."""
    return tuple(
        SettingChange(name, (labels or {}).get(name, name), _value(old, name), _value(new, name))
        for name in {**new, **old}
        if not _same(old.get(name), new.get(name))
    )


def _value(values: dict[str, object], name: str) -> str:
    return "inferred" if values.get(name) is None and name in INFERRED else shown(values.get(name))


def _same(a: object, b: object) -> bool:
    """Whether two values mean the same: 1 and 1.0 do, 1 and on do not."""
    return isinstance(a, bool) == isinstance(b, bool) and a == b


def _id(graph: Network | Block) -> str:
    return graph.id if isinstance(graph, Block) else graph.name


def _ids(graph: Graph) -> set[str]:
    return {node.id for node in graph.nodes}
