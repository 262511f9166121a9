"""Losses of the recipes, one class each: words, and the torch function they stand for; torch is imported on use."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from builder.spec.base import Frozen

if TYPE_CHECKING:
    from torch import Tensor

LossFunction = Callable[["Tensor", "Tensor"], "Tensor"]
"""From outputs and targets of a batch to a scalar, the mean over the batch."""


class LossKind(Frozen):
    """What is made small. Its fields are settings, given in `TrainingSpec.recipe_settings`."""

    kind: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]

    def build(self) -> LossFunction:
        """The function of (outputs, target) that gives the mean loss of a batch."""
        raise NotImplementedError


class CrossEntropy(LossKind):
    """Logits (B, classes) against class numbers (B,)."""

    kind: ClassVar[str] = "cross_entropy"
    title: ClassVar[str] = "Cross-entropy"
    summary: ClassVar[str] = "How surprised the network is by the right class."

    label_smoothing: float = Field(
        0.0,
        ge=0,
        lt=1,
        title="Label smoothing",
        description="Takes this much certainty off the right class. A little (0.1) calms overfitting.",
    )

    def build(self) -> LossFunction:
        """torch's cross_entropy."""
        from torch.nn.functional import cross_entropy

        smoothing = self.label_smoothing
        if smoothing == 0:
            return cross_entropy
        return lambda logits, target: cross_entropy(logits, target, label_smoothing=smoothing)


class NextToken(CrossEntropy):
    """Logits (B, length, vocabulary) against the tokens that follow (B, length)."""

    kind: ClassVar[str] = "next_token"
    title: ClassVar[str] = "Cross-entropy of the next token"
    summary: ClassVar[str] = "How surprised the network is by each next token, in nats."

    def build(self) -> LossFunction:
        """torch's cross_entropy over all places."""
        loss = super().build()
        return lambda logits, target: loss(logits.flatten(0, 1), target.flatten())


class TargetToken(CrossEntropy):
    """Logits (B, length, vocabulary) against the tokens to be written (B, length); padding, 0, is left out."""

    kind: ClassVar[str] = "target_token"
    title: ClassVar[str] = "Cross-entropy of each token"
    summary: ClassVar[str] = "How surprised the network is by each token it should write, in nats."

    def build(self) -> LossFunction:
        """torch's cross_entropy over all places that are no padding."""
        from torch.nn.functional import cross_entropy

        smoothing = self.label_smoothing

        def loss(logits: "Tensor", target: "Tensor") -> "Tensor":
            return cross_entropy(
                logits.flatten(0, 1), target.flatten(), ignore_index=0, label_smoothing=smoothing
            )

        return loss


class PixelCrossEntropy(CrossEntropy):
    """Logits (B, classes, H, W) against class numbers of pixels (B, H, W)."""

    kind: ClassVar[str] = "pixel_cross_entropy"
    title: ClassVar[str] = "Cross-entropy of each pixel"
    summary: ClassVar[str] = "How surprised the network is by the right class of each pixel."

    dice: float = Field(
        0.0,
        ge=0,
        le=100,
        title="Weight of Dice",
        description="How much of the Dice loss is added; in it all classes count alike. 1 helps small areas.",
    )

    def build(self) -> LossFunction:
        """torch's cross_entropy over all pixels, and the Dice loss (Milletari et al. 2016) where it has a weight."""
        loss, weight = super().build(), self.dice
        if weight == 0:
            return loss
        return lambda logits, target: loss(logits, target) + weight * dice_loss(logits, target)


def dice_loss(logits: "Tensor", target: "Tensor") -> "Tensor":
    """1 minus the mean over classes of 2 |A ∩ B| / (|A| + |B|), areas of the batch, A as probabilities."""
    from torch.nn.functional import one_hot

    shares = logits.softmax(1)
    truth = one_hot(target, logits.shape[1]).movedim(-1, 1).to(shares.dtype)
    over = (0, 2, 3)
    both, either = (shares * truth).sum(over), shares.sum(over) + truth.sum(over)
    return (
        1 - ((2 * both + 1) / (either + 1)).mean()
    )  # one pixel more, so that absent classes count as found


class SquaredError(LossKind):
    """Numbers (B, width) against numbers (B, width)."""

    kind: ClassVar[str] = "mse"
    title: ClassVar[str] = "Squared error"
    summary: ClassVar[str] = "Mean squared difference; large errors count most."

    def build(self) -> LossFunction:
        """torch's mse_loss."""
        from torch.nn.functional import mse_loss

        return _same_shape(mse_loss)


class AbsoluteError(LossKind):
    """Numbers (B, width) against numbers (B, width)."""

    kind: ClassVar[str] = "l1"
    title: ClassVar[str] = "Absolute error"
    summary: ClassVar[str] = "Mean absolute difference; outliers count less."

    def build(self) -> LossFunction:
        """torch's l1_loss."""
        from torch.nn.functional import l1_loss

        return _same_shape(l1_loss)


class Huber(LossKind):
    """Numbers (B, width) against numbers (B, width)."""

    kind: ClassVar[str] = "huber"
    title: ClassVar[str] = "Huber"
    summary: ClassVar[str] = "Squared for small errors, absolute for large ones."

    delta: float = Field(
        1.0,
        gt=0,
        le=1e6,
        title="Delta",
        description="Where it turns from squared to absolute, in standard deviations of the target.",
    )

    def build(self) -> LossFunction:
        """torch's huber_loss."""
        from torch.nn.functional import huber_loss

        delta = self.delta
        return _same_shape(lambda outputs, target: huber_loss(outputs, target, delta=delta))


class Pinball(LossKind):
    """Three forecasts (B, 3, horizon, series), low, middle and high, against the truth (B, horizon, series).

    Koenker and Bassett (1978), Regression Quantiles.
    """

    kind: ClassVar[str] = "pinball"
    title: ClassVar[str] = "Pinball, a band"
    summary: ClassVar[str] = (
        "Forecasts a middle and a band that the truth leaves as rarely as chosen."
    )

    low: float = Field(
        0.1,
        gt=0,
        lt=0.5,
        title="Lower edge",
        description="The share of truths that may lie below the band.",
    )
    high: float = Field(
        0.9,
        gt=0.5,
        lt=1,
        title="Upper edge",
        description="The share of truths that lie below the upper edge.",
    )

    @property
    def levels(self) -> tuple[float, float, float]:
        """Low, middle and high, as shares of truths below."""
        return self.low, 0.5, self.high

    def build(self) -> LossFunction:
        """Each level's error, weighed by the side it is on."""
        import torch

        levels = torch.tensor(self.levels)[:, None, None]  # (3, 1, 1)

        def pinball(outputs: "Tensor", target: "Tensor") -> "Tensor":
            short = target[:, None] - outputs  # (B, 3, horizon, series)
            level = levels.to(outputs.device, outputs.dtype)
            return torch.maximum(level * short, (level - 1) * short).mean()

        return pinball


def _same_shape(loss: Callable[..., Any]) -> LossFunction:
    """Outputs shaped like the target first: (B,) against (B, 1) would silently become (B, B)."""
    return lambda outputs, target: loss(outputs.reshape(target.shape), target)
