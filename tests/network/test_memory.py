"""What a drawing is said to hold for the backward pass, against what torch saves on real tensors."""

import pytest
import torch

from builder.network.check import check
from builder.network.compile import build
from builder.network.kept import real_bytes, saving
from builder.network.source import generate
from tests.network.drawing import draw

DRAWINGS = {
    "flat": "digits · input → flatten → linear → relu → l2=linear → tanh → l3=linear(out_features=10) → output",
    "images": "digits · input → conv2d → batch_norm2d → relu → max_pool2d → c2=conv2d → relu2=relu → dropout"
    " → flatten → linear(out_features=10) → output",
    "a skip": "digits · input → conv2d(out_channels=4) → relu → c2=conv2d(out_channels=4) → add; relu → add"
    " → r2=relu → global_avg_pool → linear(out_features=10) → output",
    "a repeated block": "digits · block b: input → linear(out_features=64) → gelu → output; input → flatten"
    " → block(block=b, repeat=3) → linear(out_features=10) → output",
    "shared views": "digits · input → conv2d → flatten → linear(out_features=16) → relu → l2=linear(out_features=10);"
    " flatten → relu2=relu → l3=linear(out_features=10) → add; l2 → add → output",
}
ATTENTION = (
    "series · input → linear(out_features=8) → multihead_attention(num_heads=2) → layer_norm"
    " → pool_steps → l2=linear(out_features=1) → output"
)
CLOSE = 0.1
"""What is small beside the rest differs: means of a batch, copies that only one device makes."""


def really_held(project, expectation, samples, tmp_path):
    source = generate(project, {"network": expectation})
    network = build(source, tmp_path / "model.py", 0)["network"].train()
    weights = [*network.parameters(), *network.buffers()]
    given = [torch.randn(samples, *feed.type.shape) for feed in expectation.inputs]
    with saving() as saved:
        network(*given)
    return real_bytes(saved, weights)


@pytest.mark.parametrize("name", DRAWINGS)
def test_what_is_held_for_backward_is_what_torch_saves(name, tmp_path):
    project, expectation = draw(DRAWINGS[name])
    report = check(project, "network", expectation)
    assert not report.errors(), [one.what for one in report.errors()]
    real = really_held(project, expectation, 16, tmp_path)
    assert report.saved * 16 == pytest.approx(real, rel=CLOSE)


def test_attention_is_told_on_the_safe_side(tmp_path):
    """Devices have kernels that never write the weights of attention down; the estimate counts them."""
    project, expectation = draw(ATTENTION)
    real = really_held(project, expectation, 16, tmp_path)
    assert real <= check(project, "network", expectation).saved * 16 <= 2 * real


def test_a_drawing_that_is_not_whole_still_has_a_figure():
    project, expectation = draw("digits · input → flatten → linear → relu; linear2=linear → output")
    assert check(project, "network", expectation).saved > 0
