"""Layers that keep values in a healthy range, and dropout, which keeps units from leaning on each other."""

from functools import partial
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from builder.layers import needs
from builder.layers.base import (
    Call,
    Inputs,
    LayerType,
    Mismatch,
    TensorType,
    beyond_defaults,
    knob,
)
from builder.layers.bounds import Epsilon, Share, Width

FLAT: Inputs = ((TensorType((16,), "float32", "features"),),)
IMAGE: Inputs = ((TensorType((8, 6, 6), "float32", "image"),),)
SEQUENCE: Inputs = ((TensorType((6, 8), "float32", "sequence"),),)

Momentum = Annotated[float, Field(gt=0, le=1)]

_momentum = partial(
    knob,
    title="Momentum",
    description="How fast the running mean follows each batch. 0.1 suits most. "
    "Less is steadier with small batches.",
    step=0.01,
)
_affine = partial(
    knob,
    title="Learned scale and shift",
    description="Lets the layer learn its own scale and shift afterwards. Usually on. "
    "Costs two weights a channel.",
)
_eps = partial(
    knob,
    title="Epsilon",
    description="A small number that prevents division by zero. Rarely changed. "
    "More makes the layer gentler.",
)
_over = partial(
    knob,
    title="Over",
    description="Features: each step or pixel by itself. All: everything of a sample together. "
    "Features suits transformers.",
    essential=True,
)


class BatchNorm1d(LayerType):
    """Each feature gets mean 0 and spread 1 over the batch.

    Flat input: each of its features. A sequence (steps × features): each feature over all steps. Anything
    else with two axes is channels × steps, as Conv1d makes it: each channel over all steps.
    """

    kind: ClassVar[str] = "batch_norm1d"
    family: ClassVar[Literal["normalisation"]] = "normalisation"
    title: ClassVar[str] = "BatchNorm1d"
    normalises: ClassVar[Literal["", "channels", "samples"]] = "channels"
    passes: ClassVar[bool] = True
    summary: ClassVar[str] = "Gives each feature mean 0 and spread 1 over the batch."
    when: ClassVar[str] = (
        "After Linear or Conv1d, for faster, steadier training; batches of 8 or more."
    )
    synonyms: ClassVar[tuple[str, ...]] = ("batch normalisation", "bn", "normalize")
    slug: ClassVar[str] = "norm"
    mixes_samples: ClassVar[bool] = True
    follows: ClassVar[tuple[str, ...]] = ("relu", "gelu", "dropout")
    example: ClassVar[Inputs] = FLAT

    momentum: Momentum = _momentum(0.1)
    eps: Epsilon = _eps(1e-5)
    affine: bool = _affine(True)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        wrong = needs.numbers(given)
        if wrong or len(given.shape) in (1, 2):
            return wrong
        instead = "Use BatchNorm2d." if len(given.shape) == 3 else "Put Flatten before it."
        return Mismatch("flat features, a sequence or channels × steps", instead)

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0]
        last = given.role == "sequence" and len(given.shape) == 2
        forward = "{self}({in}.transpose(1, 2)).transpose(1, 2)" if last else "{self}({in})"
        features = given.shape[-1] if last else given.shape[0]
        return Call("nn.BatchNorm1d", forward, _batch_norm(self, features), roles=(given.role,))


class BatchNorm2d(LayerType):
    """Each channel of an image gets mean 0 and spread 1 over the batch."""

    kind: ClassVar[str] = "batch_norm2d"
    family: ClassVar[Literal["normalisation"]] = "normalisation"
    title: ClassVar[str] = "BatchNorm2d"
    normalises: ClassVar[Literal["", "channels", "samples"]] = "channels"
    passes: ClassVar[bool] = True
    summary: ClassVar[str] = "Gives each channel of an image mean 0 and spread 1 over the batch."
    when: ClassVar[str] = "After Conv2d, for faster, steadier training; batches of 8 or more."
    synonyms: ClassVar[tuple[str, ...]] = ("batch normalisation", "bn", "normalize")
    slug: ClassVar[str] = "norm"
    mixes_samples: ClassVar[bool] = True
    follows: ClassVar[tuple[str, ...]] = ("relu", "silu", "max_pool2d")
    example: ClassVar[Inputs] = IMAGE

    momentum: Momentum = _momentum(0.1)
    eps: Epsilon = _eps(1e-5)
    affine: bool = _affine(True)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.image(inputs[0][0], instead="BatchNorm1d")

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = _batch_norm(self, inputs[0][0].shape[0])
        return Call("nn.BatchNorm2d", arguments=arguments, roles=("image",))


class InstanceNorm2d(LayerType):
    """Each channel of each image gets mean 0 and spread 1."""

    kind: ClassVar[str] = "instance_norm2d"
    family: ClassVar[Literal["normalisation"]] = "normalisation"
    title: ClassVar[str] = "InstanceNorm2d"
    normalises: ClassVar[Literal["", "channels", "samples"]] = "channels"
    summary: ClassVar[str] = "Gives each channel of each image by itself mean 0 and spread 1."
    when: ClassVar[str] = "In generators and style transfer, where contrast should not matter."
    synonyms: ClassVar[tuple[str, ...]] = ("instance normalisation", "style", "contrast")
    slug: ClassVar[str] = "norm"
    follows: ClassVar[tuple[str, ...]] = ("relu", "leaky_relu", "conv2d")
    example: ClassVar[Inputs] = IMAGE

    eps: Epsilon = _eps(1e-5)
    affine: bool = _affine(False)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        wrong = needs.image(given)
        if wrong or given.shape[1] * given.shape[2] > 1:
            return wrong
        return Mismatch("more than one pixel a channel", "Put it before the last pooling.")

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {
            "num_features": inputs[0][0].shape[0],
            **beyond_defaults(eps=(self.eps, 1e-5), affine=(self.affine, False)),
        }
        return Call("nn.InstanceNorm2d", arguments=arguments, roles=("image",))


