"""`--set path=value` changes the document and nothing else."""

import pytest

from builder.cli.settings import with_settings
from builder.errors import SpecError
from builder.spec.network import Network, Node
from builder.spec.project import Project

PROJECT = Project(
    networks=(Network(nodes=(Node(id="n1", kind="linear", name="linear1"),)),),
)


def test_a_number_is_set_at_its_path() -> None:
    assert with_settings(PROJECT, ["training.epochs=3"]).training.epochs == 3


def test_text_needs_no_quotes() -> None:
    assert with_settings(PROJECT, ["name=My net"]).name == "My net"


def test_a_knob_that_was_not_there_can_be_set() -> None:
    changed = with_settings(PROJECT, ["networks.0.nodes.0.knobs.out_features=7"])
    assert changed.networks[0].nodes[0].knobs == {"out_features": 7}


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("training.epoch=3", "there is no 'epoch'"),
        ("training.epochs", "path=value"),
        ("training.epochs=0", "training.epochs"),
        ("networks.7.name=x", "there is no '7'"),
        ("training.epochs=NaN", "training.epochs"),
    ],
)
def test_a_setting_that_does_not_fit_is_refused_in_a_sentence(setting: str, words: str) -> None:
    with pytest.raises(SpecError, match=words):
        with_settings(PROJECT, [setting])
