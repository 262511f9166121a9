"""A part of a page that has been left does not run again.

A message of the page's live parts names the page it was sent from. One sent just before the page changed (the second
press of a double click on Train, a timer) is handled after it: Streamlit would run that part as a part of the old
page, tell the browser so, and the browser would empty the new page and then find no place for the part
("Cannot set a node at a delta path"). Nothing was meant for the new page, so such a message is let go.
"""

from collections.abc import Callable
from typing import Any

_MARK = "leaves_left_pages"


def let_go() -> None:
    """Skips parts of pages that have been left, server-wide; changes nothing in a Streamlit built otherwise."""
    from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

    run: Callable[..., None] | None = getattr(ScriptRunner, "_run_script", None)
    if run is None or hasattr(run, _MARK):
        return

    def _run_script(runner: ScriptRunner, rerun_data: Any) -> None:
        if not of_a_left_page(rerun_data, runner._pages_manager.current_page_script_hash):
            run(runner, rerun_data)

    setattr(_run_script, _MARK, True)
    ScriptRunner._run_script = _run_script  # type: ignore[assignment, method-assign]


def of_a_left_page(rerun_data: Any, current_page: str) -> bool:
    """Whether a request (Streamlit's RerunData) runs parts of another page than the session shows."""
    sent_from: str = rerun_data.page_script_hash
    return bool(rerun_data.fragment_id_queue) and sent_from not in ("", current_page)
