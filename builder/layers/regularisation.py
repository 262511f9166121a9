"""Noise and damping around deep branches: stochastic depth, Gaussian noise, layer scale."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from builder.layers import needs
from builder.layers.base import Call, Inputs, LayerType, Mismatch, TensorType, knob
from builder.layers.bounds import Share

FLAT: Inputs = ((TensorType((16,), "float32", "features"),),)
IMAGE: Inputs = ((TensorType((8, 6, 6), "float32", "image"),),)


class DropPath(LayerType):
    """Whole samples become 0 while training."""

    kind: ClassVar[str] = "drop_path"
    family: ClassVar[Literal["normalisation"]] = "normalisation"
    title: ClassVar[str] = "Drop path"
    reference: ClassVar[str] = "https://arxiv.org/abs/1603.09382"
    summary: ClassVar[str] = "Skips a whole branch for random samples while training."
    when: ClassVar[str] = "At the end of a residual branch, right before Add, in deep networks."
    synonyms: ClassVar[tuple[str, ...]] = ("stochastic depth", "regularisation", "skip layers")
    example: ClassVar[Inputs] = IMAGE

    p: Share = knob(
        0.1,
        "Share skipped",
        "For how many of the samples the branch is skipped. 0.1 to 0.2, more in deeper layers. "
        "More slows learning.",
        essential=True,
        step=0.05,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.numbers(inputs[0][0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        return Call("modules.DropPath", arguments={"p": self.p}, roles=(inputs[0][0].role,))

    def brief(self) -> str:
        return f"{self.p:.0%}"


class GaussianNoise(LayerType):
    """Random numbers are added while training."""

    kind: ClassVar[str] = "gaussian_noise"
    family: ClassVar[Literal["normalisation"]] = "normalisation"
    title: ClassVar[str] = "Gaussian noise"
    reference: ClassVar[str] = "https://doi.org/10.1162/neco.1995.7.1.108"
    summary: ClassVar[str] = "Adds random numbers while training, none afterwards."
    when: ClassVar[str] = "Against overfitting on measurements, or for a denoising autoencoder."
    synonyms: ClassVar[tuple[str, ...]] = ("jitter", "denoising", "augmentation", "regularisation")
    slug: ClassVar[str] = "noise"
    example: ClassVar[Inputs] = FLAT

    std: Annotated[float, Field(ge=0, le=100)] = knob(
        0.1,
        "Spread",
        "Standard deviation of what is added. 0.05 to 0.3 for inputs of spread 1. More hides more.",
        essential=True,
        step=0.05,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.numbers(inputs[0][0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        return Call(
            "modules.GaussianNoise", arguments={"std": self.std}, roles=(inputs[0][0].role,)
        )

    def brief(self) -> str:
        return f"spread {self.std:g}"


class LayerScale(LayerType):
    """One learned factor for each feature, small at first."""

    kind: ClassVar[str] = "layer_scale"
    family: ClassVar[Literal["normalisation"]] = "normalisation"
    title: ClassVar[str] = "Layer scale"
    reference: ClassVar[str] = "https://arxiv.org/abs/2103.17239"
    summary: ClassVar[str] = "Multiplies each feature by a learned factor that starts small."
    when: ClassVar[str] = "At the end of a residual branch, so that deep networks start gently."
    synonyms: ClassVar[tuple[str, ...]] = ("gamma", "cait", "convnext", "scale")
    slug: ClassVar[str] = "scale"
    example: ClassVar[Inputs] = IMAGE

    start: Annotated[float, Field(gt=0, le=1)] = knob(
        0.01,
        "First value",
        "What each factor is before training. 0.01 suits most, 0.000001 very deep networks. "
        "More starts less gently.",
        essential=True,
        step=0.01,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.axes(inputs[0][0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0]
        sizes = (given.shape[0], 1, 1) if given.role == "image" else given.shape[-1:]
        arguments = {"sizes": sizes, "start": self.start}
        return Call("modules.LayerScale", arguments=arguments, roles=(given.role,))

    def brief(self) -> str:
        return f"from {self.start:g}"
