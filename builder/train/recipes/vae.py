"""Variational autoencoder: an encoder says where a sample lies among normal numbers, a decoder goes the other way."""

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from builder.layers.base import TensorType
from builder.network.expectation import Expectation, Feed, Want
from builder.spec.data import DataSchema
from builder.train.losses import AbsoluteError, LossKind, SquaredError
from builder.train.recipes.base import MADE, Metric, Recipe
from builder.train.recipes.options import Draw, RecipeOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from builder.spec.project import Project
    from builder.train.learner import Forward, Learner, LearnerContext

ENCODER, DECODER = "encoder", "decoder"
CODE, MEAN, LOG_VARIANCE, SAMPLE = "code", "mean", "log_variance", "sample"


class VariationalOptions(RecipeOptions):
    """How many numbers a code has, and what it costs to stray from normal ones."""

    code_size: int = Field(
        8,
        ge=1,
        le=4096,
        title="Code size",
        description="Numbers that describe a sample. More keep more detail and are harder to fill with new samples.",
    )
    beta: float = Field(
        1.0,
        ge=0,
        le=1000,
        title="Beta",
        description="Price of codes unlike normal numbers (KL). More makes better new samples and blurrier copies.",
    )
    kl_warm_up: int = Field(
        0,
        ge=0,
        le=1_000_000,
        title="KL warm-up (steps)",
        description="Beta rises from 0 over so many steps, so that codes mean something first. 0 is none.",
    )


class VariationalAutoencoder(Recipe):
    """Learns codes that look like normal numbers, so that normal numbers become new samples."""

    kind: ClassVar[str] = "vae"
    title: ClassVar[str] = "Variational autoencoder"
    summary: ClassVar[str] = (
        "Learns to make new samples: an encoder turns each sample into a code, a decoder makes samples of codes."
    )
    networks: ClassVar[tuple[str, ...]] = (DECODER, ENCODER)
    needs_target: ClassVar[bool] = False
    Options: ClassVar[type[RecipeOptions]] = VariationalOptions
    losses: ClassVar[tuple[type[LossKind], ...]] = (SquaredError, AbsoluteError)
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("elbo_loss", "Reconstruction and KL", "lower", short="reconstruction + KL"),
        Metric("mse", "Reconstruction error (MSE)", "lower", short="MSE"),
        Metric("kl", "KL divergence of codes", "lower", short="KL"),
    )
    results: ClassVar[tuple[Metric, ...]] = MADE
    shows: ClassVar[str] = "generated"
    answer: ClassVar[str] = SAMPLE

    def fits(self, schema: DataSchema) -> str | None:
        """None when a sample is one field of numbers."""
        if len(schema.fields) != 1 or schema.fields[0].dtype != "float32":
            return "A variational autoencoder makes pictures or rows of numbers; these samples are something else."
        return None

    def default_loss(self, schema: DataSchema) -> tuple[str, str]:
        """Squared error of the reconstruction."""
        return SquaredError.kind, "because samples are numbers that vary around what a code says"

    def default_metric(self, schema: DataSchema) -> tuple[str, str]:
        """Both parts of the loss together, at the full beta."""
        return (
            "elbo_loss",
            "because it is what is made small: reconstruction and KL at the full beta",
        )

    def expectations(self, project: "Project", schema: DataSchema) -> dict[str, Expectation]:
        """The encoder gives mean, log variance and the drawn code; the decoder takes a code and gives a sample."""
        options = self.options(project.training)
        assert isinstance(options, VariationalOptions)
        size, field = options.code_size, schema.fields[0]
        roles = self.networks_of(project)
        variables = {**self.variables(schema), "code_size": size}
        batch = project.training.batch_size
        because = f"because a code has {size} {'number' if size == 1 else 'numbers'}"
        codes = tuple(
            Want(name, (size,), "any", because, by_name=True) for name in (CODE, MEAN, LOG_VARIANCE)
        )
        sample = Want(SAMPLE, field.shape, "any", "because that is the shape of a sample")
        code = Feed(CODE, TensorType((size,), "float32", "features"))
        given = tuple(Feed(f.name, TensorType(f.shape, f.dtype, f.role)) for f in schema.fields)
        return {
            roles[ENCODER].name: Expectation(
                given, codes, variables, batch, {want.name: want.why for want in codes}
            ),
            roles[DECODER].name: Expectation(
                (code,), (sample,), variables, batch, {SAMPLE: sample.why, CODE: because}
            ),
        }

    def generate(
        self,
        networks: "Mapping[str, Forward]",
        draw: Draw,
        options: RecipeOptions,
        schema: DataSchema,
    ) -> "Tensor":
        """Normal numbers through the decoder."""
        from builder.train.variational import sampled

        assert isinstance(options, VariationalOptions)
        return sampled(networks[DECODER], draw, options.code_size)

    def learner(self, context: "LearnerContext") -> "Learner":
        """Encode, draw, decode; one loss of both parts drives both networks."""
        from builder.train.variational import VariationalLearner

        return VariationalLearner(context)
