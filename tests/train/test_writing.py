"""How tokens are drawn, and what a network is asked while it writes."""

import pytest
import torch

from builder.train.writing import drawn, written

LOGITS = torch.tensor([0.0, 2.0, 1.0, -1.0], dtype=torch.float64)


def draws(count=4000, **manner):
    usual = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, **manner}
    generator = torch.Generator().manual_seed(0)
    found = [drawn(LOGITS, generator=generator, **usual) for _ in range(count)]
    return torch.bincount(torch.tensor(found), minlength=4) / count


def test_draws_have_the_shares_of_softmax():
    assert torch.allclose(draws(), LOGITS.softmax(0).float(), atol=0.03)
    assert torch.allclose(draws(temperature=2.0), (LOGITS / 2).softmax(0).float(), atol=0.03)


def test_temperature_0_takes_the_likeliest():
    assert draws(50, temperature=0.0).tolist() == [0, 1, 0, 0]


def test_top_k_and_top_p_leave_the_likeliest():
    assert draws(500, top_k=2)[[0, 3]].tolist() == [0, 0]
    assert draws(500, top_p=0.5).tolist() == [0, 1, 0, 0]  # one token has more than half
    assert (draws(2000, top_p=0.8) > 0).tolist() == [False, True, True, False]


def echo(tokens):
    """A network that says the token after the last known one; 7 tokens."""
    logits = torch.zeros(1, tokens.shape[1], 7)
    logits.scatter_(2, ((tokens - 1) % 5 + 2)[..., None], 50.0)
    return logits


def test_it_goes_on_behind_the_last_token_of_the_window():
    assert list(written(echo, [2], 6, length=4, allowed=7)) == [3, 4, 5, 6, 2, 3]


def test_the_same_seed_writes_the_same_and_never_what_stands_for_no_text():
    def flat(tokens):
        return torch.zeros(1, tokens.shape[1], 7)

    first, again = (list(written(flat, [2], 60, length=4, allowed=6, seed=3)) for _ in range(2))
    assert first == again and set(first) <= {2, 3, 4, 5}
    assert first != list(written(flat, [2], 60, length=4, allowed=6, seed=4))


@pytest.mark.parametrize("begun", [[2], [2, 3, 4, 5, 6, 2]])
def test_the_network_always_sees_a_whole_window(begun):
    seen = []

    def watching(tokens):
        seen.append(tuple(tokens.shape))
        return echo(tokens)

    list(written(watching, begun, 3, length=4, allowed=7))
    assert set(seen) == {(1, 4)}
