"""The learner of language models: cross-entropy at every place of a window, measured token by token."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from builder.train.learner import Inputs, LearnerContext, chunks
from builder.train.supervised import SupervisedLearner
from builder.train.writing import written

PROMPT, WRITTEN = 32, 160
"""Tokens of the text that is begun, and of what is written behind it, while training."""
MOST_LOGITS = 4_000_000
"""Values of one piece while measuring, so that a large vocabulary does not fill the memory."""


class LanguageLearner(SupervisedLearner):
    """One network that answers (B, length, vocabulary) for tokens (B, length)."""

    def __init__(self, context: LearnerContext) -> None:
        super().__init__(context, lambda outputs, target, watched: {})
        self._vocabulary = context.schema.vocabulary

    def shown(self, inputs: Inputs) -> Mapping[str, Tensor]:
        """Tokens (1, n): the beginning of the first window as `prompt`, and what it writes behind it as `text`."""
        (tokens,) = inputs.values()
        prompt = tokens[:1, : min(PROMPT, tokens.shape[1])]
        found = written(
            lambda window: self._network(window.to(tokens.device)).cpu(),
            prompt[0].tolist(),
            WRITTEN,
            length=tokens.shape[1],
            allowed=self._vocabulary,
        )
        return {"prompt": prompt, "text": torch.tensor([list(found)])}

    def measure(self, inputs: Inputs, target: Tensor, *, chunk: int) -> dict[str, float]:
        """Loss, nats per token and perplexity over all places of all windows."""
        places = target.shape[1]
        size = max(1, min(chunk, MOST_LOGITS // (places * max(1, self._vocabulary))))
        total, start = 0.0, 0
        modes = [(part, part.training) for part in self._network.modules()]
        self._network.eval()
        try:
            with torch.no_grad():
                for piece in chunks(inputs, size):
                    logits = self.outputs(piece)
                    wanted = target[start : start + len(logits)]
                    start += len(logits)
                    total += float(nats(logits, wanted).double().sum())
        finally:
            for part, training in modes:
                part.training = training
        mean = total / max(1, target.numel())
        return {"loss": mean, "nats_per_token": mean, "perplexity": math.exp(min(mean, 700.0))}


def nats(logits: Tensor, target: Tensor) -> Tensor:
    """The cross-entropy at each place: logits (B, T, V), target int64 (B, T) -> (B, T)."""
    flat = cross_entropy(logits.flatten(0, 1), target.flatten(), reduction="none")
    return flat.reshape(target.shape)
