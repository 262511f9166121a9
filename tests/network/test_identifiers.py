import builtins
import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from builder.network.identifiers import RESERVED, identifiers
from builder.spec.network import Graph, Node

HOSTILE = [
    "x)\nimport os", '"""', "#", "\r", "{{7*7}}", "__import__('os')", "__class__", "forward", "class", "ﬁ", "fi",
    "\u202egnp", "", "a.b", "self", "torch", "nn", "print", "training", "None", "x" * 200, "1x", "taps", "input",
]  # fmt: skip


def drawing(labels):
    return Graph(
        nodes=tuple(Node(id=f"n{i}", kind="relu", name=name) for i, name in enumerate(labels))
    )


def assert_good(found):
    assert len(set(found.values())) == len(found)
    for name in found.values():
        assert name.isascii() and name.isidentifier() and not keyword.iskeyword(name)
        assert not name.startswith("_") and not hasattr(nn.Module(), name)
        assert not hasattr(builtins, name)


def test_every_attribute_of_a_torch_module_is_reserved():
    assert {name for name in dir(nn.Module()) if not name.startswith("_")} <= RESERVED


def test_hostile_names_become_plain_words():
    assert_good(identifiers(drawing(HOSTILE)))


@given(st.lists(st.text(max_size=30), max_size=8))
def test_any_names_become_unique_plain_words(labels):
    assert_good(identifiers(drawing(labels)))


@pytest.mark.parametrize(
    ("label", "word"), [("conv1", "conv1"), ("Conv 1 (wide)", "conv_1_wide"), ("Größe", "grosse")]
)
def test_names_stay_recognisable(label, word):
    assert identifiers(drawing([label]))["n0"] == word
