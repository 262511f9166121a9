"""Pools whose output has a chosen size, whatever goes in; and those that leave one value a channel or feature."""

from functools import partial
from typing import Any, ClassVar, Generic, Literal

from builder.layers import needs, sliding
from builder.layers.base import Call, Family, Inputs, LayerType, Mismatch, Port, TensorType, knob
from builder.layers.bounds import Size, SizePair, SizeTriple, sides, times
from builder.layers.sliding import IMAGE, STEPS, VOLUME, S

_size = partial(
    knob,
    title="Output size",
    description="What comes out along each axis, whatever goes in. 1 keeps one value a channel. "
    "More keeps more of the layout.",
    essential=True,
)


class _Adaptive(LayerType, Generic[S]):
    """What pools to a chosen size have in common."""

    family: ClassVar[Literal["pooling"]] = "pooling"
    slug: ClassVar[str] = "pool"
    axes: ClassVar[int]
    averages: ClassVar[bool] = True

    output_size: S = _size(1)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        made = (*given.shape[:1], *sides(self.output_size, self.axes))
        return sliding.laid_out(given, self.axes) or needs.holdable(made, knob="output_size")

    @classmethod
    def shrink(cls, given: TensorType) -> dict[str, Any] | None:
        """Keeps 4 values along each axis of a channel."""
        fits = len(given.shape) == cls.axes + 1 and cls().accepts((given,)) is None
        return {"output_size": 4} if fits and cls.averages and min(given.shape[1:]) > 4 else None

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {"output_size": self.output_size}
        return Call(f"nn.{self.title}", arguments=arguments, roles=(sliding.ROLES[self.axes],))

    def brief(self) -> str:
        return f"to {times(sides(self.output_size, self.axes))}"


class AdaptiveAvgPool1d(_Adaptive[Size]):
    """The mean of as many stretches as wanted."""

    kind: ClassVar[str] = "adaptive_avg_pool1d"
    title: ClassVar[str] = "AdaptiveAvgPool1d"
    reference: ClassVar[str] = "torch.nn.AdaptiveAvgPool1d"
    summary: ClassVar[str] = "Averages channels × steps down to a chosen number of steps."
    when: ClassVar[str] = "Before Flatten, when signals vary in length."
    synonyms: ClassVar[tuple[str, ...]] = ("average pooling", "resize", "adaptive")
    example: ClassVar[Inputs] = STEPS
    axes: ClassVar[int] = 1


class AdaptiveAvgPool2d(_Adaptive[SizePair]):
    """The mean of as many windows as wanted."""

    kind: ClassVar[str] = "adaptive_avg_pool2d"
    title: ClassVar[str] = "AdaptiveAvgPool2d"
    reference: ClassVar[str] = "torch.nn.AdaptiveAvgPool2d"
    summary: ClassVar[str] = "Averages an image down to a chosen height and width."
    when: ClassVar[str] = "Before Flatten, when images vary in size."
    synonyms: ClassVar[tuple[str, ...]] = ("average pooling", "resize", "adaptive")
    example: ClassVar[Inputs] = IMAGE
    axes: ClassVar[int] = 2


class AdaptiveAvgPool3d(_Adaptive[SizeTriple]):
    """The mean of as many boxes as wanted."""

    kind: ClassVar[str] = "adaptive_avg_pool3d"
    title: ClassVar[str] = "AdaptiveAvgPool3d"
    reference: ClassVar[str] = "torch.nn.AdaptiveAvgPool3d"
    summary: ClassVar[str] = "Averages a volume down to a chosen depth, height and width."
    when: ClassVar[str] = "Before Flatten, when scans or videos vary in size."
    synonyms: ClassVar[tuple[str, ...]] = ("average pooling", "resize", "adaptive")
    example: ClassVar[Inputs] = VOLUME
    axes: ClassVar[int] = 3


class AdaptiveMaxPool1d(_Adaptive[Size]):
    """The largest of as many stretches as wanted."""

    kind: ClassVar[str] = "adaptive_max_pool1d"
    title: ClassVar[str] = "AdaptiveMaxPool1d"
    reference: ClassVar[str] = "torch.nn.AdaptiveMaxPool1d"
    summary: ClassVar[str] = (
        "Keeps the largest values of channels × steps at a chosen number of steps."
    )
    when: ClassVar[str] = "Where it matters that a pattern occurs, not how often."
    synonyms: ClassVar[tuple[str, ...]] = ("max pooling", "resize", "adaptive")
    example: ClassVar[Inputs] = STEPS
    axes: ClassVar[int] = 1
    averages: ClassVar[bool] = False


class AdaptiveMaxPool2d(_Adaptive[SizePair]):
    """The largest of as many windows as wanted."""

    kind: ClassVar[str] = "adaptive_max_pool2d"
    title: ClassVar[str] = "AdaptiveMaxPool2d"
    reference: ClassVar[str] = "torch.nn.AdaptiveMaxPool2d"
    summary: ClassVar[str] = "Keeps the largest values of an image at a chosen height and width."
    when: ClassVar[str] = "Where it matters that a pattern occurs, not how often."
    synonyms: ClassVar[tuple[str, ...]] = ("max pooling", "resize", "adaptive")
    example: ClassVar[Inputs] = IMAGE
    axes: ClassVar[int] = 2
    averages: ClassVar[bool] = False


class AdaptiveMaxPool3d(_Adaptive[SizeTriple]):
    """The largest of as many boxes as wanted."""

    kind: ClassVar[str] = "adaptive_max_pool3d"
    title: ClassVar[str] = "AdaptiveMaxPool3d"
    reference: ClassVar[str] = "torch.nn.AdaptiveMaxPool3d"
    summary: ClassVar[str] = (
        "Keeps the largest values of a volume at a chosen depth, height and width."
    )
    when: ClassVar[str] = "Where it matters that a pattern occurs, not how often."
    synonyms: ClassVar[tuple[str, ...]] = ("max pooling", "resize", "adaptive")
    example: ClassVar[Inputs] = VOLUME
    axes: ClassVar[int] = 3
    averages: ClassVar[bool] = False


class GlobalAvgPool(LayerType):
    """The mean of each channel, as one flat list."""

    kind: ClassVar[str] = "global_avg_pool"
    family: ClassVar[Literal["pooling"]] = "pooling"
    title: ClassVar[str] = "Global average pool"
    reference: ClassVar[str] = "https://arxiv.org/abs/1312.4400"
    summary: ClassVar[str] = "Takes the mean of each channel over the whole image or signal."
    when: ClassVar[str] = "Before the last Linear, instead of Flatten, for far fewer weights."
    synonyms: ClassVar[tuple[str, ...]] = ("gap", "mean", "global pooling", "average pooling")
    slug: ClassVar[str] = "pool"
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
    reference: ClassVar[str] = "torch.mean"
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
    usual_after: ClassVar[tuple[Family, ...]] = ("attention",)
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
