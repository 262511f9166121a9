"""Segmentation: one class of several for each pixel of a picture."""

from typing import TYPE_CHECKING, ClassVar

from builder.network.expectation import Want
from builder.spec.data import DataSchema
from builder.train.losses import LossKind, PixelCrossEntropy
from builder.train.recipes.base import Metric, Recipe

if TYPE_CHECKING:
    from builder.train.learner import Learner, LearnerContext


class Segmentation(Recipe):
    """Learns which class each pixel belongs to."""

    kind: ClassVar[str] = "segmentation"
    title: ClassVar[str] = "Segmentation"
    summary: ClassVar[str] = "Says of each pixel of a picture which class it belongs to."
    losses: ClassVar[tuple[type[LossKind], ...]] = (PixelCrossEntropy,)
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("mean_iou", "Mean IoU", "higher", as_share=True, short="mean IoU"),
        Metric("pixel_accuracy", "Pixel accuracy", "higher", as_share=True),
    )
    shows: ClassVar[str] = "masks"

    def fits(self, schema: DataSchema) -> str | None:
        """None when the target is masks."""
        if schema.target.kind != "mask":
            return (
                "Segmentation learns from pictures with a mask each, and these data have none. Bring a ZIP with the "
                "folders images and masks, or choose another task."
            )
        return None

    def default_loss(self, schema: DataSchema) -> tuple[str, str]:
        """Cross-entropy of each pixel."""
        return PixelCrossEntropy.kind, "because each pixel has one class of several"

    def default_metric(self, schema: DataSchema) -> tuple[str, str]:
        """Mean IoU."""
        return "mean_iou", "because small areas count as much as large ones"

    def wants(self, schema: DataSchema) -> tuple[Want, ...]:
        """One logit a class at each pixel of the picture."""
        classes, (_, height, width) = len(schema.target.classes), schema.fields[0].shape
        why = f"because each of {height}×{width} pixels has one of {classes} classes"
        return (Want("logits", (classes, height, width), "logits", why),)

    def variables(self, schema: DataSchema) -> dict[str, int]:
        """`classes` and `features`."""
        return {**super().variables(schema), "classes": len(schema.target.classes)}

    def learner(self, context: "LearnerContext") -> "Learner":
        """Forward, loss over all pixels, one optimizer; overlaps measured."""
        from builder.train.segmenting import SegmentationLearner

        return SegmentationLearner(context)
