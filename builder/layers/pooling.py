"""Layers that make images and sequences smaller by keeping one value of many."""

from functools import partial
from typing import Any, ClassVar, Literal

from builder.layers import needs
from builder.layers.base import (
    Call,
    Inputs,
    LayerType,
    Mismatch,
    Port,
    TensorType,
    beyond_defaults,
    knob,
)
from builder.layers.bounds import Amount, AmountPair, Size, SizePair, both, times

IMAGE: Inputs = ((TensorType((3, 12, 12), "float32", "image"),),)
CHANNELS_BY_STEPS: Inputs = ((TensorType((4, 20)),),)

_kernel = partial(
    knob,
    title="Kernel size",
    description="How many neighbouring values become one, along each axis. 2 suits most. "
    "Larger ones throw away more detail.",
    essential=True,
)
_stride = partial(
    knob,
    title="Stride",
    description="How far the window moves each time. Usually the kernel size. 2 halves the size.",
    essential=True,
)
_padding = partial(
    knob,
    title="Padding",
    description="Added around the edges before pooling. Usually 0. At most half the kernel size.",
)
_size = partial(
    knob,
    title="Output size",
    description="Height and width that come out, whatever goes in. 1 keeps one value a channel. "
    "More keeps more of the layout.",
    essential=True,
)


