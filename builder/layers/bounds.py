"""The types knobs have: whole numbers, one for each axis, shares and axes, each with its bounds."""

from typing import Annotated

from pydantic import Field

Width = Annotated[int, Field(ge=1, le=1_000_000)]
"""A number of features, filters, units or words."""

Count = Annotated[int, Field(ge=1, le=64)]
"""A number of stacked things; building thousands of layers takes seconds each time."""

Size = Annotated[int, Field(ge=1, le=1024)]
"""A window, a stride or a dilation along one axis."""

Amount = Annotated[int, Field(ge=0, le=1024)]
"""Padding along one axis."""

SizePair = Size | tuple[Size, Size]
"""One size for both axes, or height and width."""

AmountPair = Amount | tuple[Amount, Amount]
"""One padding for both axes, or height and width."""

SizeTriple = Size | tuple[Size, Size, Size]
"""One size for all axes, or depth, height and width."""

AmountTriple = Amount | tuple[Amount, Amount, Amount]
"""One padding for all axes, or depth, height and width."""

Share = Annotated[float, Field(ge=0, le=0.95)]
"""A share of the values, such as those dropped."""

Axis = Annotated[int, Field(ge=-6, le=5)]
"""An axis without the batch: 0 is the first, -1 the last."""

Sizes = Annotated[tuple[Annotated[int, Field(ge=-1, le=1_000_000_000)], ...], Field(max_length=6)]
"""A shape without the batch; -1 stands for whatever is left."""

Slope = Annotated[float, Field(ge=0, le=1)]
"""A share of a negative value."""

Positive = Annotated[float, Field(gt=0, le=1000)]
"""A number above zero."""

Number = Annotated[float, Field(ge=-1_000_000, le=1_000_000)]
"""Any number people mean."""

Epsilon = Annotated[float, Field(gt=0, le=1)]
"""A small number against division by zero."""


def both(value: int | tuple[int, int]) -> tuple[int, int]:
    """Height and width of a pair knob."""
    return value if isinstance(value, tuple) else (value, value)


def sides(value: int | tuple[int, ...], axes: int) -> tuple[int, ...]:
    """A number for each of so many axes, of a knob that has one for all or one each."""
    return value if isinstance(value, tuple) else (value,) * axes


def times(sizes: tuple[int, ...]) -> str:
    """Sizes as people read them: `3×3`."""
    return "×".join(str(size) for size in sizes)
