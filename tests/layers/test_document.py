import re
from pathlib import Path
from typing import Any

import pytest
import torch

from builder.layers import activation, base, catalogue
from builder.layers.base import TensorType
from builder.layers.document import PLACE, document
from builder.layers.following import followers
from builder.network import shapes
from builder.network.compile import allow, build
from builder.network.source import generate
from builder.spec.network import Network, Node, Wire
from builder.spec.project import Project
from builder.ui.canvas.palette import palette
from tests.layers import test_contract

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
    scope: dict[str, Any] = {"__name__": activation.__name__}
    exec(compile(code, str(GUIDE), "exec"), scope)
    caches = (
        catalogue.all_kinds,
        catalogue.kinds_by_name,
        catalogue.knobs,
        followers,
        palette,
    )
    for cached in caches:
        cached.cache_clear()
    yield scope["SquaredReLU"]
    for cached in caches:
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


def test_the_example_of_the_guide_is_in_the_palette_and_has_a_form(guide_example: Any) -> None:
    told = palette()["kinds"]["squared_relu"]
    assert told["title"] == "Squared ReLU" and told["family"] == "activation"
    assert told["link"] == "https://arxiv.org/abs/2109.08668"
    (scale,) = catalogue.knobs("squared_relu")
    assert (scale.label, scale.type, scale.default) == ("Scale", "float", 1.0)
    assert "| Scale `scale` |" in document()


def test_the_example_of_the_guide_is_drawn_printed_and_run(
    guide_example: Any, tmp_path: Path
) -> None:
    nodes = (
        Node(id="a", kind="input", name="in", knobs={"shape": (4,)}),
        Node(id="b", kind="squared_relu", name="bent", knobs={"scale": 2.0}),
        Node(id="c", kind="output", name="out"),
    )
    wires = (Wire(source="a", target="b"), Wire(source="b", target="c"))
    source = generate(Project(networks=(Network(nodes=nodes, wires=wires),)), {})
    assert "2.0 * torch.relu(" in source.text
    allow(source.text)
    network = build(source, tmp_path / "model.py", 0)["network"]
    x = torch.randn(3, 4)
    assert torch.equal(network(x), 2.0 * torch.relu(x) ** 2)


def test_the_example_of_the_guide_keeps_every_promise_of_a_layer(
    guide_example: Any, run: Any
) -> None:
    kind = guide_example
    tried = test_contract.Tried(kind)
    test_contract.test_it_accepts_its_own_example(tried)
    test_contract.test_every_setting_changes_what_torch_is_asked_for(tried)
    test_contract.test_shape_is_the_same_for_every_batch_and_on_the_meta_device(tried)
    test_contract.test_declared_shape_is_the_shape_torch_computes(tried)
    test_contract.test_forward_leaves_its_inputs_alone_and_gradients_flow(tried)
    test_contract.test_samples_never_mix_but_where_the_kind_says_so_and_only_in_training(tried)
    test_contract.test_the_line_is_plain_torch(tried)
    test_contract.test_every_setting_at_its_bounds_is_built_by_torch_or_refused_in_words(kind, run)
    test_contract.test_settings_survive_json(kind)
    test_contract.test_words_are_there_and_short(kind)
    test_contract.test_what_comes_after_it_is_proposed(kind)


def test_the_example_of_the_guide_computes_what_it_says(guide_example: Any, run: Any) -> None:
    placed = run.place(guide_example(scale=3.0), guide_example.example)
    x = torch.tensor([[-1.0, 2.0]])
    assert torch.equal(placed(x), torch.tensor([[0.0, 12.0]]))