class _Pool1d(LayerType):
    """What pools along steps have in common; a family shares its knobs through one parent."""

    family: ClassVar[Literal["pooling"]] = "pooling"
    slug: ClassVar[str] = "pool"
    constructor: ClassVar[str]
    follows: ClassVar[tuple[str, ...]] = ("conv1d", "flatten", "dropout")
    example: ClassVar[Inputs] = CHANNELS_BY_STEPS

    kernel_size: Size = _kernel(2)
    stride: Size = _stride(2)
    padding: Amount = _padding(0)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        return (
            needs.channels_first(given, instead="Pool over steps")
            or _padding_fits((self.kernel_size,), (self.padding,))
            or needs.window(given.shape[1:], (self.kernel_size,), padding=(self.padding,))
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        return _pool(self.constructor, self.kernel_size, self.stride, self.padding, inputs[0][0])

    def brief(self) -> str:
        return f"{self.kernel_size} · stride {self.stride}"


class _Pool2d(LayerType):
    """What pools over images have in common; a family shares its knobs through one parent."""

    family: ClassVar[Literal["pooling"]] = "pooling"
    slug: ClassVar[str] = "pool"
    constructor: ClassVar[str]
    follows: ClassVar[tuple[str, ...]] = ("conv2d", "flatten", "dropout")
    example: ClassVar[Inputs] = IMAGE

    kernel_size: SizePair = _kernel(2)
    stride: SizePair = _stride(2)
    padding: AmountPair = _padding(0)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        kernel, padding = both(self.kernel_size), both(self.padding)
        return (
            needs.image(given)
            or _padding_fits(kernel, padding)
            or needs.window(given.shape[1:], kernel, padding=padding)
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        return _pool(self.constructor, self.kernel_size, self.stride, self.padding, inputs[0][0])

    def brief(self) -> str:
        return f"{times(both(self.kernel_size))} · stride {times(_short(self.stride))}"


class MaxPool1d(_Pool1d):
    """The largest of neighbouring steps."""

    kind: ClassVar[str] = "max_pool1d"
    title: ClassVar[str] = "MaxPool1d"
    summary: ClassVar[str] = "Keeps the largest of neighbouring steps in each channel."
    when: ClassVar[str] = "After Conv1d, to shorten and to keep what was found."
    synonyms: ClassVar[tuple[str, ...]] = ("max pooling", "downsample", "subsample")
    constructor: ClassVar[str] = "nn.MaxPool1d"


class MaxPool2d(_Pool2d):
    """The largest of each window of an image."""

    kind: ClassVar[str] = "max_pool2d"
    title: ClassVar[str] = "MaxPool2d"
    summary: ClassVar[str] = "Keeps the largest value of each small window of an image."
    when: ClassVar[str] = "After Conv2d, to shrink the image and keep what was found."
    synonyms: ClassVar[tuple[str, ...]] = ("max pooling", "downsample", "subsample", "shrink")
    constructor: ClassVar[str] = "nn.MaxPool2d"


class AvgPool1d(_Pool1d):
    """The mean of neighbouring steps."""

    kind: ClassVar[str] = "avg_pool1d"
    title: ClassVar[str] = "AvgPool1d"
    summary: ClassVar[str] = "Takes the mean of neighbouring steps in each channel."
    when: ClassVar[str] = "To shorten and smooth a signal."
    synonyms: ClassVar[tuple[str, ...]] = ("average pooling", "mean pooling", "smooth")
    constructor: ClassVar[str] = "nn.AvgPool1d"


class AvgPool2d(_Pool2d):
    """The mean of each window of an image."""

    kind: ClassVar[str] = "avg_pool2d"
    title: ClassVar[str] = "AvgPool2d"
    summary: ClassVar[str] = "Takes the mean of each small window of an image."
    when: ClassVar[str] = "To shrink an image smoothly."
    synonyms: ClassVar[tuple[str, ...]] = ("average pooling", "mean pooling", "downsample")
    constructor: ClassVar[str] = "nn.AvgPool2d"


class AdaptiveAvgPool2d(LayerType):
    """The mean of as many windows as wanted."""

    kind: ClassVar[str] = "adaptive_avg_pool2d"
    family: ClassVar[Literal["pooling"]] = "pooling"
    title: ClassVar[str] = "AdaptiveAvgPool2d"
    summary: ClassVar[str] = "Averages an image down to a chosen height and width."
    when: ClassVar[str] = "Before Flatten, when images vary in size."
    synonyms: ClassVar[tuple[str, ...]] = ("average pooling", "resize", "adaptive")
    slug: ClassVar[str] = "pool"
    follows: ClassVar[tuple[str, ...]] = ("flatten", "linear")
    example: ClassVar[Inputs] = IMAGE

    output_size: SizePair = _size(1)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.image(inputs[0][0])

    @classmethod
    def shrink(cls, given: TensorType) -> dict[str, Any] | None:
        """Keeps 4 × 4 values a channel."""
        large = len(given.shape) == 3 and min(given.shape[1:]) > 4
        return {"output_size": 4} if large else None

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {"output_size": self.output_size}
        return Call("nn.AdaptiveAvgPool2d", arguments=arguments, roles=("image",))

    def brief(self) -> str:
        return f"to {times(both(self.output_size))}"


class AdaptiveMaxPool2d(LayerType):
    """The largest of as many windows as wanted."""

    kind: ClassVar[str] = "adaptive_max_pool2d"
    family: ClassVar[Literal["pooling"]] = "pooling"
    title: ClassVar[str] = "AdaptiveMaxPool2d"
    summary: ClassVar[str] = "Keeps the largest values of an image at a chosen height and width."
    when: ClassVar[str] = "Where it matters that a pattern occurs, not how often."
    synonyms: ClassVar[tuple[str, ...]] = ("max pooling", "resize", "adaptive")
    slug: ClassVar[str] = "pool"
    follows: ClassVar[tuple[str, ...]] = ("flatten", "linear")
    example: ClassVar[Inputs] = IMAGE

    output_size: SizePair = _size(1)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.image(inputs[0][0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {"output_size": self.output_size}
        return Call("nn.AdaptiveMaxPool2d", arguments=arguments, roles=("image",))

    def brief(self) -> str:
        return f"to {times(both(self.output_size))}"


class GlobalAvgPool(LayerType):
    """The mean of each channel, as one flat list."""

    kind: ClassVar[str] = "global_avg_pool"
    family: ClassVar[Literal["pooling"]] = "pooling"
    title: ClassVar[str] = "Global average pool"
    summary: ClassVar[str] = "Takes the mean of each channel over the whole image or signal."
    when: ClassVar[str] = "Before the last Linear, instead of Flatten, for far fewer weights."
    synonyms: ClassVar[tuple[str, ...]] = ("gap", "mean", "global pooling", "average pooling")
    slug: ClassVar[str] = "pool"
    follows: ClassVar[tuple[str, ...]] = ("linear", "dropout")
    example: ClassVar[Inputs] = IMAGE

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        return needs.channels_first(given) if len(given.shape) == 2 else needs.image(given)

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        axes = "2" if len(inputs[0][0].shape) == 2 else "(2, 3)"
        return Call(None, "{in}.mean(dim=" + axes + ")", roles=("features",))

    @classmethod
    def adapt(
        cls, given: TensorType, consumer: LayerType, wanted: tuple[int, ...] = ()
    ) -> dict[str, Any] | None:
        """Turns an image into one value a channel."""
        if cls().accepts((given,)) is not None:
            return None
        made = TensorType(given.shape[:1], "float32", "features")
        return {} if consumer.suits(made) and wanted in ((), made.shape) else None


class PoolSteps(LayerType):
    """One list of features for a whole sequence."""

    kind: ClassVar[str] = "pool_steps"
    family: ClassVar[Literal["pooling"]] = "pooling"
    title: ClassVar[str] = "Pool over steps"
    summary: ClassVar[str] = "Merges all steps of a sequence into one list of features."
    when: ClassVar[str] = "After attention or a recurrent layer, before the last Linear."
    synonyms: ClassVar[tuple[str, ...]] = (
        "mean pooling",
        "max pooling",
        "sequence pooling",
        "average",
    )
    inputs: ClassVar[tuple[Port, ...]] = (Port("in"), Port("lengths", "lengths", optional=True))
    slug: ClassVar[str] = "pool"
    follows: ClassVar[tuple[str, ...]] = ("linear", "dropout")
    example: ClassVar[Inputs] = ((TensorType((6, 8), "float32", "sequence"),), ())

    how: Literal["mean", "max"] = knob(
        "mean",
        "How",
        "Mean weighs every step alike. Max keeps the strongest, wherever it was. "
        "With lengths connected, padding does not count.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.sequence(inputs[0][0]) or needs.lengths(inputs[1])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        if inputs[1]:
            forward = "{self}({in}, {lengths})"
            return Call("modules.PooledSteps", forward, {"how": self.how}, roles=("features",))
        line = "{in}.mean(dim=1)" if self.how == "mean" else "{in}.amax(dim=1)"
        return Call(None, line, roles=("features",))

    def brief(self) -> str:
        return self.how

    @classmethod
    def adapt(
        cls, given: TensorType, consumer: LayerType, wanted: tuple[int, ...] = ()
    ) -> dict[str, Any] | None:
        """Turns a sequence into flat features."""
        if given.role != "sequence" or needs.sequence(given):
            return None
        made = TensorType(given.shape[1:], "float32", "features")
        return {} if consumer.suits(made) and wanted in ((), made.shape) else None


def _padding_fits(kernel: tuple[int, ...], padding: tuple[int, ...]) -> Mismatch | None:
    for width, pad in zip(kernel, padding, strict=False):
        if pad > width // 2:
            return Mismatch(
                f"padding of at most half the kernel size of {width}, not {pad}",
                f"Set padding to {width // 2} or less.",
                knob="padding",
            )
    return None


def _pool(
    constructor: str,
    kernel: int | tuple[int, int],
    stride: int | tuple[int, int],
    padding: int | tuple[int, int],
    given: TensorType,
) -> Call:
    arguments = {
        "kernel_size": kernel,
        **beyond_defaults(stride=(stride, kernel), padding=(padding, 0)),
    }
    return Call(
        constructor, arguments=arguments, roles=("image" if len(given.shape) == 3 else "any",)
    )


def _short(value: int | tuple[int, int]) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (value,)
