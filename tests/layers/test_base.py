from typing import ClassVar

import pytest

from builder.layers.base import (
    Call,
    LayerType,
    TensorType,
    beyond_defaults,
    guess_role,
    registered,
)
from builder.layers.catalogue import all_kinds, find
from builder.layers.dense import Linear


def test_a_second_class_of_the_same_kind_is_refused_when_it_is_written() -> None:
    with pytest.raises(TypeError, match="Two layer types are called 'linear'"):

        class Impostor(LayerType):
            kind: ClassVar[str] = "linear"

    assert find("linear") is Linear


def test_a_class_without_a_kind_is_a_parent_and_not_in_the_catalogue() -> None:
    class Parent(LayerType):
        family: ClassVar = "dense"

    assert Parent not in registered()
    assert set(all_kinds()) <= set(registered())


def test_roles_are_guessed_from_shape_and_number_type() -> None:
    assert guess_role((3, 8, 8)) == "image"
    assert guess_role((9, 5)) == "sequence"
    assert guess_role((5,)) == "features"
    assert guess_role((9,), "int64") == "tokens"
    assert guess_role((9,), "bool") == "mask"
    assert guess_role((1, 2, 3, 4)) == guess_role(()) == "any"


def test_arguments_at_torchs_own_default_are_left_out() -> None:
    assert beyond_defaults(stride=(2, 1), padding=(0, 0)) == {"stride": 2}


def test_a_layer_asked_at_its_first_port_says_whether_it_suits() -> None:
    attention = find("multihead_attention")
    assert attention is not None
    assert attention().suits(TensorType((6, 16), "float32", "sequence"))
    assert not attention().suits(TensorType((16,), "float32", "features"))


def test_a_layer_is_frozen_and_comparable() -> None:
    assert Linear(out_features=3) == Linear(out_features=3) != Linear(out_features=4)
    assert hash(Linear(out_features=3)) == hash(Linear(out_features=3))
    with pytest.raises(ValueError, match="frozen"):
        Linear().out_features = 3  # type: ignore[misc]


def test_a_call_joins_the_wires_of_a_port_as_its_line_reads() -> None:
    assert Call(None).joins == ", "
