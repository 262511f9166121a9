"""A press travels in messages of the page's timers too; only its own message counts."""

import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession

from builder.ui.shell.presses import count_once, without_presses


def message(*, timer: bool) -> ClientState:
    said = ClientState(is_auto_rerun=timer)
    said.widget_states.widgets.add(id="button", trigger_value=True)
    said.widget_states.widgets.add(id="cell", json_trigger_value="[1]")
    said.widget_states.widgets.add(id="name", string_value="digits")
    said.widget_states.widgets.add(id="on", bool_value=False)
    return said


def test_everything_but_presses_stays():
    states = message(timer=True).widget_states
    without_presses(states)
    assert [(state.id, state.WhichOneof("value")) for state in states.widgets] == [
        ("name", "string_value"),
        ("on", "bool_value"),
    ]


@pytest.mark.parametrize(("timer", "kept"), [(True, 2), (False, 4)])
def test_a_timer_brings_no_press_and_a_press_comes_through(monkeypatch, timer, kept):
    taken = []
    monkeypatch.setattr(AppSession, "request_rerun", lambda session, said: taken.append(said))
    count_once()
    count_once()  # one layer of it is enough
    AppSession.request_rerun(None, message(timer=timer))
    AppSession.request_rerun(None, None)
    assert len(taken[0].widget_states.widgets) == kept
    assert taken[1] is None
