"""What a recipe declares: the networks and data it needs, losses, metrics, and its learner; no torch at import."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from builder.errors import TrainError
from builder.layers.base import TensorType
from builder.network.expectation import Expectation, Feed, Want
from builder.spec.data import DataSchema
from builder.spec.network import Network
from builder.spec.problems import Problem
from builder.spec.project import Project
from builder.spec.training import TrainingSpec
from builder.train.losses import LossKind
from builder.train.recipes.options import Draw, RecipeOptions

if TYPE_CHECKING:
    from torch import Tensor

    from builder.train.learner import Forward, Learner, LearnerContext


class Metric(NamedTuple):
    """A figure of merit: its name in results, words for people, and which way is better."""

    kind: str
    title: str
    better: Literal["higher", "lower"]
    as_share: bool = False
    """Between 0 and 1, shown as a percentage."""
    beyond_loss: bool = False
    """It tells how learning goes where losses cannot, because they pull against each other."""
    short: str = ""
    """For a table's head or a sentence; the kind's own words where there is nothing better."""

    @property
    def name(self) -> str:
        """`F1 (macro)`, `balanced accuracy`."""
        return self.short or self.kind.replace("_", " ")

    def improves(self, value: float, best: float | None, *, minimum_gain: float = 0.0) -> bool:
        """Whether `value` beats `best` by more than `minimum_gain`; NaN beats nothing."""
        if math.isnan(value):
            return False
        if best is None:
            return True
        gain = value - best if self.better == "higher" else best - value
        return gain > minimum_gain


LOSS = Metric("loss", "Loss", "lower")
MADE = (
    Metric(
        "sure_share",
        "New samples a classifier is sure of",
        "higher",
        as_share=True,
        short="sure samples",
    ),
    Metric(
        "asked_share",
        "Named as the class asked for",
        "higher",
        as_share=True,
        short="class as asked",
    ),
    Metric("feature_frechet", "Fréchet distance of features", "lower", short="Fréchet distance"),
    Metric("classes_present", "Classes among new samples", "higher"),
)
"""Figures of recipes that make new samples; see `evaluate.generated`."""


class Recipe:
    """How a kind of network learns; a subclass that sets `kind` is registered by existing."""

    kind: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    networks: ClassVar[tuple[str, ...]] = ("network",)
    """Roles to be filled by the project's networks; the first is the one that answers and leaves in exports."""
    needs_target: ClassVar[bool] = True
    """Whether it learns from the target. Where it does not, labels are only kept for looking, and the recipe is
    never inferred: a person chooses it."""
    Options: ClassVar[type[RecipeOptions]] = RecipeOptions
    """Settings of its own; the form and the command line show them."""
    losses: ClassVar[tuple[type[LossKind], ...]]
    metrics: ClassVar[tuple[Metric, ...]]
    results: ClassVar[tuple[Metric, ...]] = ()
    """Figures only results have: too dear to measure after every epoch."""
    shows: ClassVar[str]
    """What its samples, results and answers are: `answers`, `predictions`, `masks`, `translations`,
    `reconstructions`, `generated`."""
    answer: ClassVar[str] = ""
    """Name of the output that is the answer where its network gives several; else the first."""
    sampler: ClassVar[str] = "direct"
    """How a bundle makes new samples: `export/printed/sampling_<sampler>.py`."""
    DrawOptions: ClassVar[type[RecipeOptions]] = RecipeOptions
    """Settings that each draw of new samples may set anew."""
    length: ClassVar[int] = 1
    """How many times as many steps as a network that only answers it needs, when nobody chose the epochs."""

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if "kind" in cls.__dict__ and _REGISTRY.setdefault(cls.kind, cls()).__class__ is not cls:
            raise TypeError(f"Two recipes are called {cls.kind!r}.")

    def fits(self, schema: DataSchema) -> str | None:
        """Why this recipe cannot learn from such data, as a sentence; None when it can."""
        raise NotImplementedError

    def default_loss(self, schema: DataSchema) -> tuple[str, str]:
        """The loss for such data, and the reason in words."""
        raise NotImplementedError

    def default_metric(self, schema: DataSchema) -> tuple[str, str]:
        """The metric for such data, and the reason in words."""
        raise NotImplementedError

    def wants(self, schema: DataSchema) -> tuple[Want, ...]:
        """The outputs its network must have."""
        raise NotImplementedError

    def drawing_problems(
        self, project: Project, expectations: dict[str, Expectation]
    ) -> tuple[Problem, ...]:
        """What keeps sound networks of the right shape from learning this; none for most recipes."""
        return ()

    def variables(self, schema: DataSchema) -> dict[str, int]:
        """Read-only variables the data gives to expressions in knobs."""
        text = {"vocabulary": schema.vocabulary, "length": _features(schema)}
        return {"features": _features(schema), **(text if schema.vocabulary else {})}

    def expectations(self, project: Project, schema: DataSchema) -> dict[str, Expectation]:
        """What each network of the project will be fed and must give, by network name."""
        feeds = tuple(
            Feed(field.name, TensorType(field.shape, field.dtype, field.role))
            for field in schema.fields
        )
        wants = self.wants(schema)
        name = self.networks_of(project)["network"].name
        return {
            name: Expectation(
                inputs=feeds,
                outputs=wants,
                variables=self.variables(schema),
                batch_size=project.training.batch_size,
                why={want.name: want.why for want in wants},
            )
        }

    def networks_of(self, project: Project) -> dict[str, Network]:
        """The project's network for every role: as chosen, or of the same name, or the only one."""
        return {role: self._network_for(role, project) for role in self.networks}

    def _network_for(self, role: str, project: Project) -> Network:
        wanted = project.training.networks.get(role, role)
        network = project.network(wanted)
        if network is None and len(project.networks) == len(self.networks) == 1:
            network = project.networks[0]
        if network is None:
            raise TrainError(
                f"{self.title} needs a network called {wanted}; this project has "
                f"{', '.join(n.name for n in project.networks)}. Choose which one plays this part."
            )
        return network

    def metric(self, kind: str) -> Metric:
        """The metric of that name; `loss` is always one."""
        known = {metric.kind: metric for metric in (*self.metrics, LOSS)}
        if kind not in known:
            raise TrainError(
                f"{self.title} does not measure {kind!r}; choose one of {', '.join(known)}."
            )
        return known[kind]

    def loss(self, kind: str, settings: Mapping[str, Any]) -> LossKind:
        """The loss of that name with those of the recipe's settings that are its own."""
        from builder.train.optimizers import checked

        known = {loss.kind: loss for loss in self.losses}
        if kind not in known:
            raise TrainError(
                f"{self.title} has no loss called {kind!r}; choose one of {', '.join(known)}."
            )
        chosen = known[kind]
        elsewhere = {name for other in self.losses for name in other.model_fields}
        elsewhere |= set(self.Options.model_fields)
        elsewhere -= set(chosen.model_fields)
        own = {name: value for name, value in settings.items() if name not in elsewhere}
        return chosen.model_validate(checked(chosen, own, chosen.title))

    def options(self, training: TrainingSpec) -> RecipeOptions:
        """The recipe's own settings, checked; TrainError names the first that cannot be."""
        from builder.train.optimizers import checked

        own = {
            name: value
            for name, value in training.recipe_settings.items()
            if name in self.Options.model_fields
        }
        return self.Options.model_validate(checked(self.Options, own, self.title))

    def can_ask(self, options: RecipeOptions) -> bool:
        """Whether new samples can be asked for by class, with these settings."""
        return False

    def drawing(self, options: RecipeOptions, draw: Draw) -> RecipeOptions:
        """The settings with those of `DrawOptions` as this draw asks; TrainError names the first that cannot be."""
        from builder.train.optimizers import checked

        asked = checked(self.DrawOptions, draw.settings, self.title)
        return options.model_copy(update={name: asked[name] for name in draw.settings})

    def generate(
        self,
        networks: Mapping[str, "Forward"],
        draw: Draw,
        options: RecipeOptions,
        schema: DataSchema,
    ) -> "Tensor":
        """New samples as a network sees them, float32 (count, ...), from seeded draws alone.

        Args:
            networks: by role, called with what they are fed by name, in evaluation mode.
            draw: how many, from which seed, of which class.
            options: of the run.
            schema: of its data.
        """
        raise TrainError(f"{self.title} makes no new samples.")

    def learner(self, context: "LearnerContext") -> "Learner":
        """The torch half: what one step does and how outputs are measured."""
        raise NotImplementedError


_REGISTRY: dict[str, Recipe] = {}


def registered() -> dict[str, Recipe]:
    """Recipes by kind; ask `recipes.catalogue`, which imports them all first."""
    return _REGISTRY


def inferred_recipe(training: TrainingSpec, schema: DataSchema) -> str:
    """The recipe kind of a project: its own, or what the target asks for."""
    if training.recipe is not None:
        return training.recipe
    learning = {kind: recipe for kind, recipe in _REGISTRY.items() if recipe.needs_target}
    fitting = [kind for kind, recipe in learning.items() if recipe.fits(schema) is None]
    return fitting[0] if fitting else next(iter(learning))


def _features(schema: DataSchema) -> int:
    """Numbers of a flat sample: what the first field holds in all."""
    total = 1
    for size in schema.fields[0].shape if schema.fields else ():
        total *= size
    return total
