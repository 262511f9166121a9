"""Language model: what comes next in a text, asked at every place."""

from typing import TYPE_CHECKING, ClassVar

from builder.data.raw import TEXT
from builder.network.expectation import Expectation, Want
from builder.spec.data import DataSchema
from builder.spec.problems import Problem
from builder.spec.project import Project
from builder.train.losses import LossKind, NextToken
from builder.train.recipes.base import Metric, Recipe
from builder.train.recipes.causal import looking_ahead

if TYPE_CHECKING:
    from builder.train.learner import Learner, LearnerContext


class LanguageModel(Recipe):
    """Learns a text by guessing each next token from those before it."""

    kind: ClassVar[str] = "language_model"
    title: ClassVar[str] = "Language model"
    summary: ClassVar[str] = "Learns how a text goes on, and writes such text itself."
    losses: ClassVar[tuple[type[LossKind], ...]] = (NextToken,)
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("nats_per_token", "Nats per token", "lower"),
        Metric("perplexity", "Perplexity", "lower"),
    )
    shows: ClassVar[str] = "text"

    def fits(self, schema: DataSchema) -> str | None:
        """None when the data are one text."""
        if schema.target.kind != "tokens":
            return (
                f"These data have a target, {schema.target.name}, and a language model learns one text without "
                "labels. Choose another task, or import a plain text file."
            )
        return None

    def default_loss(self, schema: DataSchema) -> tuple[str, str]:
        """Cross-entropy of the next token."""
        return NextToken.kind, "because the next token is one of those that are known"

    def default_metric(self, schema: DataSchema) -> tuple[str, str]:
        """Nats per token."""
        return "nats_per_token", "because it is what the network learns to make small"

    def wants(self, schema: DataSchema) -> tuple[Want, ...]:
        """At each place one logit for every token."""
        (length,), vocabulary = schema.fields[0].shape, schema.vocabulary
        why = f"because at each of {length} places any of {vocabulary:,} tokens may follow"
        return (Want("logits", (length, vocabulary), "logits", why),)

    def drawing_problems(
        self, project: Project, expectations: dict[str, Expectation]
    ) -> tuple[Problem, ...]:
        """A layer that looks at later tokens: the network would copy the answer instead of foretelling it."""
        return looking_ahead(
            project,
            self.networks_of(project)["network"],
            expectations,
            field=TEXT,
            outcome="so the network would copy the next token instead of foretelling it",
        )

    def learner(self, context: "LearnerContext") -> "Learner":
        """Forward over windows, cross-entropy at every place, one optimizer."""
        from builder.train.language import LanguageLearner

        return LanguageLearner(context)
