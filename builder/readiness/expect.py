"""What each network of a project is to live up to, from the data's snapshot and the recipe; no torch."""

from builder.errors import TrainError
from builder.network.expectation import EMPTY, Expectation
from builder.spec.project import Project
from builder.train.recipes.catalogue import infer


def expectations(project: Project) -> dict[str, Expectation]:
    """By network name; EMPTY for networks without a part in the recipe, and for all while no data is chosen."""
    found = {network.name: EMPTY for network in project.networks}
    schema = project.data.snapshot
    if schema is None:
        return found
    try:
        found |= infer(project.training, schema).expectations(project, schema)
    except TrainError:
        return found  # told as a problem by check.py
    return found
