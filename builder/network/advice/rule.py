"""What a rule is: a function from a walked drawing to problems, registered by its decorator."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from builder.layers.base import LayerType
from builder.network.expectation import Expectation, Want
from builder.network.walk import Placed, Walked
from builder.spec.network import Wire
from builder.spec.problems import Problem, Severity
from builder.spec.project import Project


@dataclass(frozen=True)
class Look:
    """A walked drawing with what is expected of it; what a rule gets."""

    project: Project
    walked: Walked
    expectation: Expectation

    @cached_property
    def leaving(self) -> dict[str, list[Wire]]:
        """The wires that start at each node."""
        found: dict[str, list[Wire]] = defaultdict(list)
        for wire in self.walked.graph.wires:
            found[wire.source].append(wire)
        return found

    @cached_property
    def layers(self) -> list[tuple[Placed, LayerType]]:
        """Every node that works as a layer, neither bypassed nor waiting, in data-flow order."""
        return [
            (placed, placed.layer)
            for placed in self.walked.placed.values()
            if placed.layer and placed.outputs and placed.inputs and not placed.skipped
        ]

    def layer(self, node_id: str) -> LayerType | None:
        """The layer of a node that works; None where it is bypassed, waiting or a block."""
        placed = self.walked.placed[node_id]
        return None if placed.skipped or not placed.outputs else placed.layer

    def only_reader(self, placed: Placed) -> Placed | None:
        """The one node this one feeds; None when there are several or none."""
        wires = self.leaving[placed.node.id]
        return self.walked.placed[wires[0].target] if len(wires) == 1 else None

    def before(self, placed: Placed) -> Placed | None:
        """What feeds the first port, past bypassed nodes."""
        if not placed.sources or not placed.sources[0]:
            return None
        return self.walked.placed[placed.sources[0][0][0]]

    def answers(self) -> Iterator[tuple[Placed, Placed, Want]]:
        """Every output with the layer right before it and what is wanted of it."""
        for output in self.walked.of_kind("output"):
            role = output.node.knobs.get("role")
            want = self.expectation.want(role if isinstance(role, str) else "")
            last = self.before(output)
            if want is not None and last is not None and last.outputs and last.layer:
                yield output, last, want

    def problem(
        self,
        code: str,
        severity: Severity,
        what: str,
        placed: Placed | None = None,
        *,
        got: str = "",
        expected: str = "",
        field: str | None = None,
    ) -> Problem:
        """A problem of this drawing, at a node or at the whole of it."""
        return Problem(
            code=code,
            severity=severity,
            what=what,
            got=got,
            expected=expected,
            network=self.walked.name,
            node=placed.node.id if placed else None,
            field=field,
        )


Rule = Callable[[Look], Iterator[Problem]]

RULES: list[Rule] = []


def rule(found: Rule) -> Rule:
    """Registers a rule; `advice` runs them all."""
    RULES.append(found)
    return found
