"""Names for the sizes of what flows into a block, which expressions inside it may use."""

from builder.layers.base import TensorType
from builder.spec.arithmetic import Number

FLAT_SIZES = ("in_features",)
SEQUENCE_SIZES = ("in_steps", "in_features")
CHANNEL_SIZES = ("in_channels", "in_steps")
IMAGE_SIZES = ("in_channels", "in_height", "in_width")


def sizes_of(flowing: tuple[TensorType, ...]) -> dict[str, Number]:
    """What a block's expressions may say of its first input: `in_channels`, `in_features`, `in_steps`, ...

    Images have channels, height and width; sequences steps and features; other pairs are channels × steps.
    """
    if not flowing:
        return {}
    shape = flowing[0].shape
    pair = SEQUENCE_SIZES if flowing[0].role == "sequence" else CHANNEL_SIZES
    named: tuple[str, ...] = {1: FLAT_SIZES, 2: pair, 3: IMAGE_SIZES}.get(len(shape), ())
    return dict(zip(named, shape, strict=False))
