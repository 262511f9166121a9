"""Layers that give each channel mean 0 and spread 1, over the batch or for each sample."""

from functools import partial
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from builder.layers import needs, scales, sliding
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
from builder.layers.bounds import Epsilon

FLAT: Inputs = ((TensorType((16,), "float32", "features"),),)
STEPS: Inputs = ((TensorType((8, 9)),),)
IMAGE: Inputs = ((TensorType((8, 6, 6), "float32", "image"),),)
VOLUME: Inputs = ((TensorType((8, 4, 4, 4)),),)

Momentum = Annotated[float, Field(gt=0, le=1)]

_momentum = partial(
    knob,
    title="Momentum",
    description="How fast the running mean follows each batch. 0.1 suits most. "
    "Less is steadier with small batches.",
    step=0.01,
)


class _BatchNorm(LayerType):
    """What normalisation over the batch has in common."""

    family: ClassVar[Literal["normalisation"]] = "normalisation"
    normalises: ClassVar[Literal["", "channels", "samples"]] = "channels"
    passes: ClassVar[bool] = True
    synonyms: ClassVar[tuple[str, ...]] = ("batch normalisation", "bn", "normalize")
    slug: ClassVar[str] = "norm"
    mixes_samples: ClassVar[bool] = True

    momentum: Momentum = _momentum(0.1)
    eps: Epsilon = scales.eps(1e-5)
    affine: bool = scales.affine(True)

    def settings(self, features: int) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            "num_features": features,
            **beyond_defaults(
                eps=(self.eps, 1e-5), momentum=(self.momentum, 0.1), affine=(self.affine, True)
            ),
        }


class BatchNorm1d(_BatchNorm):
    """Each feature gets mean 0 and spread 1 over the batch.

    Flat input: each of its features. A sequence (steps × features): each feature over all steps. Anything
    else with two axes is channels × steps, as Conv1d makes it: each channel over all steps.
    """

    kind: ClassVar[str] = "batch_norm1d"
    title: ClassVar[str] = "BatchNorm1d"
    reference: ClassVar[str] = "torch.nn.BatchNorm1d"
    summary: ClassVar[str] = "Gives each feature mean 0 and spread 1 over the batch."
    when: ClassVar[str] = (
        "After Linear or Conv1d, for faster, steadier training; batches of 8 or more."
    )
    usual_after: ClassVar[tuple[Family, ...]] = ("activation", "convolution", "dense")
    example: ClassVar[Inputs] = FLAT

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
        return Call("nn.BatchNorm1d", forward, self.settings(features), roles=(given.role,))


class BatchNorm2d(_BatchNorm):
    """Each channel of an image gets mean 0 and spread 1 over the batch."""

    kind: ClassVar[str] = "batch_norm2d"
    title: ClassVar[str] = "BatchNorm2d"
    reference: ClassVar[str] = "torch.nn.BatchNorm2d"
    summary: ClassVar[str] = "Gives each channel of an image mean 0 and spread 1 over the batch."
    when: ClassVar[str] = "After Conv2d, for faster, steadier training; batches of 8 or more."
    usual_after: ClassVar[tuple[Family, ...]] = ("activation", "convolution", "dense")
    example: ClassVar[Inputs] = IMAGE

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.image(inputs[0][0], instead="BatchNorm1d")

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = self.settings(inputs[0][0].shape[0])
        return Call("nn.BatchNorm2d", arguments=arguments, roles=("image",))


class BatchNorm3d(_BatchNorm):
    """Each channel of a volume gets mean 0 and spread 1 over the batch."""

    kind: ClassVar[str] = "batch_norm3d"
    title: ClassVar[str] = "BatchNorm3d"
    reference: ClassVar[str] = "torch.nn.BatchNorm3d"
    summary: ClassVar[str] = "Gives each channel of a volume mean 0 and spread 1 over the batch."
    when: ClassVar[str] = "After Conv3d, for faster, steadier training; batches of 8 or more."
    usual_after: ClassVar[tuple[Family, ...]] = ("activation", "convolution", "dense")
    example: ClassVar[Inputs] = VOLUME

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.volume(inputs[0][0], instead="BatchNorm2d")

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = self.settings(inputs[0][0].shape[0])
        return Call("nn.BatchNorm3d", arguments=arguments, roles=("any",))


class _InstanceNorm(LayerType):
    """What normalisation of each channel by itself has in common."""

    family: ClassVar[Literal["normalisation"]] = "normalisation"
    normalises: ClassVar[Literal["", "channels", "samples"]] = "channels"
    synonyms: ClassVar[tuple[str, ...]] = ("instance normalisation", "style", "contrast")
    slug: ClassVar[str] = "norm"
    axes: ClassVar[int]

    eps: Epsilon = scales.eps(1e-5)
    affine: bool = scales.affine(False)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        wrong = sliding.laid_out(given, self.axes)
        if wrong or max(given.shape[1:]) > 1:
            return wrong
        return Mismatch("more than one value a channel", "Put it before the last pooling.")

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {
            "num_features": inputs[0][0].shape[0],
            **beyond_defaults(eps=(self.eps, 1e-5), affine=(self.affine, False)),
        }
        return Call(f"nn.{self.title}", arguments=arguments, roles=(sliding.ROLES[self.axes],))


class InstanceNorm1d(_InstanceNorm):
    """Each channel of each signal gets mean 0 and spread 1."""

    kind: ClassVar[str] = "instance_norm1d"
    title: ClassVar[str] = "InstanceNorm1d"
    reference: ClassVar[str] = "torch.nn.InstanceNorm1d"
    summary: ClassVar[str] = "Gives each channel of each signal by itself mean 0 and spread 1."
    when: ClassVar[str] = "For series whose level and strength should not matter."
    example: ClassVar[Inputs] = STEPS
    axes: ClassVar[int] = 1


class InstanceNorm2d(_InstanceNorm):
    """Each channel of each image gets mean 0 and spread 1."""

    kind: ClassVar[str] = "instance_norm2d"
    title: ClassVar[str] = "InstanceNorm2d"
    reference: ClassVar[str] = "torch.nn.InstanceNorm2d"
    summary: ClassVar[str] = "Gives each channel of each image by itself mean 0 and spread 1."
    when: ClassVar[str] = "In generators and style transfer, where contrast should not matter."
    example: ClassVar[Inputs] = IMAGE
    axes: ClassVar[int] = 2


class InstanceNorm3d(_InstanceNorm):
    """Each channel of each volume gets mean 0 and spread 1."""

    kind: ClassVar[str] = "instance_norm3d"
    title: ClassVar[str] = "InstanceNorm3d"
    reference: ClassVar[str] = "torch.nn.InstanceNorm3d"
    summary: ClassVar[str] = "Gives each channel of each volume by itself mean 0 and spread 1."
    when: ClassVar[str] = "In networks for scans, with batches of one or two."
    example: ClassVar[Inputs] = VOLUME
    axes: ClassVar[int] = 3
