"""What a page still asked for when it was left is not drawn into the next one."""

from types import SimpleNamespace

import pytest
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

from builder.ui.shell.left_pages import let_go


@pytest.mark.parametrize(
    ("request_", "runs"),
    [
        (RerunData(fragment_id_queue=["bar"], page_script_hash="build"), False),
        (RerunData(fragment_id_queue=["bar"], page_script_hash="train"), True),
        (RerunData(fragment_id_queue=["bar"]), True),
        (RerunData(page_script_hash="build"), True),
    ],
)
def test_only_parts_of_the_page_shown_and_whole_pages_run(monkeypatch, request_, runs):
    ran = []
    monkeypatch.setattr(ScriptRunner, "_run_script", lambda runner, asked: ran.append(asked))
    let_go()
    let_go()  # one layer of it is enough
    runner = SimpleNamespace(_pages_manager=SimpleNamespace(current_page_script_hash="train"))
    ScriptRunner._run_script(runner, request_)
    assert ran == [request_] * runs
