"""Layers that keep the values of each sample in a healthy range, whatever the batch."""

from functools import partial
from typing import Any, ClassVar, Literal

from builder.layers import needs, scales
from builder.layers.base import (
    Call,
    Family,
    Inputs,
    LayerType,
    Mismatch,
    TensorType,
    beyond_defaults,
    knob,
)
from builder.layers.bounds import Epsilon, Positive, Size, Width

IMAGE: Inputs = ((TensorType((8, 6, 6), "float32", "image"),),)
SEQUENCE: Inputs = ((TensorType((6, 8), "float32", "sequence"),),)

_over = partial(
    knob,
    title="Over",
    description="Features: each step or pixel by itself. All: everything of a sample together. "
    "Features suits transformers.",
    essential=True,
)


class GroupNorm(LayerType):
    """Groups of channels of each sample get mean 0 and spread 1."""

    kind: ClassVar[str] = "group_norm"
    family: ClassVar[Literal["normalisation"]] = "normalisation"
    title: ClassVar[str] = "GroupNorm"
    normalises: ClassVar[Literal["", "channels", "samples"]] = "samples"
    reference: ClassVar[str] = "torch.nn.GroupNorm"
    summary: ClassVar[str] = "Gives groups of channels of each sample mean 0 and spread 1."
    when: ClassVar[str] = "Instead of BatchNorm2d when batches are small."
    synonyms: ClassVar[tuple[str, ...]] = ("group normalisation", "gn", "normalize")
    slug: ClassVar[str] = "norm"
    example: ClassVar[Inputs] = IMAGE

    num_groups: Width = knob(
        8,
        "Groups",
        "How many groups the channels are split into. Must divide the channels. "
        "1 normalises all together.",
        essential=True,
    )
    eps: Epsilon = scales.eps(1e-5)
    affine: bool = scales.affine(True)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        if given.role == "sequence":
            return Mismatch("channels on the first axis", "Use LayerNorm for a sequence.")
        return needs.axes(given) or needs.divides(
            self.num_groups, given.shape[0], knob="num_groups", named="groups", words="channels"
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0]
        arguments = {
            "num_groups": self.num_groups,
            "num_channels": given.shape[0],
            **beyond_defaults(eps=(self.eps, 1e-5), affine=(self.affine, True)),
        }
        return Call("nn.GroupNorm", arguments=arguments, roles=(given.role,))

    def brief(self) -> str:
        return f"{self.num_groups} groups"


