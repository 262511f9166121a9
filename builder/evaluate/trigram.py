"""The simple opponent of a language model: how often three tokens stood together in the training text."""

import numpy as np
from numpy.typing import NDArray

Tokens = NDArray[np.int64]
Floats = NDArray[np.float64]


class Trigram:
    """Counts of one, two and three tokens, mixed as Witten and Bell (1991) do.

    A context that was followed by many different tokens trusts its shorter form more:
    p(c | h) = (n(h, c) + t(h) * p(c | shorter h)) / (n(h) + t(h)), t(h) the different tokens seen behind h.
    """

    def __init__(self, tokens: Tokens, vocabulary: int) -> None:
        self.vocabulary = vocabulary
        self._total = len(tokens)
        self._single = np.bincount(tokens, minlength=vocabulary)
        self._pairs = _Counts(tokens[:-1], tokens[1:], vocabulary)
        before = tokens[:-2] * vocabulary + tokens[1:-1]
        self._triples = _Counts(before, tokens[2:], vocabulary)

    def nats(self, tokens: Tokens) -> Floats:
        """Of each token but the first, how surprising it is behind the two before it: float64 (len - 1,)."""
        last, wanted = tokens[:-1], tokens[1:]
        share = (self._single[wanted] + 1) / (self._total + self.vocabulary)
        share = self._pairs.share(last, wanted, share)
        two = last[:-1] * self.vocabulary + last[1:]
        share[1:] = self._triples.share(two, wanted[1:], share[1:])
        surprise: Floats = -np.log(share)
        return surprise


class _Counts:
    """How often each token followed each context."""

    def __init__(self, contexts: Tokens, followers: Tokens, vocabulary: int) -> None:
        self._vocabulary = vocabulary
        self._keys, self._times = np.unique(contexts * vocabulary + followers, return_counts=True)
        owners = self._keys // vocabulary
        self._contexts, starts, self._kinds = np.unique(
            owners, return_index=True, return_counts=True
        )
        self._sums = np.add.reduceat(self._times, starts) if len(starts) else self._times

    def share(self, contexts: Tokens, followers: Tokens, shorter: Floats) -> Floats:
        """p(follower | context), mixed with that of the shorter context."""
        times = _looked_up(self._keys, self._times, contexts * self._vocabulary + followers)
        sums = _looked_up(self._contexts, self._sums, contexts)
        kinds = _looked_up(self._contexts, self._kinds, contexts)
        total = np.maximum(sums + kinds, 1)
        mixed: Floats = np.where(sums > 0, (times + kinds * shorter) / total, shorter)
        return mixed


def _looked_up(keys: Tokens, values: Tokens, wanted: Tokens) -> Tokens:
    """The value of each key, 0 where there is none."""
    if not len(keys):
        return np.zeros(len(wanted), np.int64)
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[places] == wanted, values[places], 0)
