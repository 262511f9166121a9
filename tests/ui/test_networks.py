"""Projects with several networks: a tab each, and problems that say in which network they are."""

import pytest

from builder.projects import store
from builder.readiness.report import ProjectReport
from builder.spec.network import Network, Node, Wire
from builder.spec.problems import Problem
from builder.spec.project import Project
from builder.ui import state
from builder.ui.inspector.networks import marks

ENDS = (Node(id="i", kind="input", name="i"), Node(id="o", kind="output", name="o"))


@pytest.fixture
def duel():
    made = (
        Network(name=name, nodes=ENDS, wires=(Wire(source="i", target="o"),))
        for name in ("generator", "discriminator")
    )
    return store.create(Project(networks=tuple(made))).id


@pytest.fixture
def found(monkeypatch):
    """The check finds two errors in the discriminator."""
    one = Problem(
        network="discriminator", node="o", code="no_path", severity="error", what="No way."
    )
    report = ProjectReport(problems=(one, one))
    monkeypatch.setattr(state.State, "report", lambda self, wait=0.4: report)
    monkeypatch.setattr(state.State, "report_pending", lambda self: False)
    return one


def test_each_network_has_a_tab_with_its_errors(found):
    first, second = marks(
        ["generator", "discriminator"], ProjectReport(problems=(found, found))
    ).splitlines()
    assert first.endswith("nth-of-type(1) p::after { content: '' }")
    assert second.endswith("nth-of-type(2) p::after { content: ' (2 errors)' }")


def test_problems_of_the_other_network_are_named_and_one_click_away(open_app, duel, found):
    at = open_app("build", project=duel)
    at.segmented_control(key="build_panel").set_value("problems").run()
    there = at.button(key="problems_in_discriminator")
    assert there.label == "2 problems in discriminator"
    there.click().run()
    assert not at.exception
    assert at.segmented_control(key="build_network").value == "discriminator"
    assert [b for b in at.button if b.key == "problems_in_discriminator"] == []
