import math

import pytest
import torch

from builder.layers import modules
from builder.layers.base import TensorType
from builder.layers.catalogue import parse


def test_a_time_is_written_as_the_waves_of_the_diffusion_paper():
    made = modules.TimeEmbedding(6)(torch.tensor([0, 7]))
    assert made.shape == (2, 6) and made[0].tolist() == [0, 0, 0, 1, 1, 1]
    for i in range(3):
        angle = 7 * 10000 ** (-2 * i / 6)
        assert made[1, i] == pytest.approx(math.sin(angle), abs=1e-5)
        assert made[1, 3 + i] == pytest.approx(math.cos(angle), abs=1e-5)
    assert torch.equal(modules.TimeEmbedding(6)(torch.tensor([[0.0], [7.0]])), made)
    assert modules.TimeEmbedding(5)(torch.tensor([3])).shape == (1, 5)


@pytest.mark.parametrize(
    ("given", "sizes"),
    [
        (TensorType((8, 6, 6), "float32", "image"), (8, 1, 1)),
        (TensorType((5, 8), "float32", "sequence"), (1, 8)),
        (TensorType((8,), "float32", "features"), (8,)),
    ],
)
def test_film_scales_and_shifts_each_feature_wherever_it_stands(given, sizes, run):
    layer, code = parse("film", {}), TensorType((3,), "float32", "features")
    placed = run.place(layer, ((given,), (code,)))
    assert placed.module.sizes == sizes
    x, c = torch.randn(2, *given.shape), torch.randn(2, 3)
    scale, shift = placed.module.say(c).chunk(2, 1)
    axis = 1 if given.role == "image" else -1
    moved = x.movedim(axis, -1)
    between = [1] * (moved.ndim - 2)
    expected = moved * (1 + scale.view(2, *between, 8)) + shift.view(2, *between, 8)
    torch.testing.assert_close(placed(x, c), expected.movedim(-1, axis))


def test_a_draw_is_the_mean_when_not_training_and_a_normal_number_when_it_is():
    torch.manual_seed(0)
    draw = modules.Reparameterise()
    mean, log_variance = torch.full((20_000, 1), 2.0), torch.full((20_000, 1), math.log(0.25))
    drawn = draw(mean, log_variance)
    assert 1.98 < drawn.mean() < 2.02 and 0.49 < drawn.std() < 0.51
    torch.manual_seed(3)
    first = draw(mean, log_variance)
    torch.manual_seed(3)
    assert torch.equal(draw(mean, log_variance), first)
    assert torch.equal(draw.eval()(mean, log_variance), mean)


def test_a_spread_of_another_width_is_refused_at_its_port():
    wrong = parse("reparameterise", {}).accepts((TensorType((4,)),), (TensorType((5,)),))
    assert wrong.port == "log_variance"
