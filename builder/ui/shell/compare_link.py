"""The way to a comparison: Build, with both sides in the address."""

from builder.ui.comparing import NOW, Pair
from builder.ui.shell.router import go
from builder.ui.state import current

PARAMETER = "compare"


def see_difference(before: str, now: str = NOW, *, project: str = "") -> None:
    """Opens Build with two sides compared, from any screen; closes what lies above the page."""
    state = current()
    state.drafts["history_open"] = False
    ids = {"project": project or state.project_id, "run": state.run_id}
    go("build", **ids, **{PARAMETER: Pair(before, now).text})
