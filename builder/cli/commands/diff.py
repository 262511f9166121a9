"""`layerloom diff A B`: what differs between two projects, versions of a file, or runs."""

import argparse
from pathlib import Path
from typing import Any

from builder.cli.outcome import Outcome
from builder.errors import SpecError, TrainError
from builder.network.effects import Effects, Side, effects
from builder.projects.difference import Difference, GraphChange, SettingChange, compare
from builder.projects.telling import sentences
from builder.readiness.report import ProjectReport
from builder.runs.store import find
from builder.spec import codec
from builder.spec.project import Project

NAME = "diff"
HELP = "compare two projects or runs: layers, settings, connections, shapes, parameters"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    for name in ("before", "after"):
        parser.add_argument(name, help="a *.loom.json project, a run id or a run directory")


def run(options: argparse.Namespace) -> Outcome:
    """Compares the drawings and settings, then joins the checks of both for shapes and parameters."""
    before, after = _project(options.before), _project(options.after)
    found = compare(before, after)
    reports = _checked(before), _checked(after)
    counts = [sum(r.parameters for r in report.reports.values()) for report in reports]
    joined = _effects((before, after), reports, found)
    data = {
        "same": not found,
        "parameters": {"before": counts[0], "after": counts[1]},
        "layers": [layer for graph in found.graphs for layer in _layers(graph)],
        "connections": [wire for graph in found.graphs for wire in _wires(graph)],
        "shapes": [
            {"network": name, **shape._asdict()} for name, told in joined for shape in told.shapes
        ],
        "variables": [_in(graph, v._asdict()) for graph in found.graphs for v in graph.variables],
        "data": _settings(found.data),
        "training": _settings(found.training),
    }
    return Outcome(data=data, lines=_lines(found, counts, [told for _, told in joined]))


def _project(what: str) -> Project:
    """A project file, or the snapshot of a run."""
    path = Path(what).expanduser()
    if path.is_file():
        return codec.read(path)
    try:
        return find(what).project
    except TrainError as error:
        raise SpecError(
            f"{what[:200]!r} is neither a project file nor a run. `layerloom runs` lists the runs."
        ) from error


def _checked(project: Project) -> ProjectReport:
    from builder.readiness.check import check_project

    return check_project(project)


def _effects(
    projects: tuple[Project, Project],
    reports: tuple[ProjectReport, ProjectReport],
    found: Difference,
) -> list[tuple[str, Effects]]:
    """Changed shapes and parameters of every network that both sides have."""
    told = []
    for network in projects[1].networks:
        change = found.graph(network.name)
        was = change.was if change else network.name
        old, report = projects[0].network(was), reports[0].reports.get(was)
        now = reports[1].reports.get(network.name)
        if old is not None and report is not None and now is not None:
            sides = Side(projects[0], old, report), Side(projects[1], network, now)
            told.append((network.name, effects(*sides)))
    return told


def _lines(found: Difference, counts: list[int], joined: list[Effects]) -> list[str]:
    if not found:
        return ["No difference."]
    shapes = [
        f"Output of {shape.name}: {shape.old} → {shape.new}."
        for told in joined
        for shape in told.shapes
    ]
    gain = counts[1] - counts[0]
    figures = f"{counts[0]:,} → {counts[1]:,} parameters ({gain:+,})"
    return [*sentences(found), *shapes, figures if gain else f"{counts[1]:,} parameters, as before"]


def _layers(graph: GraphChange) -> list[dict[str, Any]]:
    return [
        _in(graph, {**layer._asdict(), "changes": _settings(layer.changes)})
        for layer in graph.layers
    ]


def _wires(graph: GraphChange) -> list[dict[str, Any]]:
    return [
        _in(graph, {"how": change.how, **change.wire.model_dump(mode="json")})
        for change in graph.wires
    ]


def _in(graph: GraphChange, told: dict[str, Any]) -> dict[str, Any]:
    return {"block" if graph.is_block else "network": graph.id, **told}


def _settings(changes: tuple[SettingChange, ...]) -> list[dict[str, Any]]:
    return [change._asdict() for change in changes]
