"""Arrays travel as JSON unchanged; what is no table is told."""

import json

import numpy as np
import pytest

from builder.errors import DataError
from builder.sidecar.arrays import packed, unpacked


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype="float32").reshape(2, 3),
        np.array(3.5),
        np.array([True, False]),
        np.array(["a", "löß"]),
        np.zeros((0, 4), dtype="int64"),
        np.array([np.nan, np.inf]),
        np.arange(8, dtype=">i2")[::2],
    ],
)
def test_an_array_comes_back_as_it_was(array):
    again = unpacked(json.loads(json.dumps(packed(array))))
    assert again.dtype == array.dtype
    assert again.shape == array.shape
    assert np.array_equal(again, array, equal_nan=array.dtype.kind == "f")


def test_plain_lists_are_taken():
    assert unpacked([[1, 2], [3, 4]]).shape == (2, 2)


@pytest.mark.parametrize(
    "bad",
    [
        [[1], [1, 2]],
        {"dtype": "O", "shape": [1], "data": ""},
        {"dtype": "<f4", "shape": [9], "data": "AAAA"},
        {"dtype": "<f4", "shape": [1], "data": "%%"},
        {"dtype": "nonsense", "shape": [1], "data": ""},
        {"shape": [1]},
        [None],
    ],
)
def test_what_is_no_table_is_told(bad):
    with pytest.raises(DataError, match="not a table"):
        unpacked(bad)


def test_objects_are_not_sent():
    with pytest.raises(DataError, match="cannot be sent"):
        packed(np.array([object()]))
