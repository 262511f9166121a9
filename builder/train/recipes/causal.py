"""What recipes that foretell the next token demand of a drawing: no layer looks ahead."""

from builder.layers import catalogue
from builder.network.expectation import Expectation
from builder.spec.edits import SetKnobs
from builder.spec.network import Network, Node
from builder.spec.problems import Fix, Problem
from builder.spec.project import Project

LOOKS = {"causal": True, "bidirectional": False}
"""Settings of layers that decide whether they look ahead, and the value with which they do not."""


def looking_ahead(
    project: Project,
    network: Network,
    expectations: dict[str, Expectation],
    *,
    field: str,
    outcome: str,
) -> tuple[Problem, ...]:
    """The layer whose earlier answers change with later tokens of `field`, as a problem; `outcome` says what of it."""
    from builder.network.causality import looks_ahead

    found = looks_ahead(project, network.name, expectations, field)
    node = next((node for node in network.nodes if node.id == found), None)
    if node is None:
        return ()
    return (
        Problem(
            code="looks_ahead",
            severity="error",
            what=f"{node.name} lets later tokens change earlier answers, {outcome}. "
            "Use a layer that only looks back.",
            got="an answer that knows what follows",
            expected="answers that depend on earlier tokens only",
            network=network.name,
            node=node.id,
            fixes=_only_look_back(network, node),
        ),
    )


def _only_look_back(network: Network, node: Node) -> tuple[Fix, ...]:
    """The change of a setting that keeps this layer from looking ahead, where it has one."""
    for knob in catalogue.knobs(node.kind) if catalogue.find(node.kind) else ():
        if knob.name in LOOKS:
            edit = SetKnobs(graph=network.name, node=node.id, knobs={knob.name: LOOKS[knob.name]})
            return (Fix(sentence=f"Let {node.name} only look back", edits=(edit,)),)
    return ()
