"""Blocks looked at from inside: which ones are open, one within the other, and their drawing and report."""

from typing import NamedTuple

from builder.network.report import Report
from builder.spec.making_edits import uses
from builder.spec.network import Block, Expr, Graph, Network, Node
from builder.spec.problems import Problem
from builder.spec.project import Project


class Opened(NamedTuple):
    """A placed block that is open, and its block."""

    node: Node
    block: Block

    @property
    def times(self) -> str:
        """`×6`, or nothing for a block that runs once."""
        return times(self.node)


def times(node: Node) -> str:
    """How often a placed block runs, as it stands behind its name."""
    if isinstance(node.repeat, Expr):
        return f"×{node.repeat.expr}"
    return f"×{node.repeat}" if node.repeat > 1 else ""


def walk_in(project: Project, network: str, path: list[str]) -> tuple[Opened, ...]:
    """The open blocks, outermost first; what is gone, and everything inside it, is left out."""
    graph: Graph | None = project.network(network)
    found: list[Opened] = []
    for node_id in path:
        node = graph.node(node_id) if graph else None
        block = project.block(node.block) if node is not None and node.block else None
        if node is None or block is None or any(one.block.id == block.id for one in found):
            break
        found.append(Opened(node, block))
        graph = block
    return tuple(found)


def looked_at(project: Project, graph_id: str) -> Network | None:
    """The network with this name; or the block with this id in the form of a network, named by its id.

    Edits find both by that word, so everything that draws or edits a network does so inside a block as well.
    """
    network = project.network(graph_id)
    block = project.block(graph_id)
    if network is not None or block is None:
        return network
    return Network.model_construct(
        name=block.id,
        nodes=block.nodes,
        wires=block.wires,
        variables=block.variables,
        notes=block.notes,
        direction=block.direction,
    )


def report_inside(
    report: Report | None, block: str, problems: tuple[Problem, ...]
) -> Report | None:
    """The report on a block, of its first use; None where nothing of it could be checked yet."""
    if report is None or block not in report.blocks:
        return None
    nodes = report.blocks[block]
    own = tuple(problem for problem in problems if problem.network == block)
    known = [told for told in nodes.values() if told.flops is not None]
    return Report(
        network=block,
        nodes=nodes,
        problems=own,
        parameters=sum(told.parameters for told in nodes.values()),
        flops=sum(told.flops or 0 for told in known) if known else None,
        bytes=sum(told.bytes or 0 for told in known) if known else None,
        hidden_layers=0,
        order=tuple(nodes),
        blocks=report.blocks,
    )


def count_uses(project: Project, block: str) -> int:
    """In how many places a block is drawn."""
    return len(uses(project, block))
