"""Greedy decoding writes the likeliest token each time and stops behind the end."""

import torch

from builder.train.decoding import decoded, likeliest


def fixed(rows):
    """A network that answers at each place with the next token of each row, whatever it is fed."""
    wanted = torch.tensor(rows)
    asked = []

    def network(so_far):
        asked.append(so_far.clone())
        return torch.nn.functional.one_hot(wanted, 9).float()

    return network, asked


def test_it_writes_until_the_end_and_leaves_the_rest_empty():
    network, asked = fixed([[5, 6, 3, 8], [7, 3, 8, 8]])
    written = decoded(network, 2, 4, begin=2, end=3)
    assert written.tolist() == [[5, 6, 3, 0], [7, 3, 0, 0]]
    assert [one[0].tolist() for one in asked] == [[2, 0, 0, 0], [2, 5, 0, 0], [2, 5, 6, 0]]


def test_a_text_without_an_end_is_cut_at_its_length():
    network, asked = fixed([[5, 6, 7]])
    assert decoded(network, 1, 3, begin=2, end=3).tolist() == [[5, 6, 7]]
    assert len(asked) == 3


def test_tokens_that_stand_for_no_text_are_never_written():
    logits = torch.tensor([9.0, 8.0, 7.0, 1.0, 2.0])
    assert int(likeliest(logits, 3)) == 4
