"""Arrays as JSON values, for requests and answers; no torch."""

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from builder.errors import DataError

_KINDS = "biufU"


def packed(array: NDArray[Any]) -> dict[str, Any]:
    """`{"dtype", "shape", "data"}` with the bytes in base64; numbers, truth values and fixed-width text only."""
    plain = np.ascontiguousarray(array)
    if plain.dtype.kind not in _KINDS:
        raise DataError(
            f"Values of type {plain.dtype} cannot be sent; convert them to numbers or text."
        )
    data = base64.b64encode(plain.tobytes()).decode("ascii")
    return {"dtype": plain.dtype.str, "shape": list(array.shape), "data": data}


def unpacked(value: Any) -> NDArray[Any]:
    """The array of what `packed` gave, or of plain (nested) lists of numbers or words."""
    try:
        if isinstance(value, dict):
            dtype = np.dtype(str(value["dtype"]))
            if dtype.kind not in _KINDS:
                raise ValueError(dtype)
            flat = np.frombuffer(base64.b64decode(value["data"], validate=True), dtype)
            return flat.reshape([int(size) for size in value["shape"]]).copy()
        array = np.asarray(value)
    except (ValueError, KeyError, TypeError) as error:
        raise DataError("The values are not a table of numbers or words of equal rows.") from error
    if array.dtype.kind not in _KINDS:
        raise DataError("The values are not a table of numbers or words of equal rows.")
    return array
