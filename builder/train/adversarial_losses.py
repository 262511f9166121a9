"""Losses of a duel: what the discriminator and the generator each make small; torch is imported on use."""

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from builder.train.losses import LossFunction, LossKind

if TYPE_CHECKING:
    from torch import Tensor


class DuelLoss(LossKind):
    """`build` judges scores (B, 1) against 1 for real and 0 for made pictures: the discriminator's loss."""

    @property
    def penalty(self) -> float:
        """How much the length of the discriminator's gradient is held at 1; 0 not at all."""
        return 0.0

    def for_generator(self, scores: "Tensor") -> "Tensor":
        """The generator's loss from the scores of what it made, a scalar."""
        return -scores.mean()


class NonSaturating(DuelLoss):
    """Goodfellow et al. 2014."""

    kind: ClassVar[str] = "non_saturating"
    title: ClassVar[str] = "Non-saturating"
    summary: ClassVar[str] = (
        "Real or made, as a cross-entropy; the generator wants to be taken for real."
    )

    def build(self) -> LossFunction:
        """torch's binary cross-entropy of logits."""
        from torch.nn.functional import binary_cross_entropy_with_logits

        return binary_cross_entropy_with_logits

    def for_generator(self, scores: "Tensor") -> "Tensor":
        """Cross-entropy of its pictures against real."""
        from torch import ones_like

        return self.build()(scores, ones_like(scores))


class Hinge(DuelLoss):
    """Lim and Ye 2017."""

    kind: ClassVar[str] = "hinge"
    title: ClassVar[str] = "Hinge"
    summary: ClassVar[str] = (
        "Scores clearly right, beyond 1 or -1, no longer count; steady and quick."
    )

    def build(self) -> LossFunction:
        """The mean distance of scores to the right side of 1 and -1."""
        return lambda scores, real: (1 - (2 * real - 1) * scores).relu().mean()


class WassersteinPenalty(DuelLoss):
    """Gulrajani et al. 2017 (WGAN-GP)."""

    kind: ClassVar[str] = "wasserstein"
    title: ClassVar[str] = "Wasserstein with gradient penalty"
    summary: ClassVar[str] = (
        "How far made pictures are from real ones; wants several discriminator updates, and no batch norm in it."
    )

    gradient_penalty: float = Field(
        10.0,
        gt=0,
        le=1000,
        title="Gradient penalty",
        description="How strictly the discriminator's slope is held at 1. 10 is usual.",
    )

    @property
    def penalty(self) -> float:
        """The setting of that name."""
        return self.gradient_penalty

    def build(self) -> LossFunction:
        """Mean score of made pictures less that of real ones."""
        return lambda scores, real: ((1 - 2 * real) * scores).mean()