class LayerNorm(LayerType):
    """The features of each step, pixel or sample get mean 0 and spread 1."""

    kind: ClassVar[str] = "layer_norm"
    family: ClassVar[Literal["normalisation"]] = "normalisation"
    title: ClassVar[str] = "LayerNorm"
    normalises: ClassVar[Literal["", "channels", "samples"]] = "samples"
    reference: ClassVar[str] = "torch.nn.LayerNorm"
    summary: ClassVar[str] = "Gives the features of each step or sample mean 0 and spread 1."
    when: ClassVar[str] = "In transformers and recurrent networks, whatever the batch size."
    synonyms: ClassVar[tuple[str, ...]] = ("layer normalisation", "ln", "normalize")
    slug: ClassVar[str] = "norm"
    usual_after: ClassVar[tuple[Family, ...]] = ("merge", "attention", "recurrent")
    example: ClassVar[Inputs] = SEQUENCE

    over: Literal["features", "all"] = _over("features")
    eps: Epsilon = scales.eps(1e-5)
    elementwise_affine: bool = scales.affine(True)
    bias: bool = knob(
        True,
        "Learned shift",
        "Whether a learned number is added after the learned scale. Usually on. Off saves a few weights.",
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.axes(inputs[0][0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        settings = beyond_defaults(
            eps=(self.eps, 1e-5),
            elementwise_affine=(self.elementwise_affine, True),
            bias=(self.bias, True),
        )
        return _over_features("nn.LayerNorm", self.over, inputs[0][0], settings)

    def brief(self) -> str:
        return "" if self.over == "features" else "over all"


class RMSNorm(LayerType):
    """The features of each step, pixel or sample get root mean square 1."""

    kind: ClassVar[str] = "rms_norm"
    family: ClassVar[Literal["normalisation"]] = "normalisation"
    title: ClassVar[str] = "RMSNorm"
    normalises: ClassVar[Literal["", "channels", "samples"]] = "samples"
    reference: ClassVar[str] = "torch.nn.RMSNorm"
    summary: ClassVar[str] = "Scales the features of each step or sample to the same strength."
    when: ClassVar[str] = "Instead of LayerNorm in language models; a little cheaper."
    synonyms: ClassVar[tuple[str, ...]] = ("root mean square", "normalize", "llama")
    slug: ClassVar[str] = "norm"
    example: ClassVar[Inputs] = SEQUENCE

    over: Literal["features", "all"] = _over("features")
    eps: Epsilon = scales.eps(1e-6)
    elementwise_affine: bool = knob(
        True,
        "Learned scale",
        "Lets the layer learn its own scale afterwards. Usually on. Costs a weight a feature.",
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.axes(inputs[0][0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        settings = {
            "eps": self.eps,
            **beyond_defaults(elementwise_affine=(self.elementwise_affine, True)),
        }
        return _over_features("nn.RMSNorm", self.over, inputs[0][0], settings)

    def brief(self) -> str:
        return "" if self.over == "features" else "over all"


class LocalResponseNorm(LayerType):
    """Channels that are strong quiet their neighbours."""

    kind: ClassVar[str] = "local_response_norm"
    family: ClassVar[Literal["normalisation"]] = "normalisation"
    title: ClassVar[str] = "LocalResponseNorm"
    reference: ClassVar[str] = "torch.nn.LocalResponseNorm"
    summary: ClassVar[str] = "Lets strong channels quiet their neighbours at the same place."
    when: ClassVar[str] = "To rebuild AlexNet; elsewhere BatchNorm2d serves better."
    synonyms: ClassVar[tuple[str, ...]] = ("lrn", "alexnet", "lateral inhibition", "normalize")
    slug: ClassVar[str] = "norm"
    example: ClassVar[Inputs] = IMAGE

    size: Size = knob(
        5,
        "Neighbours",
        "How many channels around each one count, itself included. 5 is usual. More compares more widely.",
        essential=True,
    )
    alpha: Positive = knob(
        1e-4,
        "Strength",
        "How much neighbours quiet a channel. 0.0001 is usual. More evens out more.",
    )
    beta: Positive = knob(
        0.75, "Exponent", "How sharply it acts. 0.75 is usual. More quiets strong places more."
    )
    k: Positive = knob(
        1.0, "Base", "What the sum starts from. 1 or 2 is usual. More makes the layer gentler."
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        if given.role == "sequence":
            return Mismatch("channels on the first axis", "Use LayerNorm for a sequence.")
        return needs.axes(given, 2)

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {
            "size": self.size,
            **beyond_defaults(alpha=(self.alpha, 1e-4), beta=(self.beta, 0.75), k=(self.k, 1.0)),
        }
        return Call("nn.LocalResponseNorm", arguments=arguments, roles=(inputs[0][0].role,))

    def brief(self) -> str:
        return f"{self.size} neighbours"


def _over_features(
    constructor: str, over: Literal["features", "all"], given: TensorType, settings: dict[str, Any]
) -> Call:
    """Images keep their features on the first axis, everything else on the last."""
    forward, shape = "{self}({in})", given.shape[-1:]
    if over == "all":
        shape = given.shape
    elif given.role == "image" and len(given.shape) == 3:
        forward = "{self}({in}.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)"
        shape = given.shape[:1]
    normalized = shape[0] if len(shape) == 1 else shape
    arguments = {"normalized_shape": normalized, **settings}
    return Call(constructor, forward, arguments, roles=(given.role,))
