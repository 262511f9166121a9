"""Sequence to sequence: another text for each text, written token by token."""

from typing import TYPE_CHECKING, ClassVar

from builder.data.raw import SO_FAR, TEXT, TEXT_LENGTH
from builder.layers.base import TensorType
from builder.network.expectation import Expectation, Feed, Want
from builder.spec.data import DataSchema
from builder.spec.problems import Problem
from builder.spec.project import Project
from builder.train.losses import LossKind, TargetToken
from builder.train.recipes.base import Metric, Recipe
from builder.train.recipes.causal import looking_ahead

if TYPE_CHECKING:
    from builder.train.learner import Learner, LearnerContext


class SequenceToSequence(Recipe):
    """Learns to write a text for a text; while it learns, it is given what it should have written so far (teacher
    forcing)."""

    kind: ClassVar[str] = "sequence_to_sequence"
    title: ClassVar[str] = "Sequence to sequence"
    summary: ClassVar[str] = "Writes another text for each text: a translation, a spelling, a form."
    losses: ClassVar[tuple[type[LossKind], ...]] = (TargetToken,)
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("exact_match", "Exact match", "higher", as_share=True),
        Metric("token_accuracy", "Token accuracy", "higher", as_share=True),
    )
    results: ClassVar[tuple[Metric, ...]] = (
        Metric("edit_distance", "Edit distance", "lower", short="edits"),
    )
    shows: ClassVar[str] = "translations"

    def fits(self, schema: DataSchema) -> str | None:
        """None when the target is a text."""
        if schema.target.kind != "text":
            return (
                "Sequence to sequence learns from pairs of texts, and the target of these data is no text. Bring a "
                "CSV file with two columns of texts, from and to, or choose another task."
            )
        return None

    def default_loss(self, schema: DataSchema) -> tuple[str, str]:
        """Cross-entropy of each target token."""
        return TargetToken.kind, "because each token is one of those that are known"

    def default_metric(self, schema: DataSchema) -> tuple[str, str]:
        """Exact match."""
        return "exact_match", "because a text with one wrong token is wrong"

    def wants(self, schema: DataSchema) -> tuple[Want, ...]:
        """At each place one logit for every token that can be written."""
        length, vocabulary = schema.fields[1].shape[0], schema.target_vocabulary
        why = f"because at each of {length} places any of {vocabulary:,} tokens may be written"
        return (Want("logits", (length, vocabulary), "logits", why),)

    def variables(self, schema: DataSchema) -> dict[str, int]:
        """Those of texts, and `target_vocabulary` and `target_length`."""
        return {
            **super().variables(schema),
            "target_vocabulary": schema.target_vocabulary,
            "target_length": schema.fields[1].shape[0],
        }

    def expectations(self, project: Project, schema: DataSchema) -> dict[str, Expectation]:
        """The text, what is written so far, and how long the text is come in; logits at each place go out."""
        (wanted,) = self.wants(schema)
        text, so_far = (TensorType(f.shape, f.dtype, f.role) for f in schema.fields)
        feeds = (
            Feed(TEXT, text),
            Feed(SO_FAR, so_far, vocabulary="target_vocabulary"),
            Feed(TEXT_LENGTH, TensorType((), "int64", "any")),
        )
        return {
            self.networks_of(project)["network"].name: Expectation(
                inputs=feeds,
                outputs=(wanted,),
                variables=self.variables(schema),
                batch_size=project.training.batch_size,
                why={
                    wanted.name: wanted.why,
                    SO_FAR: "because each next token depends on those written before it",
                    TEXT_LENGTH: "because what only fills a text up is to be left out",
                },
            )
        }

    def drawing_problems(
        self, project: Project, expectations: dict[str, Expectation]
    ) -> tuple[Problem, ...]:
        """A layer that looks at later tokens of what is to be written."""
        return looking_ahead(
            project,
            self.networks_of(project)["network"],
            expectations,
            field=SO_FAR,
            outcome="so the network would copy the next token instead of learning to write it",
        )

    def learner(self, context: "LearnerContext") -> "Learner":
        """Forward with the wanted text so far, cross-entropy at every place, one optimizer."""
        from builder.train.translating import TranslatingLearner

        return TranslatingLearner(context)
