"""What every kind of layer promises, checked for every kind there is: torch is the referee."""

import ast
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import pytest
import torch

from builder.layers.base import LayerType, TensorType
from builder.layers.catalogue import all_kinds, knobs, parse
from builder.layers.following import followers
from builder.network import shapes
from tests.layers.conftest import Placed, outputs, place, tensors

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


def ident(kind: type[LayerType]) -> str:
    """`conv2d`, for the test's name."""
    return kind.kind


class Case:
    """A kind with some settings on its example; what is dear to make is made once for all tests of it."""

    def __init__(self, kind: type[LayerType], values: dict[str, Any]) -> None:
        self.values, self.layer, self.types = values, kind(**values), kind.example
        self.wrong = self.layer.accepts(*kind.example)

    @cached_property
    def placed(self) -> Placed:
        """The module in training mode on the CPU."""
        return place(self.layer, self.types)

    @cached_property
    def made(self) -> tuple[torch.Tensor, ...]:
        """What it gives for two samples."""
        return outputs(self.placed, tensors(self.types, 2))


class Tried:
    """Every setting of a kind once: the cases it accepts, and those it refuses."""

    def __init__(self, kind: type[LayerType]) -> None:
        self.kind = kind
        self._cases = [Case(kind, values) for values in typical(kind)]

    def accepted(self) -> list[Case]:
        """Those that suit the kind's example, the defaults first."""
        return [case for case in self._cases if case.wrong is None]

    def refused(self) -> list[Case]:
        """Those that do not suit the kind's example."""
        return [case for case in self._cases if case.wrong is not None]


@contextmanager
def with_settings(values: dict[str, Any]) -> Iterator[None]:
    """A failure in here says with which settings."""
    try:
        yield
    except Exception as error:
        error.add_note(f"with the settings {values or 'left at their defaults'}")
        raise


@pytest.fixture(scope="module", params=KINDS, ids=ident)
def tried(request: pytest.FixtureRequest) -> Tried:
    """One kind after the other; its tests run together and share what was built."""
    return Tried(request.param)


def test_it_accepts_its_own_example(tried: Tried) -> None:
    assert tried.accepted()[0].values == {}


def test_a_refused_setting_is_named(tried: Tried) -> None:
    for case in tried.refused():
        with with_settings(case.values):
            assert case.wrong is not None and case.wrong.knob in case.values
            assert case.wrong.needs and case.wrong.advice.endswith(".")


def test_every_setting_changes_what_torch_is_asked_for(tried: Tried) -> None:
    plain, *others = tried.accepted()
    asked = plain.layer.call(*plain.types)
    unseen = {info.name for info in knobs(tried.kind.kind)}
    for case in others:
        if case.layer.call(*case.types) != asked:
            unseen -= set(case.values)
    # Dropout between layers needs a second layer; a shape is tried in test_shape.py; a role is for the network.
    assert unseen <= {"dropout", "shape", "sizes", "order", "role", "equation"}
    assert "dropout" not in unseen or tried.kind.unrolls


def test_shape_is_the_same_for_every_batch_and_on_the_meta_device(tried: Tried) -> None:
    for case in tried.accepted():
        with with_settings(case.values):
            three = outputs(case.placed, tensors(case.types, 3))
            bare = place(case.layer, case.types, "meta")
            meta = outputs(bare, tensors(case.types, 2, "meta"))
            assert len(case.made) == len(meta)
            for two, other, without in zip(case.made, three, meta, strict=True):
                assert two.shape[0] == 2 and other.shape[0] == 3
                assert two.shape[1:] == other.shape[1:] == without.shape[1:]
                assert two.dtype == without.dtype


def test_declared_shape_is_the_shape_torch_computes(tried: Tried) -> None:
    for case in tried.accepted() if tried.kind.outputs else []:
        with with_settings(case.values):
            said = shapes.infer(case.layer, case.types)
            roles = case.layer.call(*case.types).roles
            assert len(case.made) == len(said) == len(roles) == len(case.layer.gives)
            for real, declared, role in zip(case.made, said, roles, strict=True):
                assert declared.shape == tuple(real.shape[1:])
                assert declared.dtype == str(real.dtype).removeprefix("torch.")
                assert declared.role == role


def test_forward_leaves_its_inputs_alone_and_gradients_flow(tried: Tried) -> None:
    for case in tried.accepted():
        with with_settings(case.values):
            _gradients_flow(case)


def _gradients_flow(case: Case) -> None:
    given = tensors(case.types, 4)
    kept = [one.clone() for one in given]
    leaves = [one for one in given if one.dtype == torch.float32]
    for leaf in leaves:
        leaf.requires_grad_()
    results = outputs(case.placed, given)
    for one, before in zip(given, kept, strict=True):
        assert torch.equal(one.detach(), before)
    results = tuple(one for one in results if one.requires_grad)
    if not results:  # whole numbers laid out flat have no gradient
        assert not leaves
        return
    sum((one * torch.randn_like(one)).sum() for one in results).backward()
    module = case.placed.module
    parameters = list(module.parameters()) if module else []
    for one in (*leaves, *parameters):
        assert one.grad is not None and torch.isfinite(one.grad).all()
    assert any(bool(one.grad.any()) for one in (*leaves, *parameters) if one.grad is not None)


def _first_sample_changes(case: Case) -> bool:
    """True if a changed second sample changes the answer for the first."""
    given = tensors(case.types, 3)
    other = [
        torch.cat([one[:1], two[1:]])
        for one, two in zip(given, tensors(case.types, 3, seed=9), strict=True)
    ]
    with torch.no_grad():
        torch.manual_seed(1)
        first = outputs(case.placed, given)
        torch.manual_seed(1)
        second = outputs(case.placed, other)
    return not all(torch.equal(a[0], b[0]) for a, b in zip(first, second, strict=True))


def test_samples_never_mix_but_where_the_kind_says_so_and_only_in_training(tried: Tried) -> None:
    for case in tried.accepted():
        with with_settings(case.values):
            assert _first_sample_changes(case) == tried.kind.mixes_samples
            if case.placed.module is not None:
                case.placed.module.eval()
            assert not _first_sample_changes(case)
            if case.placed.module is not None:
                case.placed.module.train()


def test_the_line_is_plain_torch(tried: Tried) -> None:
    for case in tried.accepted():
        with with_settings(case.values):
            tree = ast.parse(case.placed.line)
            called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
            names = {func.attr for func in called if isinstance(func, ast.Attribute)}
            assert not any(
                name.endswith("_") or name in ("item", "tolist", "cpu", "numpy") for name in names
            )
            assert "inplace" not in case.layer.call(*case.types).arguments


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
def test_what_comes_after_it_is_proposed(kind: type[LayerType]) -> None:
    assert len(set(kind.usual_after)) == len(kind.usual_after)
    proposed = followers(kind)
    assert proposed or not kind.outputs
    ranks = [one.usual_after.index(kind.family) for one in proposed]
    assert ranks == sorted(ranks)
    assert kind in [after for before in all_kinds() for after in followers(before)] or not (
        kind.usual_after
    )
