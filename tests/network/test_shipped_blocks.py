"""What every block that comes with LayerLoom promises, on its own example: torch is the referee."""

import importlib.util
from pathlib import Path

import pytest
import torch

from builder.layers.base import TensorType
from builder.network.borrowing import place_block
from builder.network.check import check
from builder.network.compile import build
from builder.network.expectation import Expectation, Feed
from builder.network.identifiers import class_name
from builder.network.ports import block_ports
from builder.network.sizes import sizes_of
from builder.network.source import generate
from builder.projects import library
from builder.projects.library import shipped_blocks
from builder.spec.arithmetic import parse as parse_expression
from builder.spec.block_codec import decode_block, encode_block
from builder.spec.block_file import BlockFile
from builder.spec.edits import ChangeNode, OpenBlock, SetKnobs
from builder.spec.network import Expr, Network, Node, Wire
from builder.spec.project import Project

KINDS_THAT_MIX = {"batch_norm1d", "batch_norm2d"}
FILES = [block.file for block in shipped_blocks() if block.file]


def ident(value):
    return value.block.id if isinstance(value, BlockFile) else str(value)


def network_of(file: BlockFile, *, uses: int = 1, repeat: int = 1, knobs=None) -> Project:
    """The smallest network: an Input for each port, the block, an Output for each of its answers."""
    inputs, outputs = block_ports(file.block)
    nodes, wires = [], []
    project = Project(networks=(Network(),))
    for i in range(uses):
        project = place_block(file, "network", f"b{i}").apply(project)
    for i in range(uses):
        if repeat > 1:
            edit = ChangeNode(graph="network", node=f"b{i}", repeat=repeat)
            project = edit.apply(project)
        if knobs:
            project = SetKnobs(graph="network", node=f"b{i}", knobs=knobs).apply(project)
        for port, example in zip(inputs, file.example, strict=True):
            name = f"{port.name}{i}"
            knob = {"role": name, "shape": example.shape, "dtype": example.dtype}
            nodes.append(Node(id=name, kind="input", name=name, knobs=knob))
            wires.append(Wire(source=name, target=f"b{i}", target_port=port.name))
        for port in outputs:
            name = f"answer_{port}{i}"
            nodes.append(Node(id=name, kind="output", name=name, knobs={"role": name}))
            wires.append(Wire(source=f"b{i}", source_port=port, target=name))
    network = project.networks[0]
    changed = network.model_copy(update={"nodes": (*nodes, *network.nodes), "wires": tuple(wires)})
    return project.with_network(changed)


def expectation_of(file: BlockFile, uses: int = 1):
    inputs, _ = block_ports(file.block)
    feeds = [
        Feed(f"{port.name}{i}", TensorType(example.shape, example.dtype, example.role))
        for i in range(uses)
        for port, example in zip(inputs, file.example, strict=True)
    ]
    return Expectation(tuple(feeds), (), {}, None)


def tensors(file: BlockFile, batch: int, seed: int = 0):
    generator = torch.Generator().manual_seed(seed)
    return [
        torch.randint(0, 9, (batch, *one.shape), generator=generator)
        if one.dtype == "int64"
        else torch.randn(batch, *one.shape, generator=generator)
        for one in file.example
    ]


def compiled(file: BlockFile, path: Path, **how):
    project = network_of(file, **how)
    expectation = expectation_of(file, how.get("uses", 1))
    report = check(project, "network", expectation)
    wrong = [p.what for p in report.problems if p.severity != "hint"]
    assert wrong == [], wrong
    source = generate(project, {"network": expectation})
    return report, source, build(source, path / "model.py", 0)["network"]


def kinds(file: BlockFile) -> set[str]:
    return {node.kind for one in (file.block, *file.uses) for node in one.nodes}


def as_tuple(made):
    return made if isinstance(made, tuple) else (made,)


def test_there_are_at_least_two_dozen_and_each_is_what_the_script_draws():
    place = Path(__file__).parents[1] / "draw_blocks.py"
    spec = importlib.util.spec_from_file_location("draw_blocks", place)
    assert spec and spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    kept = {path.name: path.read_text() for path in script.PLACE.glob("*.block.json")}
    assert kept == script.drawn(), "run python tests/draw_blocks.py"
    assert len(kept) >= 24 and len(FILES) == len(kept)


