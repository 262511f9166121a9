"""Everything a drawing says about itself: shapes, costs, and all problems at once, at the layers that cause them."""

from collections.abc import Iterator

from builder.errors import NetworkError
from builder.network import words
from builder.network.advice.rule import Look
from builder.network.advice.run import advice
from builder.network.ends import ends
from builder.network.expectation import EMPTY, Expectation
from builder.network.feeding import feed_names, feeds, unfed
from builder.network.fixes import Looked, with_fixes
from builder.network.identifiers import identifiers
from builder.network.memory import held
from builder.network.report import NodeReport, Report
from builder.network.seeing import fields
from builder.network.walk import Placed, Walked, Walker, cost
from builder.spec.network import Network
from builder.spec.problems import Problem
from builder.spec.project import Project

_RANK = {"error": 0, "warning": 1, "hint": 2}


def check(project: Project, network_name: str, expectation: Expectation = EMPTY) -> Report:
    """The report on one network; nothing is allocated. NetworkError when there is no such network."""
    looked = look(project, network_name, expectation)

    def again(changed: Project) -> Looked:
        expected = expectation
        if changed.training != project.training:
            expected = expectation._replace(batch_size=changed.training.batch_size)
        return look(changed, network_name, expected)

    problems = with_fixes(project, looked, expectation, again)
    return _report(looked.walked, problems, expectation)


def look(project: Project, network_name: str, expectation: Expectation = EMPTY) -> Looked:
    """The network walked, with its problems in data-flow order: errors, warnings, hints."""
    network = project.network(network_name)
    if network is None:
        known = ", ".join(one.name for one in project.networks)
        raise NetworkError(f"There is no network {network_name!r} in this project; it has {known}.")
    walker = Walker(project, expectation.variables)
    scope = walker.scope(network)
    walked = walker.walk(network, scope, feeds(network, expectation, scope))
    found = [*walked.problems, *ends(walked, expectation), *unfed(network, expectation)]
    told = {(one.code, one.node) for one in found}
    advised = advice(Look(project, walked, expectation))
    found += [one for one in advised if (one.code, one.node) not in told]
    found += _advised_inside(project, walked)
    place = {node_id: index for index, node_id in enumerate(walked.placed)}
    last = len(place)
    found.sort(key=lambda one: (_RANK[one.severity], place.get(one.node or "", last)))
    return Looked(walked, tuple(found))


def _advised_inside(project: Project, walked: Walked) -> Iterator[Problem]:
    """What the rules find inside placed blocks, each block as first used; the sentence names the block."""
    seen: set[str] = set()
    ahead = [walked]
    while ahead:
        for placed in ahead.pop(0).placed.values():
            inner = placed.rounds[0] if placed.rounds else None
            if inner is None or inner.name in seen:
                continue
            seen.add(inner.name)
            ahead.append(inner)
            block = project.block(inner.name)
            for one in advice(Look(project, inner, EMPTY)):
                what = f"Inside {block.name if block else inner.name}: {one.what}"
                yield one.model_copy(update={"what": what})


def _report(walked: Walked, problems: tuple[Problem, ...], expectation: Expectation) -> Report:
    assert isinstance(walked.graph, Network)
    wishes = feed_names(walked.graph, expectation)
    called = identifiers(walked.graph, wishes)
    seen = {node_id: one.whole for node_id, one in fields(walked).items()}
    nodes = {
        node_id: _node(placed, called[node_id], seen.get(node_id, ()))
        for node_id, placed in walked.placed.items()
    }
    kept = held(walked)
    layers = [one for placed in walked.placed.values() for one in _weighted(placed)]
    return Report(
        network=walked.name,
        nodes=nodes,
        problems=problems,
        parameters=walked.total("parameters"),
        flops=walked.total("flops"),
        bytes=walked.total("bytes"),
        buffers=walked.total("buffers"),
        frozen=sum(cost(p)["parameters"] for p in walked.placed.values() if p.node.frozen),
        saved=kept.saved,
        passing=kept.passing,
        hidden_layers=max(len(layers) - 1, 0),
        order=tuple(walked.placed),
        blocks=_inside(walked),
    )


def _node(placed: Placed, identifier: str, sees: tuple[int, ...] = ()) -> NodeReport:
    costs = cost(placed)
    known = bool(placed.outputs) or (placed.node.kind == "output" and bool(placed.inputs))
    return NodeReport(
        node=placed.node.id,
        kind=placed.node.kind,
        identifier=identifier,
        inputs=tuple(one for wired in placed.inputs for one in wired),
        outputs=placed.outputs,
        parameters=0 if placed.skipped else costs["parameters"],
        flops=costs["flops"] if known else None,
        bytes=costs["bytes"] if known else None,
        brief=_brief(placed),
        sees=sees,
        waiting_for=placed.waiting_for,
    )


def _brief(placed: Placed) -> str:
    if placed.rounds:
        block = placed.rounds[0].graph
        return f"{len(block.nodes)} layers" + (f" ×{placed.repeat}" if placed.repeat > 1 else "")
    if placed.node.kind == "input" and placed.outputs:
        return words.tensor(placed.outputs[0])
    return placed.layer.brief() if placed.layer else ""


def _weighted(placed: Placed) -> list[Placed]:
    """The layers a node stands for that weigh what comes in, every repetition counted; no norm, no activation."""
    if not placed.rounds:
        layer = placed.layer if placed.measured.parameters else None
        weighs = layer and not layer.normalises and layer.family != "activation"
        return [placed] if weighs else []
    inner = [one for p in placed.rounds[0].placed.values() for one in _weighted(p)]
    return inner * placed.repeat


def _inside(walked: Walked) -> dict[str, dict[str, NodeReport]]:
    """Reports of the nodes inside blocks, each block as first used."""
    found: dict[str, dict[str, NodeReport]] = {}
    for placed in walked.placed.values():
        for inner in placed.rounds[:1] or ([placed.stopped] if placed.stopped else []):
            called = identifiers(inner.graph)
            found.setdefault(
                inner.name, {i: _node(one, called[i]) for i, one in inner.placed.items()}
            )
            for name, nodes in _inside(inner).items():
                found.setdefault(name, nodes)
    return found
