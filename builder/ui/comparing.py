"""What can be compared: the project now, its named versions, its runs, and any step of its history."""

from typing import NamedTuple

from builder.errors import BuilderError, SpecError
from builder.projects import versions
from builder.runs import store as runs
from builder.spec.project import Project
from builder.ui.state import State

NOW = "now"
BETWEEN = "~"
_LETTERS = 160


class Pair(NamedTuple):
    """The two sides, as in the address: `now`, `version:<id>`, `run:<id>` or `step:<revision>`."""

    before: str
    now: str

    @property
    def text(self) -> str:
        """`run:abc~now`, for the address."""
        return f"{self.before}{BETWEEN}{self.now}"


def pair(text: str) -> Pair | None:
    """The two sides named in an address; None when it names none."""
    before, found, now = text[:_LETTERS].partition(BETWEEN)
    return Pair(before, now) if found and before and now else None


def titles(state: State) -> dict[str, str]:
    """What is there to choose from: now, versions and runs, each with its name."""
    named = {f"version:{one.id}": one.name for one in versions.versions(state.project_id)}
    return {NOW: "Now", **named, **{f"run:{run.id}": run.name for run in state.runs()}}


def title(state: State, key: str) -> str:
    """The name of one side: `now`, `before dropout`, `Run 7`, `Added relu1`."""
    kind, _, rest = key.partition(":")
    if key == NOW:
        return "now"
    if kind == "version":
        return versions.find(state.project_id, rest).name
    if kind == "run":
        return runs.by_id(rest).name
    return _label(state, key)


def project_of(state: State, key: str) -> Project:
    """The project of one side; BuilderError, in a sentence, when it is gone or unreadable."""
    kind, _, rest = key.partition(":")
    if key == NOW:
        return state.project
    if kind == "version":
        return versions.open_version(state.project_id, rest)
    if kind == "run":
        return runs.by_id(rest).project
    if kind == "step" and rest.isdecimal() and len(rest) < 10 and state.document is not None:
        return state.document.at(int(rest))
    raise SpecError("The link names nothing that can be compared. Choose two versions or runs.")


def go_back_to(state: State, key: str) -> bool:
    """Makes the drawing and settings of a version or run the present ones: one edit, which Undo takes back."""
    try:
        return state.put_in_place(
            project_of(state, key).model_copy(update={"name": state.project.name}),
            f"Went back to {title(state, key)}",
        )
    except BuilderError as error:
        state.say(str(error), is_error=True)
        return False


def _label(state: State, key: str) -> str:
    step = key.partition(":")[2]
    if state.document is None or step == "0":
        return "the beginning"
    found = state.document.label_of(int(step)) if step.isdecimal() and len(step) < 10 else None
    if found is None:
        raise SpecError("This step is no longer part of the history.")
    return f"after “{found}”"