@pytest.mark.parametrize("file", FILES, ids=ident)
def test_words_settings_and_reference_are_there(file):
    assert decode_block(encode_block(file)) == file
    said = f"{file.summary} {file.when} {file.more}"
    assert len(said.split()) <= 30, said
    for sentence in (file.summary, file.when):
        assert sentence[0].isupper() and sentence.endswith("."), sentence
    assert file.reference.startswith("https://") and file.synonyms and file.block.variables
    assert file.family in library.FAMILIES and file.title == file.block.name
    for variable in file.block.variables:
        assert variable.note.endswith(".") and 3 <= len(variable.note.split()) <= 30, variable.note
        used = [n for n in file.block.nodes if variable.name in str(n.knobs)]
        assert used, f"{variable.name} changes nothing"
    assert all(node.x is not None and node.y is not None for node in file.block.nodes)


@pytest.mark.parametrize("file", FILES, ids=ident)
def test_it_checks_clean_and_its_real_forward_has_the_inferred_shape(file, tmp_path):
    report, source, module = compiled(file, tmp_path)
    made = as_tuple(module(*tensors(file, 3)))
    assert [tuple(one.shape[1:]) for one in made] == [o.shape for o in report.nodes["b0"].outputs]
    assert report.parameters == sum(p.numel() for p in module.parameters())
    assert f"class {class_name(file.title, 'Block', set())}(nn.Module):" in source.text


@pytest.mark.parametrize("file", FILES, ids=ident)
def test_gradients_reach_every_parameter(file, tmp_path):
    _, _, module = compiled(file, tmp_path)
    made = as_tuple(module(*tensors(file, 4)))
    sum((one * torch.randn_like(one)).sum() for one in made).backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None and torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.any() or "in_proj_bias" in name or "enter_bias" in name, name


@pytest.mark.parametrize("file", FILES, ids=ident)
def test_samples_never_mix_but_in_batch_normalisation(file, tmp_path):
    _, _, module = compiled(file, tmp_path)
    given = tensors(file, 4)
    other = [torch.cat([a[:1], b[1:]]) for a, b in zip(given, tensors(file, 4, 9), strict=True)]
    for training in (False, True):
        module.train(training)
        found = []
        for values in (given, other):
            torch.manual_seed(3)
            with torch.no_grad():
                found.append([one[0] for one in as_tuple(module(*values))])
        same = all(torch.equal(a, b) for a, b in zip(*found, strict=True))
        assert same or (training and kinds(file) & KINDS_THAT_MIX)


SETTINGS = [(file, variable.name) for file in FILES for variable in file.block.variables]
OTHER = {
    "kernel_size": 5,
    "patch_size": 2,
    "heads": 2,
    "groups": 2,
    "stride": 1,
    "dropout": 0.5,
    "drop": 0.5,
}


@pytest.mark.parametrize(("file", "name"), SETTINGS, ids=ident)
def test_each_exposed_setting_works_at_a_second_value(file, name, tmp_path):
    first = next(v.value for v in file.block.variables if v.name == name)
    second = OTHER.get(name, 2 if first != 2 else 4)
    second = second if second != first else 2
    usual = generate(network_of(file), {"network": expectation_of(file)})
    _, source, module = compiled(file, tmp_path, knobs={name: second})
    assert source.text != usual.text
    assert as_tuple(module(*tensors(file, 2)))[0].shape[0] == 2


@pytest.mark.parametrize("file", FILES, ids=ident)
def test_repeated_it_is_a_loop_where_it_keeps_its_shape(file, tmp_path):
    project, expectation = network_of(file, repeat=2), expectation_of(file)
    codes = {p.code for p in check(project, "network", expectation).errors()}
    once = check(network_of(file), "network", expectation).nodes["b0"]
    keeps = [o.shape for o in once.outputs] == [i.shape for i in once.inputs[: len(once.outputs)]]
    if not keeps or len(once.outputs) > len(once.inputs):
        assert codes
        return
    assert codes == set()
    _, source, module = compiled(file, tmp_path, repeat=2)
    assert "for layer in self." in source.text and "for _ in range(2)" in source.text
    module(*tensors(file, 2))


@pytest.mark.parametrize("file", FILES, ids=ident)
def test_placed_twice_it_is_one_class(file, tmp_path):
    project = network_of(file, uses=2)
    assert len(project.blocks) == 1 + len(file.uses)
    _, source, _ = compiled(file, tmp_path, uses=2)
    head = f"class {class_name(file.title, 'Block', set())}"
    assert source.text.count(f"\n{head}(") == 1 and f"\n{head}_2(" not in source.text


