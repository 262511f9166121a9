"""Rules about what flows in: a table too small for its tokens, Linear over an image, layers that stand apart."""

from collections.abc import Iterator

from builder.network import words
from builder.network.advice.rule import Look, rule
from builder.network.ends import linear_over_image
from builder.network.expectation import VOCABULARY
from builder.network.feeding import feed_names
from builder.network.mending import set_knob, with_fix
from builder.network.order import islands
from builder.network.walk import Placed
from builder.spec.edits import RemoveNodes
from builder.spec.network import Expr, Network
from builder.spec.problems import Fix, Problem


@rule
def small_vocabulary(look: Look) -> Iterator[Problem]:
    """A table with fewer rows than the data have tokens."""
    graph = look.walked.graph
    fed = feed_names(graph, look.expectation) if isinstance(graph, Network) else {}
    for placed, layer in look.layers:
        if not layer.vocabulary:
            continue
        known = _counted_by(look, placed, fed)
        tokens = look.expectation.variables.get(known)
        if tokens is None:
            continue
        rows = getattr(layer, layer.vocabulary)
        if rows >= tokens:
            continue
        problem = look.problem(
            "small_vocabulary",
            "error",
            f"{placed.node.name} has {rows:,} rows, and the data have {tokens:,} different tokens. A token beyond "
            "the last row stops the run. Take the data's own count.",
            placed,
            got=f"{rows:,} rows",
            expected=f"at least {tokens:,}",
            field=layer.vocabulary,
        )
        value = Expr(expr=known)
        yield with_fix(problem, set_knob(look.walked, placed.node, layer.vocabulary, value))


def _counted_by(look: Look, placed: Placed, fed: dict[str, str]) -> str:
    """The variable that counts the tokens this layer gets; the smallest where its source is not an Input."""
    variables = look.expectation.variables
    source = placed.sources[0][0][0] if placed.sources and placed.sources[0] else ""
    feed = look.expectation.feed(fed.get(source, ""))
    if feed is not None:
        return feed.vocabulary
    counted = {one.vocabulary for one in look.expectation.inputs if one.vocabulary in variables}
    return min(sorted(counted), key=variables.__getitem__, default=VOCABULARY)


@rule
def last_axis_of_an_image(look: Look) -> Iterator[Problem]:
    """A layer that works on the last axis only, over an image: torch takes it, and columns are mixed."""
    told = {problem.node for problem in look.walked.problems}
    for placed, _ in look.layers:
        if placed.node.id not in told and linear_over_image(placed):
            given, made = placed.inputs[0][0], placed.outputs[0]
            yield look.problem(
                "linear_over_image",
                "warning",
                f"{placed.node.name} works on the last axis only: {words.tensor(given)} becomes "
                f"{words.tensor(made)}, each row of pixels by itself. Put Flatten before it, or use Conv2d.",
                placed,
                got=words.tensor(given),
                expected="flat values",
            )


@rule
def island(look: Look) -> Iterator[Problem]:
    """Layers wired to each other and to nothing else."""
    graph = look.walked.graph
    parts = islands(graph)
    whole = [part for part in parts if any(graph.node(i).kind == "output" for i in part)]  # type: ignore[union-attr]
    for part in parts:
        if not whole or part in whole or len(part) < 2:
            continue
        first = look.walked.placed[part[0]]
        names = [node.name for node in graph.nodes if node.id in part]
        said = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        problem = look.problem(
            "island",
            "warning",
            f"{said} are connected to each other and to nothing else. Connect them to the network, or remove them.",
            first,
            got=f"{len(part)} layers apart",
            expected="one connected drawing",
        )
        edit = RemoveNodes(graph=look.walked.name, nodes=part, heal=False)
        yield with_fix(problem, Fix(sentence=f"Remove these {len(part)} layers", edits=(edit,)))
