"""Diffusion: pictures out of pure noise, which a network takes away a little at a time."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from builder.layers.base import TensorType
from builder.network.expectation import Expectation, Feed, Want
from builder.spec.data import DataSchema
from builder.spec.project import Project
from builder.train.losses import AbsoluteError, Huber, LossKind, SquaredError
from builder.train.recipes.base import MADE, Metric, Recipe
from builder.train.recipes.options import Draw, RecipeOptions
from builder.train.recipes.pictures import (
    LABEL,
    WHY_LABEL,
    field_of,
    label_feed,
    no_pictures,
    size_words,
)

if TYPE_CHECKING:
    from torch import Tensor

    from builder.train.learner import Forward, Learner, LearnerContext

TIME = "time"


class SamplingOptions(RecipeOptions):
    """What can be asked of each draw of pictures."""

    sampling_steps: int = Field(
        30,
        ge=1,
        le=1000,
        title="Sampling steps",
        description="So many times the network takes noise away. More is slower and finer; 20 to 50 is usual.",
    )
    guidance: float = Field(
        2.0,
        ge=0,
        le=20,
        title="Guidance",
        description="How strongly a class is followed. 1 is as learned, 2 to 4 clearer and less varied.",
    )


class DiffusionOptions(SamplingOptions):
    """Settings of the diffusion recipe."""

    predicts: Literal["velocity", "noise"] = Field(
        "velocity",
        title="Prediction",
        description="What the network says of a noisy picture. Its noise is the original; velocity is steadier.",
    )
    noise_schedule: Literal["cosine", "linear"] = Field(
        "cosine",
        title="Noise schedule",
        description="How noise grows over the times. Cosine suits small pictures; linear is the original.",
    )
    noise_steps: int = Field(
        1000,
        ge=10,
        le=10_000,
        title="Noise steps",
        description="Into how many times the way from picture to noise is cut. 1000 is usual.",
    )
    average: float = Field(
        0.995,
        ge=0,
        lt=1,
        title="Weight averaging",
        description="Keeps a running average of the network, which makes cleaner pictures. 0 keeps the last step.",
    )
    by_class: bool = Field(
        False,
        title="Ask for classes",
        description="The network also gets the class, so that one can be asked for. Needs an Input for it.",
    )
    label_dropped: float = Field(
        0.1,
        ge=0,
        lt=1,
        title="Classes left out",
        description="Share of samples that learn without their class, which is what guidance needs. 0.1 is usual.",
    )


class Diffusion(Recipe):
    """A denoiser trained at every level of noise (Ho et al. 2020)."""

    kind: ClassVar[str] = "diffusion"
    title: ClassVar[str] = "Diffusion"
    summary: ClassVar[str] = (
        "Makes new pictures: the network learns to take noise away, and starts from nothing but noise."
    )
    needs_target: ClassVar[bool] = False
    Options: ClassVar[type[RecipeOptions]] = DiffusionOptions
    DrawOptions: ClassVar[type[RecipeOptions]] = SamplingOptions
    losses: ClassVar[tuple[type[LossKind], ...]] = (SquaredError, Huber, AbsoluteError)
    metrics: ClassVar[tuple[Metric, ...]] = ()
    results: ClassVar[tuple[Metric, ...]] = MADE
    shows: ClassVar[str] = "generated"
    sampler: ClassVar[str] = "diffusion"
    length: ClassVar[int] = 4

    def fits(self, schema: DataSchema) -> str | None:
        """None when a sample is one picture."""
        return no_pictures(schema, self.title)

    def default_loss(self, schema: DataSchema) -> tuple[str, str]:
        """Squared error."""
        return SquaredError.kind, "because it makes the sampler follow the data's own spread"

    def default_metric(self, schema: DataSchema) -> tuple[str, str]:
        """The loss on validation pictures."""
        return "loss", "because it falls as the network tells noise from pictures it has not seen"

    def expectations(self, project: Project, schema: DataSchema) -> dict[str, Expectation]:
        """A noisy picture, the time and perhaps the class come in; something of the picture's shape goes out."""
        options = self.options(project.training)
        assert isinstance(options, DiffusionOptions)
        picture = field_of(schema)
        time = Feed(TIME, TensorType((), "int64", "any"))
        label = label_feed(schema) if options.by_class else ()
        why = f"because noise is taken away from pictures of {size_words(picture)}"
        return {
            self.networks_of(project)["network"].name: Expectation(
                inputs=(
                    Feed(picture.name, TensorType(picture.shape, picture.dtype, picture.role)),
                    time,
                    *label,
                ),
                outputs=(Want("picture", picture.shape, "numbers", why),),
                variables=self.variables(schema),
                batch_size=project.training.batch_size,
                why={
                    "picture": why,
                    TIME: f"because noise comes in {options.noise_steps:,} steps",
                    LABEL: WHY_LABEL,
                },
            )
        }

    def can_ask(self, options: RecipeOptions) -> bool:
        """Where the networks get the class."""
        assert isinstance(options, DiffusionOptions)
        return options.by_class

    def generate(
        self,
        networks: Mapping[str, "Forward"],
        draw: Draw,
        options: RecipeOptions,
        schema: DataSchema,
    ) -> "Tensor":
        """Pictures from seeded noise by DDIM; classes in turn where none is asked for."""
        from builder.train.diffusing import drawn

        assert isinstance(options, DiffusionOptions)
        return drawn(networks["network"], draw, options, schema)

    def learner(self, context: "LearnerContext") -> "Learner":
        """One denoising step at random times."""
        from builder.train.diffusing import DiffusionLearner

        return DiffusionLearner(context)
