"""Gets a run directory ready to train: refuses what readiness finds, else builds the job."""

from pathlib import Path

from builder.errors import TrainError
from builder.readiness.check import check_project
from builder.spec import codec
from builder.spec.project import Project
from builder.train.build import build_job
from builder.train.control import Control
from builder.train.job import Job

PROJECT = "project.loom.json"


def prepare_job(run_dir: Path, *, control: Control | None = None, watch: bool = True) -> Job:
    """The job of the run in a directory; it goes on from the newest whole checkpoint when there is one.

    Raises:
        TrainError: the first thing that stops it, in one sentence.
    """
    project = codec.read(run_dir / PROJECT)
    refuse_errors(project)
    return build_job(project, folder=run_dir, control=control, watch=watch)


def refuse_errors(project: Project) -> None:
    """Raises TrainError with the first error of the project's check, and how many more there are."""
    errors = check_project(project).errors()
    if not errors:
        return
    more = len(errors) - 1
    also = f" ({more} more problem{'s' if more > 1 else ''}.)" if more else ""
    raise TrainError(f"{errors[0].what}{also}")
