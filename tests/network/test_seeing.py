"""The receptive field, against the pixels that really change an answer."""

import pytest
import torch

from builder.network.check import check
from builder.network.compile import build
from builder.network.source import generate
from tests.network.drawing import draw

CHAINS = {
    "conv2d(out_channels=2)": (3, 3),
    "conv2d(out_channels=2) → c2=conv2d(out_channels=2)": (5, 5),
    "conv2d(out_channels=2, dilation=2, padding=2)": (5, 5),
    "conv2d(out_channels=2, kernel_size=[3,5], padding=[1,2])": (3, 5),
    "conv2d(out_channels=2) → avg_pool2d → c2=conv2d(out_channels=2)": (8, 8),
    "conv2d(out_channels=2, stride=2) → c2=conv2d(out_channels=2)": (7, 7),
    "c1=conv2d(out_channels=3) → c2=conv2d(out_channels=3) → add; input → add": (5, 5),
}


def reported(chain):
    first, *rest = chain.split("; ")
    text = f"photos · input → {first}"
    project, expectation = draw("; ".join([text, *rest]))
    report = check(project, "network", expectation)
    last = [one for one in report.order if report.nodes[one].sees][-1]
    return report.nodes[last].sees


def really_seen(chain, tmp_path):
    """The box of input pixels on which one place in the middle of the last layer depends."""
    first, *rest = chain.split("; ")
    last = first.split(" → ")[-1].split("=")[0].split("(")[0]
    text = "; ".join([f"nothing · input(shape=[3,64,64]) → {first}", *rest, f"{last} → output"])
    project, expectation = draw(text)
    network = build(generate(project, {"network": expectation}), tmp_path / "model.py", 0)[
        "network"
    ]
    image = torch.randn(1, 3, 64, 64, requires_grad=True)
    made = network(image)
    made[0, :, made.shape[2] // 2, made.shape[3] // 2].sum().backward()
    touched = image.grad[0].abs().sum(0).nonzero()
    high = touched.max(0).values - touched.min(0).values + 1
    return tuple(high.tolist())


@pytest.mark.parametrize("chain", CHAINS)
def test_what_a_place_sees_is_what_changes_it(chain, tmp_path):
    assert reported(chain) == CHAINS[chain] == really_seen(chain, tmp_path)


def test_flat_values_and_sequences_have_no_receptive_field():
    project, expectation = draw("digits · input → flatten → linear(out_features=10) → output")
    report = check(project, "network", expectation)
    assert report.nodes["flatten"].sees == report.nodes["linear"].sees == ()


def test_a_transposed_convolution_looks_at_fewer_places_than_its_kernel():
    transposed = "conv_transpose2d(out_channels=2, kernel_size=2, stride=2, padding=0)"
    assert reported(f"conv2d(out_channels=2) → {transposed}") == (3, 3)