def test_sizes_of_the_input_are_written_as_arguments_and_differ_from_use_to_use(tmp_path):
    """Squeeze and excitation on 16 and on 32 channels: one class that takes its channels."""
    file = library.find("squeeze_and_excitation").file
    nodes = (
        Node(id="i", kind="input", name="image", knobs={"shape": (16, 8, 8)}),
        Node(id="c", kind="conv2d", name="conv", knobs={"out_channels": 32}),
        Node(id="o", kind="output", name="out"),
    )
    wires = (Wire(source="i", target="c"), Wire(source="c", target="o"))
    project = Project(networks=(Network(nodes=nodes, wires=wires),))
    for after in ("i", "c"):
        project = place_block(file, "network", f"se_{after}", after=after).apply(project)
    source = generate(project)
    assert "def __init__(self, reduction: int = 4, in_channels: int = 16) -> None:" in source.text
    assert "out_channels=in_channels // reduction" in source.text
    assert "in_channels=in_channels // reduction" in source.text
    assert "SqueezeAndExcitation(in_channels=32)" in source.text
    module = build(source, tmp_path / "model.py", 0)["network"]
    assert module(torch.randn(2, 16, 8, 8)).shape == (2, 32, 8, 8)


def test_opened_up_its_layers_hold_the_numbers_that_flowed_in():
    """Squeeze and excitation speaks of in_channels, which no drawing around it knows."""
    file = library.find("squeeze_and_excitation").file
    nodes = (
        Node(id="i", kind="input", name="image", knobs={"shape": (16, 8, 8)}),
        Node(id="o", kind="output", name="out"),
    )
    project = Project(networks=(Network(nodes=nodes, wires=(Wire(source="i", target="o"),)),))
    project = place_block(file, "network", "se", after="i").apply(project)
    told = check(project, "network").nodes["se"]
    bare = OpenBlock(graph="network", node="se").apply(project)
    assert any("in_channels" in problem.what for problem in check(bare, "network").errors())
    opened = OpenBlock(graph="network", node="se", sizes=sizes_of(told.inputs)).apply(project)
    after = check(opened, "network")
    assert after.errors() == () and after.parameters == told.parameters
    assert not any("in_channels" in node.model_dump_json() for node in opened.networks[0].nodes)


def test_a_size_the_input_does_not_have_is_told_with_those_it_has():
    file = library.find("feed_forward").file
    nodes = (
        Node(id="i", kind="input", name="image", knobs={"shape": (16, 8, 8)}),
        Node(id="o", kind="output", name="out"),
    )
    project = Project(networks=(Network(nodes=nodes, wires=(Wire(source="i", target="o"),)),))
    project = place_block(file, "network", "f", after="i").apply(project)
    told = [p.what for p in check(project, "network").errors()]
    assert any("no variable in_features" in one and "in_channels" in one for one in told), told


@pytest.mark.parametrize(
    ("typed", "block"),
    [
        ("shortcut", "residual_block"),
        ("resnet", "residual_block"),
        ("se", "squeeze_and_excitation"),
        ("ssm", "mamba_block"),
        ("gpt", "transformer_decoder_block"),
        ("unet", "u_net_down"),
        ("vit", "patch_embedding"),
        ("moe", "mixture_of_experts_block"),
        ("tcn", "tcn_block"),
    ],
)
def test_search_finds_blocks_by_what_people_call_them(typed, block, tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path))
    assert block in [found.block.id for found in library.search(typed)][:6]


def test_causal_blocks_never_see_later_steps(tmp_path):
    for name in ("transformer_decoder_block", "llama_block", "tcn_block", "mamba_block"):
        folder = tmp_path / name
        folder.mkdir()
        _, _, module = compiled(library.find(name).file, folder)
        module.eval()
        x = torch.randn(2, 6, 16)
        later = x.clone()
        later[:, 4:] += 5
        torch.testing.assert_close(module(x)[:, :4], module(later)[:, :4])


def test_every_expression_of_a_shipped_block_parses():
    for file in FILES:
        for one in (file.block, *file.uses):
            for node in one.nodes:
                for value in node.knobs.values():
                    for part in value if isinstance(value, tuple) else (value,):
                        if isinstance(part, Expr):
                            parse_expression(part.expr)
