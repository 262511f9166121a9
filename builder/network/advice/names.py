"""Rules about names: two layers called the same, a variable of the data given twice."""

from collections.abc import Iterator

from builder.network.advice.rule import Look, rule
from builder.network.mending import with_fix
from builder.spec.edits import ChangeNode, SetVariables, unique_name
from builder.spec.problems import Fix, Problem


@rule
def same_name(look: Look) -> Iterator[Problem]:
    """Two layers of one name, which charts and code have to tell apart by a number."""
    first: dict[str, str] = {}
    for node in look.walked.graph.nodes:
        if first.setdefault(node.name, node.id) == node.id:
            continue
        name = unique_name(node.name, look.walked.graph)
        problem = look.problem(
            "same_name",
            "hint",
            f"Two layers are called {node.name}. Charts and code add a number to tell them apart. "
            f"Call this one {name}.",
            look.walked.placed[node.id],
            got=node.name,
            expected="a name of its own",
        )
        edit = ChangeNode(graph=look.walked.name, node=node.id, name=name)
        yield with_fix(problem, Fix(sentence=f"Call it {name}", edits=(edit,)))


@rule
def shadowed_variable(look: Look) -> Iterator[Problem]:
    """A variable of one's own under a name that the data gives."""
    variables = look.walked.graph.variables
    for one in variables:
        if one.name not in look.expectation.variables:
            continue
        given = look.expectation.variables[one.name]
        problem = look.problem(
            "shadowed_variable",
            "warning",
            f"The variable {one.name} is given by the data ({given}); your own value is not used. "
            "Give yours another name.",
            got=f"{one.name} = {one.value}",
            expected="a name the data does not use",
            field=one.name,
        )
        rest = tuple(other for other in variables if other != one)
        edit = SetVariables(graph=look.walked.name, variables=rest)
        yield with_fix(problem, Fix(sentence=f"Remove the variable {one.name}", edits=(edit,)))
