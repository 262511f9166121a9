"""Layers that drop values at random while training, so that units do not lean on each other."""

from functools import partial
from typing import ClassVar, Literal

from builder.layers import needs, sliding
from builder.layers.base import Call, Family, Inputs, LayerType, Mismatch, TensorType, knob
from builder.layers.bounds import Share

FLAT: Inputs = ((TensorType((16,), "float32", "features"),),)
STEPS: Inputs = ((TensorType((8, 6)),),)
IMAGE: Inputs = ((TensorType((8, 6, 6), "float32", "image"),),)
VOLUME: Inputs = ((TensorType((8, 3, 3, 3)),),)

_channels = partial(
    knob,
    title="Share dropped",
    description="How many of the channels become 0 in training. 0.05 to 0.3 suits convolutions. "
    "More slows learning.",
    essential=True,
    step=0.05,
)


class _Drop(LayerType):
    """What all dropouts have in common."""

    family: ClassVar[Literal["normalisation"]] = "normalisation"
    drops: ClassVar[bool] = True
    passes: ClassVar[bool] = True
    slug: ClassVar[str] = "dropout"

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
        return Call(f"nn.{self.title}", arguments={"p": self.p}, roles=(inputs[0][0].role,))

    def brief(self) -> str:
        return f"{self.p:.0%}"


class _DropChannels(_Drop):
    """What dropouts of whole channels have in common."""

    synonyms: ClassVar[tuple[str, ...]] = ("spatial dropout", "regularisation", "overfitting")
    axes: ClassVar[int]

    p: Share = _channels(0.1)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return sliding.laid_out(inputs[0][0], self.axes, instead=Dropout.title)


class Dropout(_Drop):
    """Random values become 0 while training."""

    kind: ClassVar[str] = "dropout"
    title: ClassVar[str] = "Dropout"
    reference: ClassVar[str] = "torch.nn.Dropout"
    summary: ClassVar[str] = "Sets random values to 0 while training, none afterwards."
    when: ClassVar[str] = "Against overfitting, before the last layers."
    more: ClassVar[str] = "More slows learning."
    synonyms: ClassVar[tuple[str, ...]] = ("regularisation", "overfitting", "noise")
    usual_after: ClassVar[tuple[Family, ...]] = (
        "activation",
        "attention",
        "dense",
        "recurrent",
        "pooling",
    )
    example: ClassVar[Inputs] = FLAT


class Dropout1d(_DropChannels):
    """Random whole channels of a signal become 0 while training."""

    kind: ClassVar[str] = "dropout1d"
    title: ClassVar[str] = "Dropout1d"
    reference: ClassVar[str] = "torch.nn.Dropout1d"
    summary: ClassVar[str] = "Sets random whole channels of channels × steps to 0 while training."
    when: ClassVar[str] = "Against overfitting between Conv1d layers, where neighbours are alike."
    example: ClassVar[Inputs] = STEPS
    axes: ClassVar[int] = 1


class Dropout2d(_DropChannels):
    """Random whole channels become 0 while training."""

    kind: ClassVar[str] = "dropout2d"
    title: ClassVar[str] = "Dropout2d"
    reference: ClassVar[str] = "torch.nn.Dropout2d"
    summary: ClassVar[str] = "Sets random whole channels of an image to 0 while training."
    when: ClassVar[str] = "Against overfitting between convolutions, where neighbours are alike."
    example: ClassVar[Inputs] = IMAGE
    axes: ClassVar[int] = 2


class Dropout3d(_DropChannels):
    """Random whole channels of a volume become 0 while training."""

    kind: ClassVar[str] = "dropout3d"
    title: ClassVar[str] = "Dropout3d"
    reference: ClassVar[str] = "torch.nn.Dropout3d"
    summary: ClassVar[str] = "Sets random whole channels of a volume to 0 while training."
    when: ClassVar[str] = "Against overfitting between Conv3d layers, where neighbours are alike."
    example: ClassVar[Inputs] = VOLUME
    axes: ClassVar[int] = 3


class AlphaDropout(_Drop):
    """Random values become what SELU gives far below zero, and the rest is rescaled."""

    kind: ClassVar[str] = "alpha_dropout"
    title: ClassVar[str] = "AlphaDropout"
    reference: ClassVar[str] = "torch.nn.AlphaDropout"
    summary: ClassVar[str] = (
        "Drops random values in training and keeps mean and spread as they were."
    )
    when: ClassVar[str] = "After SELU, where plain dropout would upset its balance."
    synonyms: ClassVar[tuple[str, ...]] = (
        "selu",
        "self-normalising",
        "regularisation",
        "overfitting",
    )
    example: ClassVar[Inputs] = FLAT


class FeatureAlphaDropout(_Drop):
    """Random whole channels become what SELU gives far below zero."""

    kind: ClassVar[str] = "feature_alpha_dropout"
    title: ClassVar[str] = "FeatureAlphaDropout"
    reference: ClassVar[str] = "torch.nn.FeatureAlphaDropout"
    summary: ClassVar[str] = "Drops random whole channels in training and keeps mean and spread."
    when: ClassVar[str] = "Between convolutions with SELU."
    synonyms: ClassVar[tuple[str, ...]] = ("selu", "spatial dropout", "regularisation")
    example: ClassVar[Inputs] = IMAGE

    p: Share = _channels(0.1)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.axes(inputs[0][0], 2)
