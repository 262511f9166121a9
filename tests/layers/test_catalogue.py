import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest

from builder.errors import SpecError
from builder.layers import catalogue
from builder.layers.base import Family
from builder.layers.catalogue import all_kinds, find, knobs, parse, search


def test_every_family_is_there_in_order_with_enough_kinds() -> None:
    families = [kind.family for kind in all_kinds()]
    assert list(dict.fromkeys(families)) == list(get_args(Family))
    assert len(all_kinds()) >= 150
    assert sum(family == "activation" for family in families) >= 28


def test_every_file_with_a_kind_is_in_the_catalogue() -> None:
    """A family file that nobody imports would be found by nobody."""
    folder = catalogue.__file__.rsplit("/", 1)[0]
    files = {file.__name__.rsplit(".", 1)[1] for file in catalogue.FAMILY_FILES}
    for path in Path(folder).glob("*.py"):
        defines = "    kind: ClassVar[str] =" in path.read_text(encoding="utf-8")
        assert defines == (path.stem in files), path.name


def test_the_catalogue_never_imports_torch() -> None:
    code = (
        "import sys; from builder.layers import document; document.document(); "
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_an_unknown_kind_names_a_likely_one_and_all_known() -> None:
    assert find("conv9d") is None
    for ask in (lambda: parse("conv2", {}), lambda: knobs("conv2")):
        with pytest.raises(
            SpecError, match=r"no layer called 'conv2'. Did you mean conv2d\?"
        ) as fault:
            ask()
        assert all(kind.kind in str(fault.value) for kind in all_kinds())


def test_an_unknown_setting_names_the_known_ones() -> None:
    with pytest.raises(
        SpecError, match=r"Linear has no setting 'units'; its settings: out_features, bias\."
    ):
        parse("linear", {"units": 3})
    with pytest.raises(SpecError, match="ReLU has no setting 'x'; its settings: none"):
        parse("relu", {"x": 3})


@pytest.mark.parametrize(
    ("kind", "values", "sentence"),
    [
        (
            "linear",
            {"out_features": 0},
            "Linear: units must be a whole number from 1 to 1,000,000, not 0.",
        ),
        ("linear", {"out_features": -1}, "not -1."),
        ("linear", {"out_features": 2**63}, "not 9223372036854775808."),
        ("linear", {"out_features": "5"}, "not 5."),
        ("linear", {"out_features": 5.5}, "not 5.5."),
        ("linear", {"out_features": True}, "not on."),
        ("linear", {"out_features": None}, "not None."),
        ("linear", {"bias": 1}, "Linear: bias must be on or off, not 1."),
        (
            "conv2d",
            {"stride": 0},
            "Conv2d: stride must be one whole number or two from 1 to 1,024, not 0.",
        ),
        ("conv2d", {"kernel_size": 0}, "not 0."),
        ("conv2d", {"kernel_size": (3, 0)}, "not 3, 0."),
        ("conv2d", {"kernel_size": (3, 3, 3)}, "not 3, 3, 3."),
        ("conv2d", {"kernel_size": ()}, "not nothing."),
        ("conv2d", {"padding": -1}, "from 0 to 1,024, not -1."),
        ("conv2d", {"groups": 0}, "not 0."),
        ("max_pool2d", {"stride": 0}, "not 0."),
        (
            "dropout",
            {"p": float("nan")},
            "Dropout: share dropped must be a number from 0 to 0.95, not nan.",
        ),
        ("dropout", {"p": 1.5}, "not 1.5."),
        ("dropout", {"p": -0.1}, "not -0.1."),
        ("batch_norm2d", {"momentum": 5.0}, "must be a number above 0 and up to 1, not 5.0."),
        ("batch_norm2d", {"momentum": float("inf")}, "not inf."),
        ("multihead_attention", {"num_heads": 0}, "not 0."),
        ("group_norm", {"num_groups": -1}, "not -1."),
        ("lstm", {"num_layers": 3000}, "from 1 to 64, not 3000."),
        ("lstm", {"output": "middle"}, "LSTM: gives must be last or sequence, not middle."),
        ("reshape", {"shape": (2**63,)}, "from -1 to 1,000,000,000"),
        ("reshape", {"shape": (1,) * 7}, "at most six whole numbers"),
        (
            "input",
            {"role": "__import__('os')"},
            "must be a plain word of letters, digits and _, or nothing",
        ),
        ("input", {"shape": (0, 3)}, "from 1 to 1,000,000,000, not 0, 3."),
        ("upsample", {"scale_factor": 0}, "from 1 to 64"),
    ],
)
def test_bad_values_are_refused_with_what_is_allowed(
    kind: str, values: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(SpecError) as fault:
        parse(kind, values)
    assert sentence in str(fault.value)


def test_values_of_any_length_are_told_in_short() -> None:
    with pytest.raises(SpecError) as fault:
        parse("lstm", {"output": "x" * 10_000})
    assert len(str(fault.value)) < 120
    with pytest.raises(SpecError) as fault:
        parse("lstm", {"y" * 10_000: 1})
    assert len(str(fault.value)) < 200


def test_lists_as_json_gives_them_are_taken() -> None:
    layer = parse("conv2d", {"kernel_size": [3, 5]})
    assert layer.model_dump()["kernel_size"] == (3, 5)


def test_settings_tell_the_form_all_it_needs() -> None:
    infos = {info.name: info for info in knobs("conv2d")}
    assert list(infos)[:3] == ["out_channels", "kernel_size", "stride"]
    assert infos["kernel_size"].type == "pair" and infos["kernel_size"].default == 3
    assert (infos["padding"].minimum, infos["padding"].maximum) == (0, 1024)
    assert infos["bias"].type == "bool" and not infos["bias"].essential
    (share,) = knobs("dropout")
    assert (share.type, share.minimum, share.maximum, share.step) == ("float", 0, 0.95, 0.05)
    output = {info.name: info for info in knobs("lstm")}["output"]
    assert (output.type, output.choices) == ("choice", ("last", "sequence"))
    assert {info.name: info.type for info in knobs("input")} == {
        "role": "str",
        "shape": "shape",
        "dtype": "choice",
    }
    momentum = next(info for info in knobs("batch_norm1d") if info.name == "momentum")
    assert momentum.open_minimum and momentum.minimum == 0


@pytest.mark.parametrize(
    ("text", "kind", "matched"),
    [
        ("dense", "linear", "dense"),
        ("lin", "linear", "Linear"),
        ("Conv2d", "conv2d", "Conv2d"),
        ("conv 2", "conv2d", None),
        ("swish", "silu", "swish"),
        ("residual", "add", "residual"),
        ("transformer enc", "transformer_encoder_layer", None),
        ("lienar", "linear", "linear"),
        ("fully  connected", "linear", "fully connected"),
        ("cat", "concat", "cat"),
        ("swap axes", "permute", "swap axes"),
        ("gap", "global_avg_pool", "gap"),
        ("softmax", "softmax", "Softmax"),
        ("relu", "relu", "ReLU"),
        ("max pool", "max_pool1d", None),
    ],
)
def test_the_meant_kind_is_found_first(text: str, kind: str, matched: str | None) -> None:
    first = search(text)[0]
    assert first.kind.kind == kind
    assert matched is None or first.matched == matched


def test_no_text_finds_all_and_nonsense_finds_nothing() -> None:
    assert [found.kind for found in search("  ")] == list(all_kinds())
    assert search("zzzzqqq") == ()
    assert len({found.kind for found in search("a")}) == len(search("a"))


def test_every_kind_is_found_by_its_title_and_each_synonym() -> None:
    for kind in all_kinds():
        assert search(kind.title)[0].kind is kind
        for word in kind.synonyms:
            assert kind in [found.kind for found in search(word)], word
