"""What every kind of layer promises, checked for every kind there is: torch is the referee."""

import ast
import json
from typing import Any

import pytest
import torch

from builder.layers.base import LayerType, TensorType
from builder.layers.catalogue import all_kinds, find, knobs, parse
from builder.network import shapes

KINDS = [kind for kind in all_kinds() if kind.inputs]
LENGTHS = TensorType((), "int64", "any")
MOST_WORDS = 30
TOGETHER: dict[str, list[dict[str, Any]]] = {
    "fold": [
        {"output_size": 4, "stride": 1},
        {"output_size": 4, "padding": 1},
        {"output_size": 7, "dilation": 2},
    ]
}
"""Settings that fit only together."""


def typical(kind: type[LayerType]) -> list[dict[str, Any]]:
    """The defaults, and every setting once at a value that small inputs can bear."""
    tried: list[dict[str, Any]] = [{}]
    for info in knobs(kind.kind):
        if info.type == "bool":
            tried.append({info.name: not info.default})
        elif info.type == "choice":
            tried += [{info.name: choice} for choice in info.choices if choice != info.default]
        elif info.type == "int":
            assert info.maximum is not None
            small = [1, 2] if info.maximum <= 1024 else [2, 4]
            small += [-1, 0] if (info.minimum or 0) < 0 else []
            tried += [{info.name: value} for value in small]
        elif info.type == "pair":
            uneven = (2, *(1,) * (info.axes - 1))
            tried += [{info.name: value} for value in (1, 2, uneven)]
        elif info.type == "float":
            tried.append({info.name: 0.3})
    return tried + TOGETHER.get(kind.kind, [])


def at_bounds(kind: type[LayerType]) -> list[dict[str, Any]]:
    """Every numeric setting at its least and at its most."""
    numeric = [info for info in knobs(kind.kind) if info.type in ("int", "float", "pair")]
    ends: list[dict[str, Any]] = []
    for info in numeric:
        assert info.minimum is not None and info.maximum is not None, info.name
        low = info.minimum + 1e-6 if info.open_minimum else info.minimum
        number = float if info.type == "float" else int
        ends += [{info.name: number(low)}, {info.name: number(info.maximum)}]
    return ends


def ident(case: Any) -> str:
    """`conv2d-stride=2`, for the test's name."""
    if isinstance(case, type):
        return case.kind  # type: ignore[attr-defined]
    return ",".join(f"{name}={value}" for name, value in case.items()) or "defaults"


TRIED = [(kind, values) for kind in KINDS for values in typical(kind)]
CASES = [(kind, values) for kind, values in TRIED if kind(**values).accepts(*kind.example) is None]
REFUSED = [case for case in TRIED if case not in CASES]


def test_every_kind_accepts_its_own_example() -> None:
    assert {kind for kind, values in CASES if not values} == set(KINDS)


@pytest.mark.parametrize(("kind", "values"), REFUSED, ids=ident)
def test_a_refused_setting_is_named(kind: type[LayerType], values: dict[str, Any]) -> None:
    wrong = kind(**values).accepts(*kind.example)
    assert wrong is not None and wrong.knob in values
    assert wrong.needs and wrong.advice.endswith(".")


@pytest.mark.parametrize("kind", KINDS, ids=ident)
def test_every_setting_changes_what_torch_is_asked_for(kind: type[LayerType]) -> None:
    plain = kind().call(*kind.example)
    unseen = {info.name for info in knobs(kind.kind)}
    for values in [values for tried, values in CASES if tried is kind]:
        if kind(**values).call(*kind.example) != plain:
            unseen -= set(values)
    # Dropout between layers needs a second layer; a shape is tried in test_shape.py; a role is for the network.
    assert unseen <= {"dropout", "shape", "sizes", "order", "role", "equation"}
    assert "dropout" not in unseen or kind.unrolls


@pytest.mark.parametrize(("kind", "values"), CASES, ids=ident)
def test_shape_is_the_same_for_every_batch_and_on_the_meta_device(
    kind: type[LayerType], values: dict[str, Any], run: Any
) -> None:
    layer = kind(**values)
    placed = run.place(layer, kind.example)
    two, three = (run.outputs(placed, run.tensors(kind.example, batch)) for batch in (2, 3))
    bare = run.place(layer, kind.example, "meta")
    meta = run.outputs(bare, run.tensors(kind.example, 2, "meta"))
    assert len(two) == len(meta)
    for one, other, without in zip(two, three, meta, strict=True):
        assert one.shape[0] == 2 and other.shape[0] == 3
        assert one.shape[1:] == other.shape[1:] == without.shape[1:]
        assert one.dtype == without.dtype


