"""What layers that slide a window share: the words of their knobs, and where a window fits."""

from functools import partial
from typing import TypeVar

from builder.layers import needs
from builder.layers.base import Inputs, Mismatch, TensorType, knob
from builder.spec.data import Role

S = TypeVar("S", bound=int | tuple[int, ...])
"""The type of a knob with a size for each axis: Size, SizePair or SizeTriple."""

A = TypeVar("A", bound=int | tuple[int, ...])
"""The same for amounts, which may be 0: Amount, AmountPair or AmountTriple."""

STEPS: Inputs = ((TensorType((4, 20)),),)
IMAGE: Inputs = ((TensorType((4, 12, 12), "float32", "image"),),)
VOLUME: Inputs = ((TensorType((4, 6, 8, 8)),),)

ROLES: dict[int, Role] = {1: "any", 2: "image", 3: "any"}
"""The role of channels with so many axes behind them."""

filters = partial(
    knob,
    title="Filters",
    description="How many patterns this layer looks for. More for rich images. "
    "Doubling it doubles this layer's weights and time and can overfit small data.",
    essential=True,
)
kernel = partial(
    knob,
    title="Kernel size",
    description="How far each filter sees along each axis. 3 suits most. "
    "Larger sees more around at once, for more weights and time.",
    essential=True,
)
stride = partial(
    knob,
    title="Stride",
    description="How far the filter moves each time. 1 keeps the size, 2 halves it. "
    "More is faster and coarser.",
    essential=True,
)
padding = partial(
    knob,
    title="Padding",
    description="Zeros added around the edges. Half the kernel size, rounded down, keeps the size. "
    "Without it, each layer shrinks the image.",
    essential=True,
)
dilation = partial(
    knob,
    title="Dilation",
    description="Gaps between the points a filter looks at. 1 means none. "
    "More sees further with the same weights.",
)
groups = partial(
    knob,
    title="Groups",
    description="Splits the channels into groups that do not see each other. "
    "1 for most. More groups means fewer weights; must divide the channels.",
)
bias = partial(
    knob,
    title="Bias",
    description="Adds a learned number to each filter. Turn it off when a batch normalisation "
    "follows, which has its own.",
)
pool_kernel = partial(
    knob,
    title="Kernel size",
    description="How many neighbouring values become one, along each axis. 2 suits most. "
    "Larger ones throw away more detail.",
    essential=True,
)
pool_stride = partial(
    knob,
    title="Stride",
    description="How far the window moves each time. Usually the kernel size. 2 halves the size.",
    essential=True,
)
pool_padding = partial(
    knob,
    title="Padding",
    description="Added around the edges before pooling. Usually 0. At most half the kernel size.",
)


def laid_out(given: TensorType, axes: int, *, instead: str = "") -> Mismatch | None:
    """Refuses everything but channels with so many axes behind them."""
    asked = {1: needs.channels_first, 2: needs.image, 3: needs.volume}
    return asked[axes](given, instead=instead)


def groups_fit(groups_: int, channels: int, filters_: int) -> Mismatch | None:
    """Refuses a number of groups that does not divide channels and filters."""
    return needs.divides(
        groups_, channels, knob="groups", named="groups", words="channels"
    ) or needs.divides(groups_, filters_, knob="groups", named="groups", words="filters")


def padding_fits(kernel_: tuple[int, ...], padding_: tuple[int, ...]) -> Mismatch | None:
    """Refuses padding of more than half a window, of which a window could see nothing else."""
    for width, pad in zip(kernel_, padding_, strict=True):
        if pad > width // 2:
            return Mismatch(
                f"padding of at most half the kernel size of {width}, not {pad}",
                f"Set padding to {width // 2} or less.",
                knob="padding",
            )
    return None


def shortened(value: int | tuple[int, ...]) -> tuple[int, ...]:
    """A size for each axis, or the one for all."""
    return value if isinstance(value, tuple) else (value,)
