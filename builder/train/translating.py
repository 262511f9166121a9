"""The learner of sequence to sequence: taught with the wanted text so far, shown by what it writes on its own."""

from collections.abc import Mapping

import torch
from torch import Tensor

from builder.data.prepare import Preparation
from builder.data.raw import SO_FAR, TEXT
from builder.data.read import BEGIN_TOKEN, END_TOKEN, ended, spelled
from builder.train.decoding import decoded, likeliest
from builder.train.learner import Forward, Inputs, LearnerContext, chunks
from builder.train.supervised import SupervisedLearner

MOST_LOGITS = 4_000_000
"""Values of one piece while measuring, so that a large vocabulary does not fill the memory."""


class TranslatingLearner(SupervisedLearner):
    """One network that answers (B, target length, target vocabulary) for a text and what is written of another."""

    def __init__(self, context: LearnerContext) -> None:
        super().__init__(context, lambda outputs, target, watched: {})
        self._vocabulary = context.schema.target_vocabulary

    def shown(self, inputs: Inputs) -> Mapping[str, Tensor]:
        """Tokens (N, ...) of these few: the `text`, what is `wanted` (its end left out), and what it writes now."""
        so_far = inputs[SO_FAR]
        wanted = torch.cat([so_far[:, 1:], torch.zeros_like(so_far[:, :1])], 1)
        return {
            "text": inputs[TEXT],
            "wanted": wanted,
            "written": translated(self._forward, inputs),
        }

    @torch.no_grad()
    def measure(self, inputs: Inputs, target: Tensor, *, chunk: int) -> dict[str, float]:
        """Loss and accuracy of each token given the right ones before it, and the share of texts that are all right.

        Writing greedily gives a text whose every token is right if and only if each is right behind the right ones, so
        exact match is what greedy decoding gets.
        """
        size = max(1, min(chunk, MOST_LOGITS // (target.shape[1] * max(1, self._vocabulary))))
        total, right, exact, start = 0.0, 0, 0, 0
        was_training = self._network.training
        self._network.eval()
        try:
            for piece in chunks(inputs, size):
                logits = self.outputs(piece)
                wanted = target[start : start + len(logits)]
                start += len(logits)
                real = wanted != 0
                hits = (likeliest(logits, END_TOKEN) == wanted) & real
                total += float(self._loss(logits, wanted)) * int(real.sum())
                right += int(hits.sum())
                exact += int((hits == real).all(1).sum())
        finally:
            self._network.train(was_training)
        tokens = max(1, int((target != 0).sum()))
        return {
            "loss": total / tokens,
            "exact_match": exact / max(1, len(target)),
            "token_accuracy": right / tokens,
        }


def spelled_rows(preparation: Preparation, tokens: Tensor) -> list[str]:
    """The texts of rows of tokens, each up to its end."""
    settings = preparation.settings["target"]
    return [spelled(ended(row), settings) for row in tokens.tolist()]


def translated(forward: Forward, inputs: Inputs) -> Tensor:
    """What a network writes for these texts, greedily: int64 (N, target length)."""
    count, length = inputs[SO_FAR].shape
    device = inputs[SO_FAR].device
    return decoded(
        lambda so_far: forward({**inputs, SO_FAR: so_far.to(device)}),
        count,
        length,
        begin=BEGIN_TOKEN,
        end=END_TOKEN,
    )
