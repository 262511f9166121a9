"""Classification: one class of several for each sample."""

from typing import TYPE_CHECKING, ClassVar

from builder.network.expectation import Want
from builder.spec.data import DataSchema
from builder.train.losses import CrossEntropy, LossKind
from builder.train.recipes.base import Metric, Recipe

if TYPE_CHECKING:
    from builder.train.learner import Learner, LearnerContext

IMBALANCED = 3.0
"""From this ratio of the largest to the smallest class, accuracy flatters."""


class Classification(Recipe):
    """Learns which class a sample belongs to."""

    kind: ClassVar[str] = "classification"
    title: ClassVar[str] = "Classification"
    summary: ClassVar[str] = "Says which class a sample belongs to, and how sure it is."
    losses: ClassVar[tuple[type[LossKind], ...]] = (CrossEntropy,)
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("accuracy", "Accuracy", "higher", as_share=True),
        Metric("balanced_accuracy", "Balanced accuracy", "higher", as_share=True),
        Metric("f1_macro", "F1, mean over classes", "higher", as_share=True, short="F1 (macro)"),
        Metric("auroc", "Area under the ROC curve", "higher", as_share=True, short="AUROC"),
    )
    shows: ClassVar[str] = "answers"

    def fits(self, schema: DataSchema) -> str | None:
        """None when the target is classes."""
        if schema.target.kind == "mask":
            return "These data have a class for each pixel: choose Segmentation."
        if schema.target.kind == "text":
            return "The target of these data is a text: choose Sequence to sequence."
        if schema.target.kind == "tokens":
            return "These data are one text without labels: choose Language model."
        if schema.target.kind != "classes":
            return (
                f"The target {schema.target.name} is numbers, not classes: choose Regression, "
                "or read the column as a category."
            )
        return None

    def default_loss(self, schema: DataSchema) -> tuple[str, str]:
        """Cross-entropy."""
        return CrossEntropy.kind, "because the target is one class of several"

    def default_metric(self, schema: DataSchema) -> tuple[str, str]:
        """Accuracy, or balanced accuracy where some classes are rare."""
        counts = [count for count in schema.class_counts if count]
        if counts and max(counts) > IMBALANCED * min(counts):
            words = (
                f"because the largest class has {max(counts) / min(counts):.0f} times the smallest"
            )
            return "balanced_accuracy", words
        return "accuracy", "because the classes are about equally frequent"

    def wants(self, schema: DataSchema) -> tuple[Want, ...]:
        """One logit a class."""
        classes = len(schema.target.classes)
        return (Want("logits", (classes,), "logits", f"because the data has {classes} classes"),)

    def variables(self, schema: DataSchema) -> dict[str, int]:
        """`classes` and `features`."""
        return {**super().variables(schema), "classes": len(schema.target.classes)}

    def learner(self, context: "LearnerContext") -> "Learner":
        """Forward, loss, one optimizer; logits measured as classes."""
        from builder.train.measures import class_metrics
        from builder.train.supervised import SupervisedLearner

        return SupervisedLearner(context, class_metrics)
