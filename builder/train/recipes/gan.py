"""GAN: a generator makes pictures from noise, a discriminator learns to tell them from real ones."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from builder.layers.base import TensorType
from builder.network.expectation import Expectation, Feed, Want
from builder.spec.data import DataSchema
from builder.spec.project import Project
from builder.train.adversarial_losses import Hinge, NonSaturating, WassersteinPenalty
from builder.train.losses import LossKind
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

GENERATOR, DISCRIMINATOR = "generator", "discriminator"
NOISE = "noise"


class GANOptions(RecipeOptions):
    """Settings of the GAN recipe."""

    noise_features: int = Field(
        64,
        ge=1,
        le=4096,
        title="Noise",
        description="How many random numbers one picture is made from. 32 to 128 for small pictures.",
    )
    discriminator_updates: int = Field(
        1,
        ge=1,
        le=20,
        title="Discriminator updates",
        description="Times the discriminator learns for each time the generator does. 1 is usual, 5 for Wasserstein.",
    )
    average: float = Field(
        0.99,
        ge=0,
        lt=1,
        title="Weight averaging",
        description="Keeps a running average of the generator, which makes calmer pictures. 0 keeps the last step.",
    )
    by_class: bool = Field(
        False,
        title="Ask for classes",
        description="Both networks also get the class, so that one can be asked for. Needs an Input for it in each.",
    )


class GAN(Recipe):
    """Two networks against each other (Goodfellow et al. 2014)."""

    kind: ClassVar[str] = "gan"
    title: ClassVar[str] = "GAN"
    summary: ClassVar[str] = (
        "Makes new pictures: a generator learns to fool a discriminator that learns to see through it."
    )
    networks: ClassVar[tuple[str, ...]] = (GENERATOR, DISCRIMINATOR)
    needs_target: ClassVar[bool] = False
    Options: ClassVar[type[RecipeOptions]] = GANOptions
    losses: ClassVar[tuple[type[LossKind], ...]] = (Hinge, NonSaturating, WassersteinPenalty)
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric(
            "pixel_frechet",
            "Fréchet distance of pixels",
            "lower",
            beyond_loss=True,
            short="Fréchet of pixels",
        ),
    )
    results: ClassVar[tuple[Metric, ...]] = MADE
    shows: ClassVar[str] = "generated"
    length: ClassVar[int] = 4

    def fits(self, schema: DataSchema) -> str | None:
        """None when a sample is one picture."""
        return no_pictures(schema, self.title)

    def default_loss(self, schema: DataSchema) -> tuple[str, str]:
        """Hinge."""
        return Hinge.kind, "because it is the steadiest on few, small pictures"

    def default_metric(self, schema: DataSchema) -> tuple[str, str]:
        """The distance between made and real pictures."""
        return "pixel_frechet", "because neither loss says how good the pictures are"

    def expectations(self, project: Project, schema: DataSchema) -> dict[str, Expectation]:
        """The generator turns noise into a picture, the discriminator a picture into one score."""
        options = self.options(project.training)
        assert isinstance(options, GANOptions)
        picture = field_of(schema)
        names = {role: network.name for role, network in self.networks_of(project).items()}
        label = label_feed(schema) if options.by_class else ()
        noise = Feed(NOISE, TensorType((options.noise_features,), "float32", "features"))
        why_noise = f"because Noise is {options.noise_features} in this task's settings"
        why_picture = f"because the data's pictures are {size_words(picture)}"
        why_score = "because the discriminator says one thing: how real a picture looks"
        variables = {"noise": options.noise_features, **self.variables(schema)}
        size = project.training.batch_size
        return {
            names[GENERATOR]: Expectation(
                inputs=(noise, *label),
                outputs=(Want("picture", picture.shape, "numbers", why_picture),),
                variables=variables,
                batch_size=size,
                why={NOISE: why_noise, LABEL: WHY_LABEL, "picture": why_picture},
            ),
            names[DISCRIMINATOR]: Expectation(
                inputs=(
                    Feed(picture.name, TensorType(picture.shape, picture.dtype, picture.role)),
                    *label,
                ),
                outputs=(Want("score", (1,), "logits", why_score),),
                variables=variables,
                batch_size=size,
                why={LABEL: WHY_LABEL, "score": why_score},
            ),
        }

    def can_ask(self, options: RecipeOptions) -> bool:
        """Where the networks get the class."""
        assert isinstance(options, GANOptions)
        return options.by_class

    def generate(
        self,
        networks: Mapping[str, "Forward"],
        draw: Draw,
        options: RecipeOptions,
        schema: DataSchema,
    ) -> "Tensor":
        """Pictures from seeded noise; classes in turn where none is asked for."""
        from builder.train.adversarial import drawn

        assert isinstance(options, GANOptions)
        return drawn(networks[GENERATOR], draw, options, schema)

    def learner(self, context: "LearnerContext") -> "Learner":
        """Updates of the discriminator, then one of the generator."""
        from builder.train.adversarial import AdversarialLearner

        return AdversarialLearner(context)
