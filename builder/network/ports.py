"""The ports of any placed node: those of its kind, or those its block's inputs and outputs make."""

from builder.layers import catalogue
from builder.layers.base import Port
from builder.spec.block_ports import port_names
from builder.spec.network import Block, Node
from builder.spec.project import Project


def ports(project: Project, node: Node) -> tuple[tuple[Port, ...], tuple[str, ...]] | None:
    """Input ports and output port names of a node; None when its kind or block is unknown."""
    if node.kind == "block":
        block = project.block(node.block) if node.block else None
        return block_ports(block) if block else None
    kind = catalogue.find(node.kind)
    return (kind.inputs, kind.outputs_with(node.knobs)) if kind else None


def block_ports(block: Block) -> tuple[tuple[Port, ...], tuple[str, ...]]:
    """A block's ports: named by the role of its inputs and outputs, `in` and `out` when there is one without."""
    inputs, outputs = port_names(block)
    several = len(inputs) > 1
    return (
        tuple(Port(name, name if several else "") for name in inputs.values()),
        tuple(outputs.values()),
    )
