"""Names of a block's ports, and small words and places that blocks are made of."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TypeVar

from builder.spec.network import Block, Graph, Node, Wire
from builder.spec.project import Project

G = TypeVar("G", bound=Graph)

Place = tuple[str, str]
"""A node id and a port of it."""


def port_names(block: Block) -> tuple[dict[str, str], dict[str, str]]:
    """Names of a block's inputs and outputs, by the id of the Input or Output inside that makes them.

    Roles where they tell ports apart (`in` and `out` where there is none), else the names of the nodes.
    """
    return _ports(block, "input", "in"), _ports(block, "output", "out")


def _ports(block: Block, kind: str, plain: str) -> dict[str, str]:
    ends = list(block.of_kind(kind))
    roles = [role if isinstance(role := n.knobs.get("role"), str) and role else plain for n in ends]
    if len(set(roles)) < len(roles):
        roles = []
        for node in ends:
            roles.append(free(word(node.name, plain).lower(), set(roles)))
    return {node.id: role for node, role in zip(ends, roles, strict=True)}


def word(text: str, plain: str) -> str:
    """A text as a name for a port: ASCII letters, digits and `_`."""
    plain_text = unicodedata.normalize("NFKD", text[:200]).encode("ascii", "ignore").decode()
    found = re.sub(r"[^A-Za-z0-9]+", "_", plain_text).strip("_")[:32]
    return found if re.match(r"[A-Za-z]", found) else f"{plain}_{found}".rstrip("_")


def free(wanted: str, taken: set[str]) -> str:
    """`wanted`, or with the next free number."""
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted.rstrip('_')}{number}", number + 1
    return name


def middle(nodes: Sequence[Node]) -> tuple[float | None, float | None]:
    """The middle of nodes that all have places, on the grid."""
    xs, ys = [n.x for n in nodes if n.x is not None], [n.y for n in nodes if n.y is not None]
    if not nodes or len(xs) < len(nodes) or len(ys) < len(nodes):
        return None, None
    return _on_grid((min(xs) + max(xs)) / 2), _on_grid((min(ys) + max(ys)) / 2)


def _on_grid(value: float) -> float:
    return round(value / 8) * 8.0


def words_of(names: Sequence[str]) -> str:
    """`a`, `a and b`, `3 layers`."""
    if len(names) <= 2:
        return " and ".join(names)
    return f"{len(names)} layers"


def with_block(project: Project, changed: Block) -> Project:
    """The project with a block replaced; where its ports got other names, the connections of its uses follow."""
    before = project.block(changed.id)
    renamed = _renamed(before, changed) if before else ({}, {})
    blocks = tuple(changed if block.id == changed.id else block for block in project.blocks)
    project = project.model_copy(update={"blocks": blocks})
    if not any(renamed):
        return project
    return project.model_copy(
        update={
            "networks": tuple(_followed(n, changed.id, *renamed) for n in project.networks),
            "blocks": tuple(_followed(block, changed.id, *renamed) for block in project.blocks),
        }
    )


def _renamed(before: Block, after: Block) -> tuple[dict[str, str], dict[str, str]]:
    """Old and new names of inputs and of outputs, for those called otherwise now."""
    pairs = zip(port_names(before), port_names(after), strict=True)
    inputs, outputs = (
        {old[node]: new[node] for node in old if node in new and old[node] != new[node]}
        for old, new in pairs
    )
    return inputs, outputs


def _followed(graph: G, block: str, inputs: Mapping[str, str], outputs: Mapping[str, str]) -> G:
    placed = {node.id for node in graph.nodes if node.block == block}
    if not placed:
        return graph

    def followed(wire: Wire) -> Wire:
        update = {}
        if wire.target in placed and wire.target_port in inputs:
            update["target_port"] = inputs[wire.target_port]
        if wire.source in placed and wire.source_port in outputs:
            update["source_port"] = outputs[wire.source_port]
        return wire.model_copy(update=update) if update else wire

    return graph.model_copy(update={"wires": tuple(followed(wire) for wire in graph.wires)})
