"""Regression: one or several numbers for each sample."""

from typing import TYPE_CHECKING, ClassVar

from builder.network.expectation import Want
from builder.spec.data import DataSchema
from builder.train.losses import AbsoluteError, Huber, LossKind, SquaredError
from builder.train.recipes.base import Metric, Recipe

if TYPE_CHECKING:
    from builder.train.learner import Learner, LearnerContext


class Regression(Recipe):
    """Learns to predict numbers; the target is standardised for learning and put back in answers."""

    kind: ClassVar[str] = "regression"
    title: ClassVar[str] = "Regression"
    summary: ClassVar[str] = "Predicts a number, such as a price or a temperature."
    losses: ClassVar[tuple[type[LossKind], ...]] = (SquaredError, AbsoluteError, Huber)
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("r2", "R², explained share", "higher", short="R²"),
        Metric("mae", "Mean absolute error", "lower", short="MAE"),
        Metric("rmse", "Root mean squared error", "lower", short="RMSE"),
    )
    shows: ClassVar[str] = "predictions"

    def fits(self, schema: DataSchema) -> str | None:
        """None when the target is numbers that belong to the sample itself."""
        if schema.target.kind == "mask":
            return "These data have a class for each pixel: choose Segmentation."
        if schema.target.kind == "text":
            return "The target of these data is a text: choose Sequence to sequence."
        if schema.target.kind == "tokens":
            return "These data are one text without numbers to predict: choose Language model."
        if schema.target.horizon:
            return (
                f"The target is {schema.target.horizon} steps ahead of a series: choose Forecasting, or take each "
                "row as a sample on the Data screen."
            )
        if schema.target.kind != "numbers":
            return (
                f"The target {schema.target.name} is classes, not numbers: choose Classification, "
                "or read the column as a number."
            )
        return None

    def default_loss(self, schema: DataSchema) -> tuple[str, str]:
        """Squared error."""
        return SquaredError.kind, "because the target is a number"

    def default_metric(self, schema: DataSchema) -> tuple[str, str]:
        """R²."""
        return "r2", "because it reads the same whatever the unit: 1 is perfect, 0 is the mean"

    def wants(self, schema: DataSchema) -> tuple[Want, ...]:
        """As many numbers as the target has."""
        width = schema.target.width
        words = "one number" if width == 1 else f"{width} numbers"
        return (Want("numbers", (width,), "numbers", f"because the target is {words}"),)

    def learner(self, context: "LearnerContext") -> "Learner":
        """Forward, loss, one optimizer; outputs measured in the target's own unit."""
        from builder.train.measures import number_metrics
        from builder.train.supervised import SupervisedLearner

        return SupervisedLearner(context, number_metrics)
