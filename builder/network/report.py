"""What a check found: shapes and costs of every node, and all problems; plain data that travels as JSON."""

from builder.layers.base import TensorType
from builder.spec.base import Frozen
from builder.spec.problems import Problem


class NodeReport(Frozen):
    """One node after the check.

    `inputs` has one type a wire, in port order; `outputs` one a port; both empty where nothing is known.
    `parameters` counts trained values, `flops` (2 x multiply-adds) and `bytes` of outputs are per sample in float32,
    None when unknown. `sees` is the receptive field: how many places of the input, along each axis, one place of the
    output sees; empty where there are no such axes. `waiting_for` is the id of the node with the error that keeps
    this one from being checked.
    """

    node: str
    kind: str
    identifier: str
    inputs: tuple[TensorType, ...] = ()
    outputs: tuple[TensorType, ...] = ()
    parameters: int = 0
    flops: int | None = None
    bytes: int | None = None
    brief: str = ""
    sees: tuple[int, ...] = ()
    waiting_for: str | None = None


class Report(Frozen):
    """One network (or block) after the check; `order` lists node ids so that each follows what it needs.

    `problems` are in data-flow order, errors first, then warnings, then hints. `hidden_layers` counts layers with
    parameters except the last one. `buffers` are kept values that are not trained, `frozen` the parameters of frozen
    nodes. `saved` and `passing` are bytes a sample: held from forward to backward, and the largest layer's outputs with
    their gradients. `blocks` holds the reports of placed blocks by block id, as first used here.
    """

    network: str
    nodes: dict[str, NodeReport] = {}
    problems: tuple[Problem, ...] = ()
    parameters: int = 0
    flops: int | None = None
    bytes: int | None = None
    buffers: int = 0
    frozen: int = 0
    saved: int = 0
    passing: int = 0
    hidden_layers: int = 0
    order: tuple[str, ...] = ()
    blocks: dict[str, dict[str, NodeReport]] = {}

    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop training."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    def of_node(self, node_id: str) -> tuple[Problem, ...]:
        """The problems of one node."""
        own = (self.network, None)
        return tuple(p for p in self.problems if p.node == node_id and p.network in own)
