from builder.layers.base import TensorType
from builder.layers.catalogue import parse
from builder.layers.io import Input, Output


def test_an_input_without_a_shape_takes_the_datas() -> None:
    assert Input().declared() is None and Input().call().roles == ()


def test_an_input_with_a_shape_says_what_flows() -> None:
    layer = parse("input", {"shape": [3, 8, 8], "role": "photo"})
    assert isinstance(layer, Input)
    assert layer.declared() == TensorType((3, 8, 8), "float32", "image")
    assert layer.brief() == "photo · 3×8×8"
    tokens = Input(shape=(9,), dtype="int64")
    assert tokens.declared() == TensorType((9,), "int64", "tokens")


def test_only_the_ends_of_a_network_lack_ports_on_one_side() -> None:
    assert Input.inputs == () and Input.outputs == ("out",)
    assert [port.name for port in Output.inputs] == ["in"] and Output.outputs == ()


def test_an_output_passes_on_what_it_gets() -> None:
    call = Output().call((TensorType((10,), "float32", "features"),))
    assert (call.constructor, call.forward, call.roles) == (None, "{in}", ("features",))
