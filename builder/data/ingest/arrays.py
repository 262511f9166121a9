"""Arrays of unknown length, written to `.npy` files chunk by chunk."""

from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt

from builder.projects.atomic import refusals_told

HEADER = 128
"""Bytes of the header of our files; numpy pads small headers to this."""


class GrowingArray:
    """A `.npy` file that grows by rows; its header is completed when it is closed."""

    def __init__(self, path: Path, dtype: str, row: tuple[int, ...]) -> None:
        self.path, self.dtype, self.row = path, np.dtype(dtype), row
        self.count = 0
        with refusals_told(path):
            self._file = path.open("w+b")
            self._file.write(b"\0" * HEADER)

    def append(self, values: npt.NDArray[np.generic]) -> None:
        """Adds rows; raises StorageError when the disk is full."""
        assert values.shape[1:] == self.row, (values.shape, self.row)
        with refusals_told(self.path, needed=values.nbytes):
            self._file.write(np.ascontiguousarray(values, dtype=self.dtype).tobytes())
        self.count += len(values)

    def close(self) -> None:
        """Writes the header, so that numpy can open the file."""
        with refusals_told(self.path):
            self._file.seek(0)
            shape = (self.count, *self.row)
            np.lib.format.write_array_header_1_0(
                self._file, {"descr": self.dtype.str, "fortran_order": False, "shape": shape}
            )
            assert self._file.tell() == HEADER
            self._file.close()

    def __enter__(self) -> "GrowingArray":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self._file.close()