@pytest.mark.parametrize(("kind", "values"), CASES, ids=ident)
def test_declared_shape_is_the_shape_torch_computes(
    kind: type[LayerType], values: dict[str, Any], run: Any
) -> None:
    if not kind.outputs:
        return
    layer = kind(**values)
    made = run.outputs(run.place(layer, kind.example), run.tensors(kind.example, 2))
    said = shapes.infer(layer, kind.example)
    roles = layer.call(*kind.example).roles
    assert len(made) == len(said) == len(roles) == len(layer.gives)
    for real, declared, role in zip(made, said, roles, strict=True):
        assert declared.shape == tuple(real.shape[1:])
        assert declared.dtype == str(real.dtype).removeprefix("torch.")
        assert declared.role == role


@pytest.mark.parametrize(("kind", "values"), CASES, ids=ident)
def test_forward_leaves_its_inputs_alone_and_gradients_flow(
    kind: type[LayerType], values: dict[str, Any], run: Any
) -> None:
    layer = kind(**values)
    placed = run.place(layer, kind.example)
    given = run.tensors(kind.example, 4)
    kept = [one.clone() for one in given]
    leaves = [one for one in given if one.dtype == torch.float32]
    for leaf in leaves:
        leaf.requires_grad_()
    results = run.outputs(placed, given)
    for one, before in zip(given, kept, strict=True):
        assert torch.equal(one.detach(), before)
    results = [one for one in results if one.requires_grad]
    if not results:  # whole numbers laid out flat have no gradient
        assert not leaves
        return
    sum((one * torch.randn_like(one)).sum() for one in results).backward()
    parameters = list(placed.module.parameters()) if placed.module else []
    for one in (*leaves, *parameters):
        assert one.grad is not None and torch.isfinite(one.grad).all()
    assert any(bool(one.grad.any()) for one in (*leaves, *parameters) if one.grad is not None)


