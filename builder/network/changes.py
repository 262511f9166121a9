"""What a fix changes, in words: layers added and removed, settings, connections, shapes, weights."""

from collections.abc import Iterable, Iterator
from typing import Any

from builder.network import words
from builder.network.mending import said
from builder.network.walk import Placed, Walked
from builder.spec.edits import Edit, SetTraining
from builder.spec.network import Node, Wire
from builder.spec.problems import Change

MOST_SHAPES = 4


def changes(before: Walked, after: Walked, edits: Iterable[Edit] = ()) -> tuple[Change, ...]:
    """Everything that differs between a drawing and the same one after a fix, the cause first."""
    old = {node.id: node for node in before.graph.nodes}
    new = {node.id: node for node in after.graph.nodes}
    found = [
        Change(what="added", name=node.name, node=node.id, after=_kind(after, node))
        for node in new.values()
        if node.id not in old
    ]
    found += [
        Change(what="removed", name=node.name, node=node.id, before=_kind(before, node))
        for node in old.values()
        if node.id not in new
    ]
    for node_id, node in new.items():
        if node_id in old:
            found += _settings(old[node_id], node)
    found += _variables(before, after)
    if old.keys() == new.keys():
        found += _wires(before, after)
    found += [
        Change(what="training", name="training settings", after="changed")
        for edit in edits
        if isinstance(edit, SetTraining)
    ]
    found += list(_shapes(before, after))[:MOST_SHAPES]
    had, has = before.total("parameters"), after.total("parameters")
    if had != has and before.answers and after.answers:
        found.append(Change(what="parameters", before=f"{had:,}", after=f"{has:,}"))
    return tuple(found)


def _kind(walked: Walked, node: Node) -> str:
    placed = walked.placed.get(node.id)
    return placed.layer.title if placed and placed.layer else node.kind


def _settings(old: Node, new: Node) -> Iterator[Change]:
    if old.kind != new.kind:
        yield Change(what="setting", name=new.name, node=new.id, before=old.kind, after=new.kind)
    for knob in sorted(old.knobs.keys() | new.knobs.keys()):
        was, now = old.knobs.get(knob), new.knobs.get(knob)
        if was != now and old.kind == new.kind:
            yield _setting(new, knob, was, now)
    for name in ("name", "bypassed", "frozen", "repeat", "share_weights"):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield _setting(new, name, was, now)


def _setting(node: Node, knob: str, was: Any, now: Any) -> Change:
    title = knob.replace("_", " ")
    return Change(
        what="setting",
        name=node.name,
        node=node.id,
        before=f"{title} {_told(was)}",
        after=_told(now),
    )


def _told(value: Any) -> str:
    return "as usual" if value is None else said(value)


def _variables(before: Walked, after: Walked) -> Iterator[Change]:
    old = {one.name: one.value for one in before.graph.variables}
    new = {one.name: one.value for one in after.graph.variables}
    for name, value in new.items():
        if name not in old:
            yield Change(what="added", name=name, after=f"variable, {value:g}")
    for name, value in old.items():
        if name not in new:
            yield Change(what="removed", name=name, before=f"variable, {value:g}")


def _wires(before: Walked, after: Walked) -> Iterator[Change]:
    old, new = _by_ends(before), _by_ends(after)
    for ends, wire in new.items():
        if ends not in old:
            yield Change(what="connection", node=wire.target, after=_wire(after, wire))
    for ends, wire in old.items():
        if ends not in new:
            yield Change(what="connection", node=wire.target, before=_wire(before, wire))


def _by_ends(walked: Walked) -> dict[tuple[str, str, str, str], Wire]:
    return {(w.source, w.source_port, w.target, w.target_port): w for w in walked.graph.wires}


def _wire(walked: Walked, wire: Wire) -> str:
    names = walked.placed[wire.source].node.name, walked.placed[wire.target].node.name
    return f"{names[0]} to {names[1]}"


def _shapes(before: Walked, after: Walked) -> Iterator[Change]:
    for node_id, placed in after.placed.items():
        had = before.placed.get(node_id)
        was, now = _shape(had), _shape(placed)
        if had is not None and was != now and now:
            name = placed.node.name
            yield Change(what="shape", name=name, node=node_id, before=was, after=now)


def _shape(placed: Placed | None) -> str:
    if placed is None:
        return ""
    made = placed.outputs or (
        placed.inputs[0] if placed.node.kind == "output" and placed.inputs else ()
    )
    return words.tensor(made[0]) if made else ""
