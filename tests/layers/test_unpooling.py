from typing import Any

import torch

from builder.layers.base import TensorType
from builder.layers.catalogue import parse
from builder.network import shapes

IMAGE = TensorType((2, 7, 7), "float32", "image")


def test_a_pool_gives_its_places_only_when_asked() -> None:
    plain, asked = (parse("max_pool2d", {"return_indices": on}) for on in (False, True))
    assert plain.gives == ("out",) and asked.gives == ("out", "indices")
    _, places = shapes.infer(asked, ((IMAGE,),))
    assert places.dtype == "int64" and places.shape == (2, 3, 3)


def test_largest_values_go_back_to_where_they_were_at_the_size_from_before(run: Any) -> None:
    pool = run.place(parse("max_pool2d", {"return_indices": True}), ((IMAGE,),))
    x = torch.rand(3, 2, 7, 7)
    pooled, places = pool(x)
    small = TensorType((2, 3, 3), "float32", "image")
    types = ((small,), (TensorType((2, 3, 3), "int64"),), (IMAGE,))
    layer = parse("max_unpool2d", {})
    assert layer.accepts(*types) is None
    back = run.place(layer, types)(pooled, places, x)
    assert back.shape == x.shape
    kept = back != 0
    assert int(kept.sum()) == pooled.numel() and torch.equal(back[kept], x[kept])


def test_unpooling_asks_for_the_places_and_says_where_they_come_from() -> None:
    small = TensorType((2, 3, 3), "float32", "image")
    wrong = parse("max_unpool2d", {}).accepts((small,), (small,), ())
    assert wrong is not None and wrong.port == "indices" and "MaxPool2d" in wrong.advice


def test_lots_are_drawn_in_training_only_and_for_each_sample(run: Any) -> None:
    given = ((TensorType((3, 10, 10), "float32", "image"),),)
    placed = run.place(parse("fractional_max_pool2d", {}), given)
    x = torch.randn(2, 3, 10, 10)
    torch.manual_seed(1)
    one, two = placed(x), placed(x)
    torch.manual_seed(1)
    assert torch.equal(placed(x), one) and not torch.equal(one, two)
    placed.module.eval()
    state = torch.get_rng_state()
    assert torch.equal(placed(x), placed(x)) and torch.equal(torch.get_rng_state(), state)
