"""How shapes and dtypes are said."""

import pytest

from builder.layers.base import TensorType
from builder.network import words


@pytest.mark.parametrize(
    ("shape", "dtype", "said"),
    [
        ((7,), "float32", "7 values"),
        ((), "float32", "1 value"),
        ((7,), "int64", "7 whole numbers"),
        ((1,), "int64", "1 whole number"),
        ((), "bool", "1 yes-or-no value"),
        ((3, 8, 8), "int64", "3×8×8 whole numbers"),
    ],
)
def test_a_tensor_is_said_with_its_dtype(shape, dtype, said):
    assert words.tensor(TensorType(shape=shape, dtype=dtype)) == said
