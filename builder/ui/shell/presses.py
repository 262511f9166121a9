"""A press of a button counts once.

Streamlit's page sends a press a moment after it was made (a timer of 0 ms) and forgets it then. Timers of live parts
(`run_every`) that fall due before, as on a page busy with drawing, send all values of the page, the press among them:
the server would act on it once for each of these messages and once more for its own. The message of a timer never
brings news, so whatever it says about presses is taken out.
"""

from collections.abc import Callable
from typing import Any

_FIELDS = ("trigger_value", "string_trigger_value", "chat_input_value", "json_trigger_value")
_MARK = "counts_presses_once"


def count_once() -> None:
    """Takes presses from their own messages only, server-wide; changes nothing in a Streamlit built otherwise."""
    from streamlit.runtime.app_session import AppSession

    take: Callable[..., None] | None = getattr(AppSession, "request_rerun", None)
    if take is None or hasattr(take, _MARK):
        return

    def request_rerun(session: AppSession, client_state: Any) -> None:
        if getattr(client_state, "is_auto_rerun", False):
            without_presses(client_state.widget_states)
        take(session, client_state)

    setattr(request_rerun, _MARK, True)
    AppSession.request_rerun = request_rerun  # type: ignore[assignment, method-assign]


def without_presses(states: Any) -> None:
    """Takes presses out of a WidgetStates message, in place; all other values stay."""
    kept = [state for state in states.widgets if state.WhichOneof("value") not in _FIELDS]
    if len(kept) < len(states.widgets):
        copies = [type(state).FromString(state.SerializeToString()) for state in kept]
        del states.widgets[:]
        states.widgets.extend(copies)
