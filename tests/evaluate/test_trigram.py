"""The 3-gram opponent against sums written out by hand."""

from collections import Counter
from math import log

import numpy as np

from builder.evaluate.trigram import Trigram


def by_hand(train, asked, vocabulary):
    """Witten and Bell's mixture, token by token."""
    one, two, three = (
        Counter(zip(*(train[i:] for i in range(n)), strict=False)) for n in (1, 2, 3)
    )

    def share(context, token):
        if not context:
            return (one[token,] + 1) / (len(train) + vocabulary)
        counts = two if len(context) == 1 else three
        behind = {key: n for key, n in counts.items() if key[:-1] == context}
        shorter = share(context[1:], token)
        if not behind:
            return shorter
        return (behind.get((*context, token), 0) + len(behind) * shorter) / (
            sum(behind.values()) + len(behind)
        )

    return [-log(share(tuple(asked[max(0, i - 2) : i]), asked[i])) for i in range(1, len(asked))]


def test_it_is_the_mixture_of_witten_and_bell():
    draw = np.random.default_rng(0)
    train, asked = draw.integers(0, 6, 200), draw.integers(0, 8, 60)
    found = Trigram(train, 8).nats(asked)
    assert np.allclose(found, by_hand(train.tolist(), asked.tolist(), 8))


def test_shares_of_all_tokens_add_up_to_one():
    draw = np.random.default_rng(1)
    model = Trigram(draw.integers(0, 5, 100), 5)
    total = sum(np.exp(-model.nats(np.array([3, 1, token]))[1]) for token in range(5))
    assert abs(total - 1) < 1e-12
