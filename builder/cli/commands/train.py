"""`layerloom train FILE`: trains a project and prints its figures."""

import argparse
from pathlib import Path

from builder.cli.follow import follow
from builder.cli.outcome import PROBLEMS, Outcome
from builder.cli.settings import with_settings
from builder.data.describe import describe
from builder.data.ingest.ingest import ingest
from builder.data.ingest.messages import Task
from builder.data.windows import resized
from builder.runs import launch, store
from builder.spec import codec
from builder.spec.data import SplitSpec
from builder.spec.project import Project

NAME = "train"
HELP = "train a project; Ctrl-C stops it with a checkpoint"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("file", type=Path, help="a *.loom.json project")
    parser.add_argument("--data", type=Path, metavar="PATH", help="learn from this file instead")
    parser.add_argument("--target", metavar="COLUMN", help="the column to predict")
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", dest="settings")
    parser.add_argument("--run-dir", type=Path, metavar="DIR", help="default: in the workspace")
    parser.add_argument("--device", help="auto, cpu, mps, cuda, cuda:1")
    parser.add_argument("--devices", type=int, default=1, metavar="N", help="how many devices")
    parser.add_argument("--seed", type=int)
    parser.add_argument(
        "--from",
        dest="start_from",
        metavar="RUN",
        help="begin with the best weights of this run, layer by layer",
    )
    parser.add_argument("--detach", action="store_true", help="do not wait for the end")
    parser.add_argument("--no-test", action="store_true", help="leave the test split closed")


def run(options: argparse.Namespace) -> Outcome:
    """Checks, starts a worker of its own, follows it, opens the test split once at the end."""
    if options.devices != 1:
        message = "Training on several devices is not there yet; leave --devices at 1."
        return Outcome(data={"error": message}, problems=[message], code=2)
    project = _with_data(with_settings(codec.read(options.file), options.settings), options)
    refused = _refusals(project)
    if refused:
        return Outcome(
            data={"error": refused[0], "problems": refused}, problems=refused, code=PROBLEMS
        )
    created = store.create(
        project,
        run_dir=options.run_dir,
        seed=options.seed,
        device=options.device,
        start_from=store.find(options.start_from) if options.start_from else None,
    )
    launch.launch(created)
    if options.detach:
        data = {"run": created.id, "run_dir": str(created.path), "state": created.state().state}
        return Outcome(data=data, lines=[f"Started {created.id}: {created.path}"])
    return follow(created, open_test=not options.no_test)


def _with_data(project: Project, options: argparse.Namespace) -> Project:
    if options.data is not None:
        taken = ingest(options.data, target=options.target, task=_task(project))
        chosen = project.data.split != SplitSpec()
        split = project.data.split if chosen else taken.spec.split
        data = taken.spec.model_copy(update={"split": split})
        if project.data.windows is not None and data.windows is not None:
            data = describe(resized(data, project.data.windows))
        return project.model_copy(update={"data": data})
    data = project.data
    if options.target is not None:
        data = data.model_copy(update={"target": options.target, "snapshot": None})
    return project.model_copy(update={"data": describe(data)})


def _task(project: Project) -> Task:
    """Rows are read as what the project learned from before; a project without data takes what the file suggests."""
    if project.data.windows is not None:
        return "forecasting"
    return "table" if project.data.source is not None else "detect"


def _refusals(project: Project) -> list[str]:
    from builder.readiness.check import check_project

    report = check_project(project)
    return [problem.what for problem in report.problems if problem.severity == "error"]
