"""Structural differences of JSON values that apply forward and backward, byte for byte."""

from typing import Any

Json = Any
Change = dict[str, Any]
"""`{"at": path, "old": a, "new": b}`, or for lists `{"at": path, "index": i, "removed": [...], "inserted": [...]}`."""
Patch = list[Change]


def diff(old: Json, new: Json) -> Patch:
    """The changes that turn `old` into `new`; order of keys and int against float count as differences."""
    changes: Patch = []
    _diff(old, new, [], changes)
    return changes


def forward(value: Json, patch: Patch) -> Json:
    """`new`, from `old` and their difference; neither argument is changed."""
    for change in patch:
        value = _at(value, change["at"], lambda part, c=change: _apply(part, c, back=False))
    return value


def backward(value: Json, patch: Patch) -> Json:
    """`old`, from `new` and their difference; neither argument is changed."""
    for change in reversed(patch):
        value = _at(value, change["at"], lambda part, c=change: _apply(part, c, back=True))
    return value


def same(a: Json, b: Json) -> bool:
    """Whether two JSON values would be written as the same text; Python's own writing of them tells it sooner."""
    return repr(a) == repr(b)


def _diff(old: Json, new: Json, path: list[str | int], changes: Patch) -> None:
    if same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict) and list(old) == list(new):
        for key in old:
            _diff(old[key], new[key], [*path, key], changes)
    elif isinstance(old, list) and isinstance(new, list):
        _diff_lists(old, new, path, changes)
    else:
        changes.append({"at": path, "old": old, "new": new})


def _diff_lists(old: list[Json], new: list[Json], path: list[str | int], changes: Patch) -> None:
    head = 0
    while head < min(len(old), len(new)) and same(old[head], new[head]):
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and same(old[-1 - tail], new[-1 - tail]):
        tail += 1
    removed, inserted = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(removed) == len(inserted):
        for offset, (a, b) in enumerate(zip(removed, inserted, strict=True)):
            _diff(a, b, [*path, head + offset], changes)
    else:
        changes.append({"at": path, "index": head, "removed": removed, "inserted": inserted})


def _apply(part: Json, change: Change, *, back: bool) -> Json:
    if "index" not in change:
        return change["old"] if back else change["new"]
    gone, come = change["removed"], change["inserted"]
    if back:
        gone, come = come, gone
    start = change["index"]
    return [*part[:start], *come, *part[start + len(gone) :]]


def _at(value: Json, path: list[str | int], change: Any) -> Json:
    if not path:
        return change(value)
    first, rest = path[0], path[1:]
    if isinstance(value, list):
        copy: Json = list(value)
        copy[first] = _at(value[int(first)], rest, change)
        return copy
    return {**value, first: _at(value[first], rest, change)}
