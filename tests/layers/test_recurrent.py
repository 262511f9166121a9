from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from torch.utils.flop_counter import FlopCounterMode

from builder.layers.base import TensorType
from builder.layers.catalogue import parse
from builder.layers.modules import PaddedRecurrent

SEQUENCE = TensorType((9, 5), "float32", "sequence")
KINDS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
SETTINGS = [
    {},
    {"num_layers": 3},
    {"bidirectional": True},
    {"bidirectional": True, "num_layers": 2},
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_flops_are_what_torch_counts_over_all_steps(
    kind: str, settings: dict[str, Any], run: Any
) -> None:
    layer = parse(kind, {"hidden_size": 7, "output": "sequence", **settings})
    types = ((SEQUENCE,), ())
    placed = run.place(layer, types, "meta")
    with FlopCounterMode(display=False) as counter:
        placed(*run.tensors(types, 2, "meta"))
    assert layer.flops(types, ()) == counter.get_total_flops() // 2


@pytest.mark.parametrize("kind", KINDS)
def test_the_last_answer_of_both_directions_has_read_everything(kind: str, run: Any) -> None:
    layer = parse(kind, {"hidden_size": 4, "bidirectional": True, "num_layers": 2})
    placed = run.place(layer, ((SEQUENCE,), ()))
    x = torch.randn(3, 9, 5)
    every = placed.module(x)[0]  # (B, T, 2H)
    expected = torch.cat([every[:, -1, :4], every[:, 0, 4:]], dim=1)
    torch.testing.assert_close(placed(x), expected)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_padded_sequences_give_what_torchs_packed_ones_give(
    kind: str, settings: dict[str, Any]
) -> None:
    whole = KINDS[kind](5, 4, batch_first=True, **settings)
    ours = PaddedRecurrent(kind.upper(), 5, 4, last=False, **settings)
    for level in range(whole.num_layers):
        for readers, suffix in ((ours.forwards, ""), (ours.backwards, "_reverse")):
            if len(readers) == 0:
                continue
            weights = whole.state_dict()
            one = {
                f"{name}_l0": weights[f"{name}_l{level}{suffix}"]
                for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            }
            readers[level].load_state_dict(one)
    x, lengths = torch.randn(4, 9, 5), torch.tensor([9, 6, 2, 1])
    packed = pack_padded_sequence(x, lengths, batch_first=True)
    expected = pad_packed_sequence(whole(packed)[0], batch_first=True)[0]
    torch.testing.assert_close(ours(x, lengths), expected)


def test_padding_that_is_not_a_number_hurts_neither_answer_nor_gradient() -> None:
    ours = PaddedRecurrent("LSTM", 5, 4, bidirectional=True)
    x = torch.randn(2, 9, 5)
    x[1, 3:] = torch.nan
    answer = ours(x, torch.tensor([9, 3]))
    answer.sum().backward()
    assert torch.isfinite(answer).all()
    assert all(torch.isfinite(one.grad).all() for one in ours.parameters() if one.grad is not None)


def test_dropout_is_passed_on_only_where_there_is_a_layer_between() -> None:
    types = ((SEQUENCE,), ())
    assert "dropout" not in parse("lstm", {"dropout": 0.5}).call(*types).arguments
    stacked = parse("lstm", {"dropout": 0.5, "num_layers": 2}).call(*types)
    assert stacked.arguments["dropout"] == 0.5


def test_the_usual_lstm_reads_as_a_person_would_write_it() -> None:
    call = parse("lstm", {"hidden_size": 64}).call((SEQUENCE,), ())
    assert call.constructor == "nn.LSTM" and call.forward == "{self}({in})[0][:, -1]"
    assert call.arguments == {"input_size": 5, "hidden_size": 64, "batch_first": True}
    assert call.roles == ("features",)


def test_a_flat_input_is_refused_with_what_to_do() -> None:
    wrong = parse("gru", {}).accepts((TensorType((16,)),), ())
    assert wrong is not None and wrong.needs == "a sequence: steps × features"
    assert "Put Reshape before it" in wrong.advice


def test_lengths_that_are_not_one_number_a_sample_are_refused() -> None:
    wrong = parse("gru", {}).accepts((SEQUENCE,), (TensorType((3,), "float32"),))
    assert wrong is not None and wrong.port == "lengths"
