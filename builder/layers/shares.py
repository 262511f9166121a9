"""Functions that make values of one axis into shares of a whole."""

from typing import Any, ClassVar

from builder.layers import needs
from builder.layers.base import Inputs, Mismatch, TensorType, knob
from builder.layers.bounds import Axis
from builder.layers.pointwise import Activation


class _Shares(Activation):
    """What softmax and its logarithm have in common: an axis whose values become shares of a whole."""

    shares: ClassVar[bool] = True

    axis: Axis = knob(
        -1,
        "Axis",
        "Along which axis the shares add up to 1. -1 is the last, right for classes. "
        "0 is the channels of an image.",
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.axes(inputs[0][0]) or needs.axis_there(self.axis, inputs[0][0])

    def settings(self, given: TensorType) -> dict[str, Any]:
        return {"dim": self.axis if self.axis < 0 else self.axis + 1}


class Softmax(_Shares):
    """Logits become shares that add up to 1."""

    kind: ClassVar[str] = "softmax"
    title: ClassVar[str] = "Softmax"
    reference: ClassVar[str] = "torch.nn.Softmax"
    summary: ClassVar[str] = "Turns logits into shares that add up to 1."
    when: ClassVar[str] = "For attention weights; not before cross-entropy, which has its own."
    synonyms: ClassVar[tuple[str, ...]] = ("probabilities", "normalise", "classes")


class LogSoftmax(_Shares):
    """Logits become logarithms of shares."""

    kind: ClassVar[str] = "log_softmax"
    title: ClassVar[str] = "LogSoftmax"
    reference: ClassVar[str] = "torch.nn.LogSoftmax"
    summary: ClassVar[str] = "Turns logits into logarithms of shares that add up to 1."
    when: ClassVar[str] = "For losses that want log-probabilities."
    synonyms: ClassVar[tuple[str, ...]] = ("log probabilities", "nll", "classes")


class Softmin(_Shares):
    """The smallest values get the largest shares."""

    kind: ClassVar[str] = "softmin"
    title: ClassVar[str] = "Softmin"
    reference: ClassVar[str] = "torch.nn.Softmin"
    summary: ClassVar[str] = "Turns values into shares that add up to 1, more for smaller ones."
    when: ClassVar[str] = "To weigh by closeness, where small distances should count most."
    synonyms: ClassVar[tuple[str, ...]] = ("probabilities", "smallest", "distance")


class Softmax2d(Activation):
    """Shares among the channels at each pixel."""

    kind: ClassVar[str] = "softmax2d"
    title: ClassVar[str] = "Softmax2d"
    shares: ClassVar[bool] = True
    reference: ClassVar[str] = "torch.nn.Softmax2d"
    summary: ClassVar[str] = "Turns the channels of each pixel into shares that add up to 1."
    when: ClassVar[str] = "For class maps, one channel a class; not before cross-entropy."
    synonyms: ClassVar[tuple[str, ...]] = ("probabilities", "segmentation", "channels")
    example: ClassVar[Inputs] = ((TensorType((3, 4, 4), "float32", "image"),),)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.image(inputs[0][0], instead="Softmax")