class GroupNorm(LayerType):
    """Groups of channels of each sample get mean 0 and spread 1."""

    kind: ClassVar[str] = "group_norm"
    family: ClassVar[Literal["normalisation"]] = "normalisation"
    title: ClassVar[str] = "GroupNorm"
    normalises: ClassVar[Literal["", "channels", "samples"]] = "samples"
    summary: ClassVar[str] = "Gives groups of channels of each sample mean 0 and spread 1."
    when: ClassVar[str] = "Instead of BatchNorm2d when batches are small."
    synonyms: ClassVar[tuple[str, ...]] = ("group normalisation", "gn", "normalize")
    slug: ClassVar[str] = "norm"
    follows: ClassVar[tuple[str, ...]] = ("silu", "relu", "conv2d")
    example: ClassVar[Inputs] = IMAGE

    num_groups: Width = knob(
        8,
        "Groups",
        "How many groups the channels are split into. Must divide the channels. "
        "1 normalises all together.",
        essential=True,
    )
    eps: Epsilon = _eps(1e-5)
    affine: bool = _affine(True)

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
    summary: ClassVar[str] = "Gives the features of each step or sample mean 0 and spread 1."
    when: ClassVar[str] = "In transformers and recurrent networks, whatever the batch size."
    synonyms: ClassVar[tuple[str, ...]] = ("layer normalisation", "ln", "normalize")
    slug: ClassVar[str] = "norm"
    follows: ClassVar[tuple[str, ...]] = ("multihead_attention", "linear", "gelu")
    example: ClassVar[Inputs] = SEQUENCE

    over: Literal["features", "all"] = _over("features")
    eps: Epsilon = _eps(1e-5)
    elementwise_affine: bool = _affine(True)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.axes(inputs[0][0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        settings = beyond_defaults(
            eps=(self.eps, 1e-5), elementwise_affine=(self.elementwise_affine, True)
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
    summary: ClassVar[str] = "Scales the features of each step or sample to the same strength."
    when: ClassVar[str] = "Instead of LayerNorm in language models; a little cheaper."
    synonyms: ClassVar[tuple[str, ...]] = ("root mean square", "normalize", "llama")
    slug: ClassVar[str] = "norm"
    follows: ClassVar[tuple[str, ...]] = ("multihead_attention", "linear", "silu")
    example: ClassVar[Inputs] = SEQUENCE

    over: Literal["features", "all"] = _over("features")
    elementwise_affine: bool = _affine(True)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.axes(inputs[0][0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        settings = beyond_defaults(elementwise_affine=(self.elementwise_affine, True))
        return _over_features("nn.RMSNorm", self.over, inputs[0][0], settings)

    def brief(self) -> str:
        return "" if self.over == "features" else "over all"


class Dropout(LayerType):
    """Random values become 0 while training."""

    kind: ClassVar[str] = "dropout"
    family: ClassVar[Literal["normalisation"]] = "normalisation"
    title: ClassVar[str] = "Dropout"
    drops: ClassVar[bool] = True
    passes: ClassVar[bool] = True
    summary: ClassVar[str] = "Sets random values to 0 while training, none afterwards."
    when: ClassVar[str] = "Against overfitting, before the last layers."
    more: ClassVar[str] = "More slows learning."
    synonyms: ClassVar[tuple[str, ...]] = ("regularisation", "overfitting", "noise")
    follows: ClassVar[tuple[str, ...]] = ("linear", "conv2d")
    example: ClassVar[Inputs] = FLAT

    p: Share = knob(
        0.2,
        "Share dropped",
        "How many of the values become 0 in training. 0.1 to 0.5 against overfitting. "
        "More slows learning.",
        essential=True,
        step=0.05,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.numbers(inputs[0][0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        return Call("nn.Dropout", arguments={"p": self.p}, roles=(inputs[0][0].role,))

    def brief(self) -> str:
        return f"{self.p:.0%}"


class Dropout2d(LayerType):
    """Random whole channels become 0 while training."""

    kind: ClassVar[str] = "dropout2d"
    family: ClassVar[Literal["normalisation"]] = "normalisation"
    title: ClassVar[str] = "Dropout2d"
    drops: ClassVar[bool] = True
    passes: ClassVar[bool] = True
    summary: ClassVar[str] = "Sets random whole channels of an image to 0 while training."
    when: ClassVar[str] = "Against overfitting between convolutions, where neighbours are alike."
    synonyms: ClassVar[tuple[str, ...]] = ("spatial dropout", "regularisation", "overfitting")
    slug: ClassVar[str] = "dropout"
    follows: ClassVar[tuple[str, ...]] = ("conv2d", "flatten")
    example: ClassVar[Inputs] = IMAGE

    p: Share = knob(
        0.1,
        "Share dropped",
        "How many of the channels become 0 in training. 0.05 to 0.3 suits convolutions. "
        "More slows learning.",
        essential=True,
        step=0.05,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.image(inputs[0][0], instead="Dropout")

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        return Call("nn.Dropout2d", arguments={"p": self.p}, roles=("image",))

    def brief(self) -> str:
        return f"{self.p:.0%}"


def _batch_norm(layer: BatchNorm1d | BatchNorm2d, features: int) -> dict[str, Any]:
    return {
        "num_features": features,
        **beyond_defaults(
            eps=(layer.eps, 1e-5), momentum=(layer.momentum, 0.1), affine=(layer.affine, True)
        ),
    }


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
