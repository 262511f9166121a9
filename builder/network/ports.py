"""The ports of any placed node: those of its kind, or those its block's inputs and outputs make."""

from builder.layers import catalogue
from builder.layers.base import Port
from builder.network.identifiers import slug
from builder.spec.network import Block, Node
from builder.spec.project import Project


def ports(project: Project, node: Node) -> tuple[tuple[Port, ...], tuple[str, ...]] | None:
    """Input ports and output port names of a node; None when its kind or block is unknown."""
    if node.kind == "block":
        block = project.block(node.block) if node.block else None
        return block_ports(block) if block else None
    kind = catalogue.find(node.kind)
    return (kind.inputs, kind.outputs) if kind else None


def block_ports(block: Block) -> tuple[tuple[Port, ...], tuple[str, ...]]:
    """A block's ports: named by the role of its inputs and outputs, `in` and `out` when there is one without."""
    inputs = [_port(node, "in") for node in block.of_kind("input")]
    outputs = [_port(node, "out") for node in block.of_kind("output")]
    several = len(inputs) > 1
    return (
        tuple(Port(name, name if several else "") for name in _alone(inputs)),
        tuple(_alone(outputs)),
    )


def _port(node: Node, plain: str) -> tuple[str, str]:
    role = node.knobs.get("role")
    return (role if isinstance(role, str) and role else plain), slug(node.name, plain)


def _alone(names: list[tuple[str, str]]) -> list[str]:
    """Roles where they tell ports apart, else names of the nodes, else numbered."""
    roles = [role for role, _ in names]
    found = roles if len(set(roles)) == len(roles) else [name for _, name in names]
    if len(set(found)) == len(found):
        return found
    return [f"{name}_{place}" if place else name for place, name in enumerate(found)]
