"""Random drawings: what is checked is what runs."""

import json
import subprocess
import sys

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builder.layers import catalogue
from builder.layers.base import TensorType
from builder.network.check import check
from builder.network.compile import allow, build
from builder.network.expectation import Expectation, Feed
from builder.network.source import generate
from builder.spec import codec
from builder.spec.network import Network, Node, Wire
from builder.spec.project import Project

STARTS = [
    TensorType((1, 8, 8), "float32", "image"), TensorType((12,), "float32", "features"),
    TensorType((6, 8), "float32", "sequence"), TensorType((5,), "int64", "tokens"),
]  # fmt: skip
KINDS = [kind.kind for kind in catalogue.all_kinds() if kind.family != "input_output"]
DTYPES = {"float32": torch.float32, "int64": torch.int64, "bool": torch.bool}


def data_of(feed):
    return Expectation(inputs=(Feed("data", feed),), batch_size=4)


@st.composite
def drawings(draw, longest=7):
    """A project that checks without an error: every layer that does not fit what is there is left out again."""
    feed = draw(st.sampled_from(STARTS))
    nodes = [Node(id="n0", kind="input", name=draw(st.text(max_size=12)))]
    wires, knobs_of = [], {}
    for place in range(1, draw(st.integers(1, longest)) + 1):
        kind = draw(st.sampled_from(_fitting(nodes, wires, feed)))
        knobs = {}
        for info in catalogue.knobs(kind):
            if info.type == "int" and draw(st.booleans()):
                low = int(info.minimum if info.minimum is not None else 1)
                knobs[info.name] = draw(
                    st.integers(low, min(low + 8, int(info.maximum or low + 8)))
                )
            elif info.type == "bool" and draw(st.booleans()):
                knobs[info.name] = draw(st.booleans())
            elif info.type == "choice" and draw(st.booleans()):
                knobs[info.name] = draw(st.sampled_from(info.choices))
        node = Node(id=f"n{place}", kind=kind, name=draw(st.text(max_size=12)), knobs=knobs)
        found = catalogue.find(kind)
        new = []
        for port in found.inputs:
            count = 2 if port.many else 0 if port.optional else 1
            for _ in range(count):
                source = draw(st.sampled_from(nodes[-2:]))
                wire = Wire(source=source.id, target=node.id, target_port=port.name)
                if wire not in new:
                    new.append(wire)
        trial = project_of([*nodes, node], [*wires, *new])
        if not check(trial, "network", data_of(feed)).errors():
            nodes, wires, knobs_of[node.id] = [*nodes, node], [*wires, *new], knobs
    return project_of(nodes, wires), feed


def _fitting(nodes, wires, feed):
    """Kinds whose defaults take what the last layer gives, so that drawings grow and every kind has its turn."""
    report = check(project_of(nodes, wires), "network", data_of(feed))
    given = report.nodes["out"].inputs[0]
    return [
        kind
        for kind in KINDS
        if (found := catalogue.find(kind)).inputs[0].many or found().suits(given)
    ]


def project_of(nodes, wires):
    last = nodes[-1].id
    output = Node(id="out", kind="output", name="out")
    network = Network(nodes=(*nodes, output), wires=(*wires, Wire(source=last, target="out")))
    return Project(networks=(network,))


def inputs_of(feed, batch):
    generator = torch.Generator().manual_seed(0)
    if feed.dtype == "int64":
        return torch.randint(0, 1, (batch, *feed.shape), generator=generator)
    return torch.randn((batch, *feed.shape), generator=generator).to(DTYPES[feed.dtype])


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawings())
def test_what_is_checked_is_what_runs(tmp_path_factory, drawn):
    project, feed = drawn
    report = check(project, "network", data_of(feed))
    wanted = report.nodes["out"].inputs[0]
    source = generate(project, {"network": data_of(feed)})
    allow(source.text)
    module = build(source, tmp_path_factory.mktemp("run") / "model.py", 0)["network"]
    made = module(inputs_of(feed, 3))
    assert made.shape == (3, *wanted.shape) and made.dtype == DTYPES[wanted.dtype]
    used = sum(report.nodes[n].parameters for n in source.lines["network"])
    assert used == sum(p.numel() for p in module.parameters())


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawings())
def test_drawings_come_back_from_their_file_unchanged_and_give_the_same_source(drawn):
    project, feed = drawn
    back = codec.decode(codec.encode(project))
    assert back == project and codec.digest(back) == codec.digest(project)
    one, two = (generate(p, {"network": data_of(feed)}).text for p in (project, back))
    assert one == two


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(drawings(longest=5), min_size=8, max_size=8))
def test_a_clean_process_gives_the_answers_of_the_app(tmp_path_factory, several):
    folder = tmp_path_factory.mktemp("clean")
    asked, expected = [], []
    for place, (project, feed) in enumerate(several):
        path = folder / f"model{place}.py"
        module = build(generate(project, {"network": data_of(feed)}), path, place)["network"].eval()
        torch.save([module.state_dict(), inputs_of(feed, 2)], folder / f"model{place}.pt")
        torch.manual_seed(0)
        expected.append(module(inputs_of(feed, 2)).double().sum().item().hex())
        asked.append(f"model{place}")
    code = (
        "import importlib, json, sys, torch\n"
        "for name in json.loads(sys.argv[1]):\n"
        "    network = importlib.import_module(name).Network()\n"
        "    state, x = torch.load(name + '.pt')\n"
        "    network.load_state_dict(state); network.eval(); torch.manual_seed(0)\n"
        "    print(network(x).double().sum().item().hex())\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, json.dumps(asked)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == expected
