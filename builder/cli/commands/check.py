"""`layerloom check FILE`: shapes, sizes and problems of a project."""

import argparse
from pathlib import Path
from typing import Any

from builder.cli.outcome import PROBLEMS, Outcome, table
from builder.errors import BuilderError
from builder.network.report import NodeReport
from builder.readiness.report import Memory
from builder.spec import codec
from builder.spec.problems import Problem
from builder.spec.project import Project

NAME = "check"
HELP = "check a project: layers, output shapes, parameters, FLOPs, memory, problems; exit 1 if any"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("file", type=Path, help="a *.loom.json project")
    parser.add_argument(
        "--time",
        action="store_true",
        help="take a few real steps to say how long an epoch takes here",
    )


def run(options: argparse.Namespace) -> Outcome:
    """Checks all networks of the project together with data and training settings."""
    from builder.readiness.check import check_project

    project = codec.read(options.file)
    report = check_project(project)
    nodes = [n for r in report.reports.values() for n in r.nodes.values()]
    problems = [_problem(problem, project) for problem in report.problems]
    errors = [p for p in report.problems if p.severity == "error"]
    disk = sum(4 * (r.parameters + r.buffers) for r in report.reports.values())
    data: dict[str, Any] = {
        "parameters": sum(r.parameters for r in report.reports.values()),
        "nodes": [_node(node) for node in nodes],
        "problems": problems,
        "flops": sum(r.flops or 0 for r in report.reports.values()),
        "disk_bytes": disk,
        "memory": _memory(report.memory),
    }
    lines = table(
        ("layer", "kind", "output", "sees", "parameters", "MFLOPs", "kB a sample"),
        [
            (
                node.identifier,
                node.kind,
                " ".join(_shape(output.shape) for output in node.outputs) or "?",
                "×".join(map(str, node.sees)),
                f"{node.parameters:,}",
                f"{(node.flops or 0) / 1e6:.3f}",
                f"{(node.bytes or 0) / 1e3:.1f}",
            )
            for node in nodes
        ],
    )
    lines.append(f"{data['parameters']:,} parameters, {_size(disk)} on disk")
    lines += _memory_lines(report.memory)
    if options.time and not errors:
        data["epoch_seconds"], said = _epoch(project)
        lines.append(said)
    lines += [f"{p.severity}: {p.what}" for p in report.problems if p.severity != "error"] or (
        [] if errors else ["No problems."]
    )
    return Outcome(
        data=data,
        lines=lines,
        problems=[_sentence(problem, project) for problem in errors],
        code=PROBLEMS if errors else 0,
    )


def _memory(memory: Memory | None) -> dict[str, Any] | None:
    """Every part in bytes, with the sum, what is free and the largest batch."""
    if memory is None:
        return None
    return {**memory.model_dump(), "total": memory.total, "fits": memory.fits}


def _memory_lines(memory: Memory | None) -> list[str]:
    if memory is None:
        return []
    parts = ("weights", "gradients", "optimizer", "activations", "best_weights", "data")
    told = ", ".join(f"{name.replace('_', ' ')} {_size(getattr(memory, name))}" for name in parts)
    verdict = "fits" if memory.fits else "does not fit"
    return [
        f"memory with batches of {memory.batch_size}: {_size(memory.total)} ({told})",
        f"{verdict} into {_size(memory.free)} free on {memory.device}; "
        f"the largest batch that fits is {memory.largest_batch:,}",
    ]


def _epoch(project: Project) -> tuple[float | None, str]:
    """Seconds of an epoch from a few real steps, and a sentence; None where it could not be tried."""
    from builder.train.rehearsal import rehearse

    try:
        tried = rehearse(project)
    except BuilderError as error:
        return None, f"an epoch could not be timed: {error}"
    said = f"about {tried.seconds_per_epoch:.3g} s an epoch on {tried.device}"
    return tried.seconds_per_epoch, f"{said}, from {tried.steps_taken:,} real steps"


def _size(count: float) -> str:
    for size, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count:.0f} B"


def _node(node: NodeReport) -> dict[str, Any]:
    output = list(node.outputs[0].shape) if node.outputs else None
    return {
        "id": node.node,
        "kind": node.kind,
        "output": output,
        "parameters": node.parameters,
        "flops": node.flops,
        "bytes": node.bytes,
        "sees": list(node.sees),
    }


def _problem(problem: Problem, project: Project) -> dict[str, Any]:
    return {
        "code": problem.code,
        "network": problem.network,
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
