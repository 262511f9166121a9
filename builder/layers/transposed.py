"""Convolutions the other way round: each value is spread over several, so that things grow."""

from functools import partial
from typing import Any, ClassVar, Generic, Literal

from builder.layers import needs, sliding
from builder.layers.base import (
    Call,
    Inputs,
    LayerType,
    Mismatch,
    TensorType,
    beyond_defaults,
    knob,
)
from builder.layers.bounds import (
    Amount,
    AmountPair,
    AmountTriple,
    Size,
    SizePair,
    SizeTriple,
    Width,
    sides,
    times,
)
from builder.layers.sliding import IMAGE, STEPS, VOLUME, A, S

_extra = partial(
    knob,
    title="Extra size",
    description="Adds to one side of the output, to hit an exact size. "
    "Usually 0. Must be smaller than the stride.",
)


class _ConvTranspose(LayerType, Generic[S, A]):
    """What transposed convolutions over one, two and three axes have in common."""

    family: ClassVar[Literal["convolution"]] = "convolution"
    linear_map: ClassVar[bool] = True
    slug: ClassVar[str] = "deconv"
    axes: ClassVar[int]
    instead: ClassVar[str] = ""

    out_channels: Width = sliding.filters(32)
    kernel_size: S = sliding.kernel(4)
    stride: S = sliding.stride(2)
    padding: A = sliding.padding(1)
    output_padding: A = _extra(0)
    dilation: S = sliding.dilation(1)
    groups: Width = sliding.groups(1)
    bias: bool = sliding.bias(True)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        return (
            sliding.laid_out(given, self.axes, instead=self.instead)
            or sliding.groups_fit(self.groups, given.shape[0], self.out_channels)
            or self._fits(given.shape[1:])
        )

    def _fits(self, sizes: tuple[int, ...]) -> Mismatch | None:
        """Refuses sizes that it would shrink to nothing or blow up beyond any machine."""
        made: list[int] = []
        knobs = (self.kernel_size, self.stride, self.padding, self.output_padding, self.dilation)
        each = zip(sizes, *(sides(value, self.axes) for value in knobs), strict=True)
        for given, kernel, stride, padding, extra, dilation in each:
            if extra >= max(stride, dilation):
                return Mismatch(
                    f"an extra size below its stride of {stride}",
                    f"Set extra size to {stride - 1} or less.",
                    knob="output_padding",
                )
            size = (given - 1) * stride + dilation * (kernel - 1) + extra + 1
            if size <= 2 * padding:
                return Mismatch(
                    f"padding that leaves something: {size} values less twice {padding} is nothing",
                    f"Set padding to {(size - 1) // 2} or less.",
                    knob="padding",
                )
            made.append(size - 2 * padding)
        return needs.holdable((self.out_channels, *made), knob="stride")

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments: dict[str, Any] = {
            "in_channels": inputs[0][0].shape[0],
            "out_channels": self.out_channels,
            "kernel_size": self.kernel_size,
            **beyond_defaults(
                stride=(self.stride, 1),
                padding=(self.padding, 0),
                output_padding=(self.output_padding, 0),
                dilation=(self.dilation, 1),
                groups=(self.groups, 1),
                bias=(self.bias, True),
            ),
        }
        return Call(f"nn.{self.title}", arguments=arguments, roles=(sliding.ROLES[self.axes],))

    def brief(self) -> str:
        return f"{self.out_channels} filters · {times(sides(self.kernel_size, self.axes))}"


class ConvTranspose1d(_ConvTranspose[Size, Amount]):
    """Each step is spread over several."""

    kind: ClassVar[str] = "conv_transpose1d"
    title: ClassVar[str] = "ConvTranspose1d"
    reference: ClassVar[str] = "torch.nn.ConvTranspose1d"
    summary: ClassVar[str] = "Makes channels × steps longer with learned filters."
    when: ClassVar[str] = "In decoders and generators of signals."
    more: ClassVar[str] = "Stride 2 doubles the steps."
    synonyms: ClassVar[tuple[str, ...]] = ("deconvolution", "transposed convolution", "upsampling")
    example: ClassVar[Inputs] = STEPS
    axes: ClassVar[int] = 1
    instead: ClassVar[str] = "Linear"


class ConvTranspose2d(_ConvTranspose[SizePair, AmountPair]):
    """Each point is spread over several."""

    kind: ClassVar[str] = "conv_transpose2d"
    title: ClassVar[str] = "ConvTranspose2d"
    reference: ClassVar[str] = "torch.nn.ConvTranspose2d"
    summary: ClassVar[str] = "Makes an image larger with learned filters."
    when: ClassVar[str] = "In decoders and generators of images."
    more: ClassVar[str] = "Stride 2 doubles height and width."
    synonyms: ClassVar[tuple[str, ...]] = (
        "deconvolution",
        "transposed convolution",
        "upsampling",
        "decoder",
    )
    example: ClassVar[Inputs] = IMAGE
    axes: ClassVar[int] = 2


class ConvTranspose3d(_ConvTranspose[SizeTriple, AmountTriple]):
    """Each point of a volume is spread over several."""

    kind: ClassVar[str] = "conv_transpose3d"
    title: ClassVar[str] = "ConvTranspose3d"
    reference: ClassVar[str] = "torch.nn.ConvTranspose3d"
    summary: ClassVar[str] = "Makes channels × depth × height × width larger with learned filters."
    when: ClassVar[str] = "In decoders of scans and videos."
    more: ClassVar[str] = "Stride 2 makes eight times as many values."
    synonyms: ClassVar[tuple[str, ...]] = (
        "deconvolution",
        "transposed convolution",
        "upsampling",
        "volume",
        "video",
    )
    example: ClassVar[Inputs] = VOLUME
    axes: ClassVar[int] = 3
