"""Gets a run directory ready to train: refuses what readiness finds, else builds the job."""

import json
from pathlib import Path

from builder.errors import TrainError
from builder.readiness.check import check_project
from builder.spec import codec
from builder.spec.project import Project
from builder.train.build import CHECKPOINTS, build_job
from builder.train.control import Control
from builder.train.job import Job

PROJECT, FACTS = "project.loom.json", "run.json"


def prepare_job(run_dir: Path, *, control: Control | None = None, watch: bool = True) -> Job:
    """The job of the run in a directory; it goes on from the newest whole checkpoint when there is one.

    Raises:
        TrainError: the first thing that stops it, in one sentence.
    """
    project = codec.read(run_dir / PROJECT)
    refuse_errors(project)
    start_from = _start_from(run_dir)
    return build_job(project, folder=run_dir, control=control, watch=watch, start_from=start_from)


def _start_from(run_dir: Path) -> Path | None:
    """The directory of the run whose weights this one begins with; None when it has saved its own or begins anew."""
    if (run_dir / CHECKPOINTS / "index.json").is_file():
        return None
    try:
        named = json.loads((run_dir / FACTS).read_bytes()).get("start_from")
    except (OSError, ValueError):
        return None
    return Path(named) if named else None


def refuse_errors(project: Project) -> None:
    """Raises TrainError with the first error of the project's check, and how many more there are."""
    errors = check_project(project).errors()
    if not errors:
        return
    more = len(errors) - 1
    also = f" ({more} more problem{'s' if more > 1 else ''}.)" if more else ""
    raise TrainError(f"{errors[0].what}{also}")
