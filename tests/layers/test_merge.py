from typing import Any

import pytest
import torch

from builder.layers.base import TensorType
from builder.layers.catalogue import parse

IMAGE = TensorType((3, 4, 4), "float32", "image")
GATE = TensorType((3, 1, 1), "float32", "image")
FLAT = TensorType((3,), "float32", "features")


@pytest.mark.parametrize("kind", ["add", "subtract", "multiply"])
@pytest.mark.parametrize("count", [2, 3, 5])
def test_many_inputs_are_merged_in_their_order(kind: str, count: int, run: Any) -> None:
    placed = run.place(parse(kind, {}), ((IMAGE,) * count,))
    given = [torch.randn(2, 3, 4, 4) for _ in range(count)]
    step = {"add": torch.add, "subtract": torch.sub, "multiply": torch.mul}[kind]
    expected = given[0]
    for one in given[1:]:
        expected = step(expected, one)
    assert torch.equal(placed(*given), expected)


def test_an_axis_of_size_one_fits_any_size(run: Any) -> None:
    layer = parse("multiply", {})
    assert layer.accepts((IMAGE, GATE)) is None
    placed = run.place(layer, ((IMAGE, GATE),))
    assert placed(torch.randn(2, 3, 4, 4), torch.randn(2, 3, 1, 1)).shape == (2, 3, 4, 4)


@pytest.mark.parametrize("kind", ["add", "subtract", "multiply"])
def test_shapes_that_torch_would_spread_over_the_batch_are_refused(kind: str) -> None:
    wrong = parse(kind, {}).accepts((IMAGE, FLAT))
    assert wrong is not None and wrong.needs == "inputs of the same shape"
    assert parse(kind, {}).accepts((IMAGE, TensorType((3, 2, 4)))) is not None


@pytest.mark.parametrize("kind", ["add", "subtract", "multiply", "concat"])
def test_one_connection_is_not_enough(kind: str) -> None:
    wrong = parse(kind, {}).accepts((IMAGE,))
    assert wrong is not None and wrong.needs == "two or more connections"


def test_concat_joins_along_its_axis_and_refuses_other_differences(run: Any) -> None:
    other = TensorType((2, 4, 4), "float32", "image")
    placed = run.place(parse("concat", {}), ((IMAGE, other, IMAGE),))
    made = placed(*(torch.randn(2, *one.shape) for one in (IMAGE, other, IMAGE)))
    assert made.shape == (2, 8, 4, 4)
    wrong = parse("concat", {"axis": -1}).accepts((IMAGE, other))
    assert wrong is not None and wrong.needs == "inputs that differ along axis -1 only"
    assert parse("concat", {}).accepts((IMAGE, FLAT)) is not None
