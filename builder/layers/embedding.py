"""Tables with one learned row for each token or category."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from builder.layers import needs
from builder.layers.base import (
    Call,
    Family,
    Inputs,
    LayerType,
    Mismatch,
    TensorType,
    beyond_defaults,
    knob,
)
from builder.layers.bounds import Width
from builder.spec.data import Role

Token = Annotated[int, Field(ge=-1, le=999_999)]


class _Table(LayerType):
    """What tables have in common."""

    family: ClassVar[Literal["dense"]] = "dense"
    vocabulary: ClassVar[str] = "num_embeddings"

    num_embeddings: Width = knob(
        1000,
        "Vocabulary",
        "How many different tokens there are. Take the data's own count. "
        "A token beyond it stops the run.",
        essential=True,
    )
    embedding_dim: Width = knob(
        64,
        "Features",
        "How many numbers describe one token. 16 suits small vocabularies. "
        "More can tell more meanings apart and costs weights.",
        essential=True,
    )
    padding_idx: Token = knob(
        -1,
        "Padding token",
        "The token that only fills up, whose row stays 0. -1 means none. 0 is usual for text.",
    )

    def known(self) -> Mismatch | None:
        """Refuses a padding token beyond the vocabulary."""
        if self.padding_idx < self.num_embeddings:
            return None
        return Mismatch(
            f"a padding token below the vocabulary of {self.num_embeddings}, not {self.padding_idx}",
            "Set padding token to -1 for none.",
            knob="padding_idx" if self.padding_idx > 0 else "num_embeddings",
        )

    def settings(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        padding = None if self.padding_idx < 0 else self.padding_idx
        return {
            "num_embeddings": self.num_embeddings,
            "embedding_dim": self.embedding_dim,
            **beyond_defaults(padding_idx=(padding, None)),
        }

    def brief(self) -> str:
        return f"{self.num_embeddings} tokens · {self.embedding_dim} features"


class Embedding(_Table):
    """A table with one learned row for each word or category."""

    kind: ClassVar[str] = "embedding"
    title: ClassVar[str] = "Embedding"
    reference: ClassVar[str] = "torch.nn.Embedding"
    summary: ClassVar[str] = "Looks up a learned list of numbers for each token or category."
    when: ClassVar[str] = "First layer for text and for categories."
    more: ClassVar[str] = "More features tell more words apart."
    synonyms: ClassVar[tuple[str, ...]] = (
        "lookup",
        "word vectors",
        "tokens",
        "vocabulary",
        "categories",
        "one hot",
    )
    usual_after: ClassVar[tuple[Family, ...]] = ("input_output",)
    example: ClassVar[Inputs] = ((TensorType((7,), "int64", "tokens"),),)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        if given.dtype != "int64":
            return Mismatch(
                "whole numbers: tokens or category codes",
                "Use Linear for decimal numbers.",
                code="wrong_dtype",
            )
        return self.known() or needs.holdable(
            (*given.shape, self.embedding_dim), knob="embedding_dim"
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        rank = len(inputs[0][0].shape)
        role: Role = "sequence" if rank == 1 else "features" if rank == 0 else "any"
        return Call(
            "nn.Embedding",
            arguments=self.settings(),
            roles=(role,),
        )

    @classmethod
    def adapt(
        cls, given: TensorType, consumer: LayerType, wanted: tuple[int, ...] = ()
    ) -> dict[str, Any] | None:
        """Turns whole numbers into features."""
        if given.dtype != "int64" or not given.shape:
            return None
        made = TensorType((*given.shape, 64), "float32", "sequence")
        return {} if consumer.suits(made) else None


class EmbeddingBag(_Table):
    """The rows of all tokens of a sample, merged into one."""

    kind: ClassVar[str] = "embedding_bag"
    title: ClassVar[str] = "EmbeddingBag"
    reference: ClassVar[str] = "torch.nn.EmbeddingBag"
    summary: ClassVar[str] = "Looks up each token's learned numbers and merges them into one list."
    when: ClassVar[str] = "For text or tags whose order does not matter; small and fast."
    synonyms: ClassVar[tuple[str, ...]] = (
        "bag of words",
        "lookup",
        "word vectors",
        "tokens",
        "fasttext",
    )
    example: ClassVar[Inputs] = ((TensorType((7,), "int64", "tokens"),),)

    mode: Literal["mean", "sum", "max"] = knob(
        "mean",
        "Merged by",
        "Mean suits most. Sum counts repetitions. Max keeps the strongest of each feature.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        if given.dtype != "int64":
            return Mismatch(
                "whole numbers: tokens of a text",
                "Use Linear for decimal numbers.",
                code="wrong_dtype",
            )
        if len(given.shape) != 1:
            return Mismatch(
                "a list of tokens", "Use Embedding for other shapes.", code="wrong_rank"
            )
        return self.known()

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {**self.settings(), "mode": self.mode}
        return Call("nn.EmbeddingBag", arguments=arguments, roles=("features",))
