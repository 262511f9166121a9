"""Forecasting: the next steps of one or several series, as numbers or with a band around them."""

from typing import TYPE_CHECKING, ClassVar

from builder.network.expectation import Expectation, Want
from builder.spec.data import DataSchema
from builder.spec.project import Project
from builder.train.losses import AbsoluteError, Huber, LossKind, Pinball, SquaredError
from builder.train.recipes.base import Metric, Recipe

if TYPE_CHECKING:
    from builder.train.learner import Learner, LearnerContext

BAND = 3
"""Low, middle and high."""


class Forecasting(Recipe):
    """Learns to go on with a series; each series is standardised for learning and put back in answers."""

    kind: ClassVar[str] = "forecasting"
    title: ClassVar[str] = "Forecasting"
    summary: ClassVar[str] = (
        "Says how a series goes on, with a band around it if the loss is Pinball."
    )
    losses: ClassVar[tuple[type[LossKind], ...]] = (SquaredError, AbsoluteError, Huber, Pinball)
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("mase", "Error beside repeating the last season", "lower", short="MASE"),
        Metric("mae", "Mean absolute error", "lower", short="MAE"),
        Metric("rmse", "Root mean squared error", "lower", short="RMSE"),
    )
    shows: ClassVar[str] = "forecast"

    def fits(self, schema: DataSchema) -> str | None:
        """None when the samples are windows of a series."""
        if not schema.target.horizon:
            return (
                f"The target {schema.target.name} belongs to its own row: to forecast, choose the series and how far "
                "to look ahead on the Data screen."
            )
        return None

    def default_loss(self, schema: DataSchema) -> tuple[str, str]:
        """Squared error."""
        return SquaredError.kind, "because the target is numbers; Pinball also gives a band"

    def default_metric(self, schema: DataSchema) -> tuple[str, str]:
        """Mean absolute scaled error."""
        return (
            "mase",
            "because it reads the same whatever the unit: below 1 beats repeating the last season",
        )

    def wants(self, schema: DataSchema) -> tuple[Want, ...]:
        """One number a step and series."""
        return (self._want(schema, banded=False),)

    def variables(self, schema: DataSchema) -> dict[str, int]:
        """`features`, `lookback`, `horizon`, `series` and `levels`."""
        return {
            **super().variables(schema),
            "lookback": schema.fields[0].shape[0],
            "horizon": schema.target.horizon,
            "series": schema.target.width,
            "levels": 1,
        }

    def expectations(self, project: Project, schema: DataSchema) -> dict[str, Expectation]:
        """As every recipe, but three forecasts side by side where the loss wants a band."""
        found = super().expectations(project, schema)
        if project.training.loss != Pinball.kind:
            return found
        want = self._want(schema, banded=True)
        return {
            name: one._replace(
                outputs=(want,),
                why={want.name: want.why},
                variables={**one.variables, "levels": BAND},
            )
            for name, one in found.items()
        }

    def _want(self, schema: DataSchema, *, banded: bool) -> Want:
        steps, series = schema.target.horizon, schema.target.width
        words = f"because {steps} steps of {series} series are forecast"
        if not banded:
            return Want("forecast", (steps, series), "numbers", words)
        return Want("forecast", (BAND, steps, series), "numbers", f"{words}: low, middle and high")

    def learner(self, context: "LearnerContext") -> "Learner":
        """Forward, loss, one optimizer; forecasts measured in the series' own unit."""
        from torch import Tensor

        from builder.train.measures import forecast_metrics
        from builder.train.supervised import SupervisedLearner

        naive = context.target.naive_error.cpu().double().numpy()  # type: ignore[union-attr, operator]

        def measure(outputs: Tensor, target: Tensor, watched: str) -> dict[str, float]:
            return forecast_metrics(outputs.double().numpy(), target.double().numpy(), naive)

        return SupervisedLearner(context, measure)
