"""Which fixes can be applied together: those that touch nothing that another one touches; no torch."""

from collections.abc import Iterable, Iterator
from typing import Any

from builder.spec.edits import Edit, RemoveNodes
from builder.spec.network import Graph, Node, Wire
from builder.spec.problems import Fix, Problem
from builder.spec.project import Project


def together(project: Project, problems: Iterable[Problem]) -> tuple[Fix, ...]:
    """The first fix of each problem, in their order, left out where an earlier one touches the same."""
    taken: set[str] = set()
    chosen = []
    for problem in problems:
        for fix in problem.fixes[:1]:
            touched = {token for edit in fix.edits for token in _touched(edit, project)}
            if not touched & taken:
                taken |= touched
                chosen.append(fix)
    return tuple(chosen)


def _touched(edit: Edit, project: Project) -> Iterator[str]:
    """A word for every node, connection or part of the project that an edit changes."""
    name = getattr(edit, "graph", None)
    if name is None:
        yield edit.kind
        return
    graph = project.network(name) or project.block(name)
    found = [
        token for field in type(edit).model_fields for token in _tokens(getattr(edit, field), field)
    ]
    if graph is not None and isinstance(edit, RemoveNodes):
        found += [token for node in edit.nodes for token in _around(graph, node)]
    yield from (f"{name} {token}" for token in found or [edit.kind])


def _tokens(value: Any, field: str) -> Iterator[str]:
    if isinstance(value, Wire):
        yield f"{value.source}.{value.source_port}>{value.target}.{value.target_port}"
    elif isinstance(value, Node):
        yield value.id
    elif isinstance(value, str) and field in ("node", "nodes", "after"):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _tokens(one, field)


def _around(graph: Graph, node_id: str) -> Iterator[str]:
    for wire in graph.wires:
        if node_id in (wire.source, wire.target):
            yield from _tokens(wire, "wire")