def _first_sample_changes(placed: Any, run: Any, types: Any) -> bool:
    """True if a changed second sample changes the answer for the first."""
    given = run.tensors(types, 3)
    other = [
        torch.cat([one[:1], two[1:]])
        for one, two in zip(given, run.tensors(types, 3, seed=9), strict=True)
    ]
    with torch.no_grad():
        torch.manual_seed(1)
        first = run.outputs(placed, given)
        torch.manual_seed(1)
        second = run.outputs(placed, other)
    return not all(torch.equal(a[0], b[0]) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize(("kind", "values"), CASES, ids=ident)
def test_samples_never_mix_but_where_the_kind_says_so_and_only_in_training(
    kind: type[LayerType], values: dict[str, Any], run: Any
) -> None:
    layer = kind(**values)
    placed = run.place(layer, kind.example)
    assert _first_sample_changes(placed, run, kind.example) == kind.mixes_samples
    if placed.module is not None:
        placed.module.eval()
    assert not _first_sample_changes(placed, run, kind.example)


@pytest.mark.parametrize("kind", KINDS, ids=ident)
def test_every_setting_at_its_bounds_is_built_by_torch_or_refused_in_words(
    kind: type[LayerType], run: Any
) -> None:
    types = kind.example
    for values in at_bounds(kind):
        layer = kind(**values)
        wrong = layer.accepts(*types)
        if wrong is None:
            bare = run.place(layer, types, "meta")
            for result in run.outputs(bare, run.tensors(types, 2, "meta")):
                assert result.shape[0] == 2 and 0 not in result.shape
        else:
            assert wrong.knob is not None and wrong.advice.endswith("."), wrong
            assert " " in wrong.needs, wrong


@pytest.mark.parametrize("kind", all_kinds(), ids=ident)
def test_settings_survive_json(kind: type[LayerType]) -> None:
    for values in [*typical(kind), *at_bounds(kind)]:
        layer = kind(**values)
        assert parse(kind.kind, json.loads(layer.model_dump_json())) == layer


@pytest.mark.parametrize("kind", KINDS, ids=ident)
def test_every_shape_and_type_is_accepted_by_torch_or_refused_in_words(
    kind: type[LayerType], run: Any
) -> None:
    layer = kind()
    shapes: list[tuple[int, ...]] = [
        (),
        (1,),
        (8,),
        (1, 1),
        (4, 8),
        (8, 1, 1),
        (8, 4, 4),
        (2, 3, 4, 5),
    ]
    types = [TensorType(shape) for shape in shapes]
    types += [TensorType((4, 8), "float32", "sequence"), TensorType((5,), "int64", "tokens")]
    for given in types:
        wired = tuple(
            () if port.optional else (given, given) if port.many else (given,)
            for port in kind.inputs
        )
        wrong = layer.accepts(*wired)
        if wrong is None:
            for result in run.outputs(run.place(layer, wired), run.tensors(wired, 2)):
                assert result.shape[0] == 2 and 0 not in result.shape
            assert len(layer.call(*wired).roles) == len(layer.gives) or not kind.outputs
        else:
            assert wrong.needs and wrong.advice.endswith("."), wrong
            assert wrong.port in [port.name for port in kind.inputs]
            assert wrong.knob is None or wrong.knob in kind.model_fields


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if "lengths" in [port.name for port in kind.inputs]], ids=ident
)
def test_padding_never_changes_the_answer(kind: type[LayerType], run: Any) -> None:
    steps, features = kind.example[0][0].shape
    others = tuple(one for wired in kind.example[1:] for one in wired)
    types = tuple(
        (LENGTHS,) if port.name == "lengths" else wired
        for port, wired in zip(kind.inputs, kind.example, strict=True)
    )
    lengths = torch.tensor([steps, 3, 1])
    settings = typical(kind)
    if "bidirectional" in kind.model_fields:
        settings += [
            {"bidirectional": True, "num_layers": 2, "output": output}
            for output in ("last", "sequence")
        ]
    for values in settings:
        layer = kind(**values)
        if layer.accepts(*types) is not None:
            continue
        placed = run.place(layer, types)
        if placed.module is not None:
            placed.module.eval()
        x = torch.randn(3, steps, features)
        beyond = (torch.arange(steps) >= lengths[:, None])[:, :, None]
        noise = torch.where(beyond, torch.randn_like(x) * 1e3, x)
        more = run.tensors((others,), 3)
        # With gradients, torch takes the path of training; without, a faster one of its own.
        for gradients in (True, False):
            with torch.set_grad_enabled(gradients):
                result, other = placed(x, *more, lengths), placed(noise, *more, lengths)
                for i, length in enumerate(lengths.tolist()):
                    beside = [one[i : i + 1] for one in more]
                    alone = placed(x[i : i + 1, :length], *beside, lengths[i : i + 1])[0]
                    stepwise = result.ndim == 3 and result.shape[1] == steps
                    real = result[i, :length] if stepwise else result[i]
                    same = other[i, :length] if stepwise else other[i]
                    assert torch.equal(real, same), values
                    torch.testing.assert_close(real, alone, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", all_kinds(), ids=ident)
def test_words_are_there_and_short(kind: type[LayerType]) -> None:
    assert kind.__doc__ and kind.title and kind.synonyms
    assert kind.link().startswith("https://")
    said = f"{kind.summary} {kind.when} {kind.more}"
    assert len(said.split()) <= MOST_WORDS, said
    for sentence in (kind.summary, kind.when, kind.more):
        assert not sentence or (sentence[0].isupper() and sentence.endswith(".")), sentence
    assert kind.kind.startswith(kind.slug[:3]) or kind.slug
    essential = 0
    for info in knobs(kind.kind):
        assert info.label[0].isupper() and len(info.label.split()) <= 5, info
        assert info.help.endswith(".") and 5 <= len(info.help.split()) <= MOST_WORDS, info.help
        essential += info.essential
    assert essential <= 4, "at most four settings are shown first"
    assert len({info.label for info in knobs(kind.kind)}) == len(knobs(kind.kind))
    assert isinstance(kind().brief(), str) and len(kind().brief()) <= 32


@pytest.mark.parametrize("kind", all_kinds(), ids=ident)
def test_what_follows_exists(kind: type[LayerType]) -> None:
    assert len(set(kind.follows)) == len(kind.follows)
    for name in kind.follows:
        assert find(name) is not None, name


@pytest.mark.parametrize(("kind", "values"), CASES, ids=ident)
def test_the_line_is_plain_torch(kind: type[LayerType], values: dict[str, Any], run: Any) -> None:
    layer = kind(**values)
    line = run.place(layer, kind.example).line
    called = [node.func for node in ast.walk(ast.parse(line)) if isinstance(node, ast.Call)]
    names = {func.attr for func in called if isinstance(func, ast.Attribute)}
    assert not any(
        name.endswith("_") or name in ("item", "tolist", "cpu", "numpy") for name in names
    )
    assert "inplace" not in layer.call(*kind.example).arguments
