"""`layerloom check FILE`: shapes, sizes and problems of a project."""

import argparse
from pathlib import Path
from typing import Any

from builder.cli.outcome import PROBLEMS, Outcome, table
from builder.network.report import NodeReport
from builder.spec import codec
from builder.spec.problems import Problem
from builder.spec.project import Project

NAME = "check"
HELP = "check a project: layers, output shapes, parameters, FLOPs, memory, problems; exit 1 if any"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("file", type=Path, help="a *.loom.json project")


def run(options: argparse.Namespace) -> Outcome:
    """Checks all networks of the project together with data and training settings."""
    from builder.readiness.check import check_project

    project = codec.read(options.file)
    report = check_project(project)
    nodes = [n for r in report.reports.values() for n in r.nodes.values()]
    problems = [_problem(problem, project) for problem in report.problems]
    errors = [p for p in report.problems if p.severity == "error"]
    data = {
        "parameters": sum(r.parameters for r in report.reports.values()),
        "nodes": [_node(node) for node in nodes],
        "problems": problems,
    }
    lines = table(
        ("layer", "kind", "output", "parameters", "MFLOPs", "kB a sample"),
        [
            (
                node.identifier,
                node.kind,
                " ".join(_shape(output.shape) for output in node.outputs) or "?",
                f"{node.parameters:,}",
                f"{(node.flops or 0) / 1e6:.3f}",
                f"{(node.bytes or 0) / 1e3:.1f}",
            )
            for node in nodes
        ],
    )
    lines.append(f"{data['parameters']:,} parameters")
    lines += [f"{p.severity}: {p.what}" for p in report.problems if p.severity != "error"] or (
        [] if errors else ["No problems."]
    )
    return Outcome(
        data=data,
        lines=lines,
        problems=[_sentence(problem, project) for problem in errors],
        code=PROBLEMS if errors else 0,
    )


def _node(node: NodeReport) -> dict[str, Any]:
    output = list(node.outputs[0].shape) if node.outputs else None
    return {
        "id": node.node,
        "kind": node.kind,
        "output": output,
        "parameters": node.parameters,
        "flops": node.flops,
    }


def _problem(problem: Problem, project: Project) -> dict[str, Any]:
    return {
        "node": problem.node,
        "severity": problem.severity,
        "what": problem.what,
        "got": problem.got,
        "expected": problem.expected,
        "fixes": [fix.sentence for fix in problem.fixes],
    }


def _sentence(problem: Problem, project: Project) -> str:
    fixes = f" Fix: {problem.fixes[0].sentence}" if problem.fixes else ""
    return f"{problem.what}{fixes}"


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "1 value"
