"""Shapes and sizes as people read them: 32×14×14, 128 values, 4.6 M."""

from builder.layers.base import TensorType


def shape(sizes: tuple[int, ...]) -> str:
    """`32×14×14`; one axis is `128 values`; none is `1 value`."""
    if len(sizes) > 1:
        return "×".join(str(size) for size in sizes)
    count = sizes[0] if sizes else 1
    return f"{count:,} value{'' if count == 1 else 's'}"


def tensor(given: TensorType) -> str:
    """The shape, and the dtype where it is not decimal numbers: `7 whole numbers`."""
    said = shape(given.shape)
    if given.dtype == "float32":
        return said
    plain = "whole number" if given.dtype == "int64" else "yes-or-no value"
    return said.replace("value", plain) if "value" in said else f"{said} {plain}s"


def tensors(given: tuple[TensorType, ...]) -> str:
    """Several types with `and` between them; `nothing` for none."""
    return " and ".join(tensor(one) for one in given) or "nothing"


def count(value: float) -> str:
    """`1,234`, `12.3 k`, `4.6 M`, `2.1 G`."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= size:
            return f"{value / (1e3 if unit == 'k' else size):.1f} {unit}"
    return f"{value:,.0f}"


def memory(value: float) -> str:
    """`104 kB`, `51.2 GB`."""
    for size, unit in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if value >= size:
            return f"{value / size:,.1f} {unit}"
    return f"{value:.0f} B"
