"""A check after an edit on a large drawing, against its budget."""

from functools import partial
from itertools import pairwise

from builder.bench.pairs import ROUNDS, Row, quantiles, seconds
from builder.data.describe import describe
from builder.readiness.check import check_project
from builder.spec.data import BuiltinSource, DataSpec
from builder.spec.edits import SetKnobs
from builder.spec.network import Expr, Knobs, Network, Node, Wire
from builder.spec.project import Project

BUDGETS_SECONDS = {60: 0.05, 300: 0.8}
"""For a warm check of so many layers; the one of 300 includes the way to the canvas and back."""


def bench_edit(*, rounds: int = ROUNDS) -> list[Row]:
    """One row a size: the time of a warm check after changing one layer in the middle, over its budget."""
    return [_row(size, budget, rounds) for size, budget in BUDGETS_SECONDS.items()]


def _row(size: int, budget: float, rounds: int) -> Row:
    project = chain(size)
    check_project(project)
    middle = project.networks[0].nodes[size // 2].id
    taken = []
    for number in range(rounds):
        edit = SetKnobs(
            graph="network", node=middle, knobs={"negative_slope": 0.01 + number / 1000}
        )
        changed = edit.apply(project)
        taken.append(seconds(partial(check_project, changed)) / budget)
    median, (low, high) = quantiles(taken)
    budget_words = f"budget of {budget * 1000:.0f} ms"
    return Row(f"check of {size} layers", budget_words, median, f"{low:.3f} to {high:.3f}")


def chain(size: int) -> Project:
    """Linear layers and activations in a row on the digits."""
    nodes = [
        Node(id="input", kind="input", name="input"),
        Node(id="flat", kind="flatten", name="flat"),
    ]
    for place in range(size - 4):
        kind = "leaky_relu" if place % 2 == 0 else "linear"
        knobs: Knobs = {"out_features": 32} if place % 2 else {}
        nodes.append(Node(id=f"n{place}", kind=kind, name=f"{kind}{place}", knobs=knobs))
    last = Node(id="last", kind="linear", name="last", knobs={"out_features": Expr(expr="classes")})
    nodes += [last, Node(id="output", kind="output", name="output")]
    wires = tuple(Wire(source=a.id, target=b.id) for a, b in pairwise(nodes))
    data = describe(DataSpec(source=BuiltinSource(name="digits")))
    return Project(networks=(Network(nodes=tuple(nodes), wires=wires),), data=data)
