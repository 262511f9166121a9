import re
from pathlib import Path
from typing import Any

import pytest

from builder.layers import activation, base, catalogue
from builder.layers.base import TensorType
from builder.layers.document import PLACE, document
from builder.network import shapes

GUIDE = Path(__file__).parents[2] / "docs" / "adding-a-layer.md"


def test_the_page_of_layers_is_up_to_date() -> None:
    assert PLACE.read_text(encoding="utf-8") == document(), "run python -m builder.layers.document"


def test_every_kind_and_setting_is_documented() -> None:
    page = document()
    for kind in catalogue.all_kinds():
        assert f"### {kind.title}\n" in page and f"`{kind.kind}` ·" in page
        for info in catalogue.knobs(kind.kind):
            assert f"| {info.label} `{info.name}` |" in page


@pytest.fixture
def guide_example(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The class in docs/adding-a-layer.md, run as if it stood in activation.py; gone afterwards."""
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), flags=re.S)
    monkeypatch.setattr(base, "_REGISTRY", dict(base._REGISTRY))
    scope = dict(vars(activation))
    exec(compile(code, str(GUIDE), "exec"), scope)
    for cached in (catalogue.all_kinds, catalogue.knobs):
        cached.cache_clear()
    yield scope["SquaredReLU"]
    for cached in (catalogue.all_kinds, catalogue.knobs):
        cached.cache_clear()


def test_the_example_of_the_guide_is_a_layer_by_existing(guide_example: Any) -> None:
    kind = guide_example
    assert catalogue.find("squared_relu") is kind
    assert catalogue.search("primer")[0].kind is kind
    assert catalogue.knobs("squared_relu")[0].maximum == 1000
    layer = catalogue.parse("squared_relu", {"scale": 2.0})
    assert layer.brief() == "×2"
    assert shapes.infer(layer, kind.example) == (TensorType((16,), "float32", "features"),)
    assert "### Squared ReLU" in document()


def test_the_example_of_the_guide_computes_what_it_says(guide_example: Any, run: Any) -> None:
    import torch

    placed = run.place(guide_example(scale=3.0), guide_example.example)
    x = torch.tensor([[-1.0, 2.0]])
    assert torch.equal(placed(x), torch.tensor([[0.0, 12.0]]))
