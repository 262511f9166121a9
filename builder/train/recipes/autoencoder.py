"""Autoencoder: the network answers its own input, through a narrow place; plain, denoising or sparse."""

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from builder.network.expectation import Want
from builder.spec.data import DataSchema
from builder.spec.training import TrainingSpec
from builder.train.losses import AbsoluteError, Huber, LossKind, SquaredError
from builder.train.recipes.base import Metric, Recipe
from builder.train.recipes.options import RecipeOptions

if TYPE_CHECKING:
    from builder.network.expectation import Expectation
    from builder.spec.project import Project
    from builder.train.learner import Learner, LearnerContext

RECONSTRUCTION, CODE = "reconstruction", "code"


class AutoencoderOptions(RecipeOptions):
    """What is done to the input before it is shown, and what a code costs."""

    noise: float = Field(
        0.0,
        ge=0,
        le=10,
        title="Noise added",
        description="Spread of random numbers added to the input; it learns to give the clean one. 0 is none.",
    )
    hidden: float = Field(
        0.0,
        ge=0,
        le=0.95,
        title="Share hidden",
        description="This share of the input's values is set to 0; it learns to fill them in. 0 is none.",
    )
    sparsity: float = Field(
        0.0,
        ge=0,
        le=100,
        title="Sparsity",
        description="Price of a code's size, so that most of it stays near 0. Needs an Output called code. 0 is none.",
    )


class Autoencoder(Recipe):
    """Learns to give back what it is given; what it cannot give back is unusual."""

    kind: ClassVar[str] = "autoencoder"
    title: ClassVar[str] = "Autoencoder"
    summary: ClassVar[str] = (
        "Squeezes each sample through a narrow place and gives it back. Finds unusual samples, removes noise."
    )
    needs_target: ClassVar[bool] = False
    Options: ClassVar[type[RecipeOptions]] = AutoencoderOptions
    losses: ClassVar[tuple[type[LossKind], ...]] = (SquaredError, AbsoluteError, Huber)
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("mse", "Reconstruction error (MSE)", "lower", short="MSE"),
        Metric("denoised_mse", "Error from noisy input (MSE)", "lower", short="MSE from noise"),
    )
    shows: ClassVar[str] = "reconstructions"
    answer: ClassVar[str] = RECONSTRUCTION

    def fits(self, schema: DataSchema) -> str | None:
        """None when a sample is one field of numbers."""
        if len(schema.fields) != 1 or schema.fields[0].dtype != "float32":
            return "An autoencoder gives back one picture or one row of numbers; these samples are something else."
        return None

    def default_loss(self, schema: DataSchema) -> tuple[str, str]:
        """Squared error."""
        return SquaredError.kind, "because large differences from the input should count most"

    def default_metric(self, schema: DataSchema) -> tuple[str, str]:
        """The squared error of the reconstruction."""
        return "mse", "because it is how far the reconstruction is from the input"

    def wants(self, schema: DataSchema) -> tuple[Want, ...]:
        """The shape of the input again; the code where somebody wants it looked at."""
        shape = schema.fields[0].shape
        why = "because an autoencoder gives its own input back"
        code_why = "because sparsity is asked for: it is what is kept small"
        return (
            Want(RECONSTRUCTION, shape, "numbers", why),
            Want(CODE, None, "any", code_why, optional=True, by_name=True),
        )

    def expectations(self, project: "Project", schema: DataSchema) -> dict[str, "Expectation"]:
        """One network; with sparsity it must say which layer is the code."""
        sparse = _options(self, project.training).sparsity > 0
        found = super().expectations(project, schema)
        return {
            name: expected._replace(
                outputs=tuple(
                    want._replace(optional=want.optional and not sparse)
                    for want in expected.outputs
                )
            )
            for name, expected in found.items()
        }

    def learner(self, context: "LearnerContext") -> "Learner":
        """Forward of the spoilt input, loss against the clean one, one optimizer."""
        from builder.train.autoencoding import AutoencoderLearner

        return AutoencoderLearner(context)


def _options(recipe: Recipe, training: TrainingSpec) -> AutoencoderOptions:
    options = recipe.options(training)
    assert isinstance(options, AutoencoderOptions)
    return options
