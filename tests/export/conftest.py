"""Two small trained runs: pictures with classes, and a table with gaps and categories with a numeric target."""

import itertools
import json

import numpy as np
import pytest

from builder.cli import main as cli
from builder.data.describe import describe
from builder.runs.store import find
from builder.spec import codec
from builder.spec.data import BuiltinSource, DataSpec
from builder.spec.network import Expr, Network, Node, Wire
from builder.spec.project import Project
from builder.spec.training import TrainingSpec


def chain(*kinds):
    """A network of layers in a row; each is (kind, knobs)."""
    nodes = tuple(
        Node(id=f"n{place}", kind=kind, name=f"{kind}{place}", knobs=knobs)
        for place, (kind, knobs) in enumerate(kinds)
    )
    wires = tuple(Wire(source=a.id, target=b.id) for a, b in itertools.pairwise(nodes))
    return Network(nodes=nodes, wires=wires)


PICTURES = chain(
    ("input", {}),
    ("conv2d", {"out_channels": 4, "kernel_size": 3}),
    ("batch_norm2d", {}),
    ("relu", {}),
    ("flatten", {}),
    ("dropout", {"p": 0.3}),
    ("linear", {"out_features": Expr(expr="classes")}),
    ("output", {}),
)
TABLE = chain(
    ("input", {}),
    ("linear", {"out_features": 8}),
    ("relu", {}),
    ("linear", {"out_features": 1}),
    ("output", {}),
)


def write_table(path):
    """A CSV with a gap, a category and a target in its own unit."""
    draw = np.random.default_rng(0)
    rows = ["size,colour,price"]
    for place in range(300):
        size = draw.normal(50, 10)
        colour = ("red", "green", "blue")[place % 3]
        price = 1000 + 20 * size + 100 * (place % 3) + draw.normal(0, 5)
        rows.append(f"{'' if place % 37 == 0 else f'{size:.3f}'},{colour},{price:.2f}")
    path.write_text("\n".join(rows) + "\n")
    return path


@pytest.fixture(scope="package")
def home(tmp_path_factory):
    """A workspace for the whole package."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("home of exports")
        patch.setenv("LAYERLOOM_HOME", str(folder))
        yield folder


@pytest.fixture(scope="package")
def picture_run(home):
    """A small convolutional network, trained for two epochs on the digits."""
    data = describe(DataSpec(source=BuiltinSource(name="digits")))
    project = Project(
        name="Digits & co", networks=(PICTURES,), data=data, training=TrainingSpec(epochs=2)
    )
    path = home / "pictures.loom.json"
    path.write_text(codec.encode(project))
    return trained(home, ["train", str(path)])


@pytest.fixture(scope="package")
def table_run(home):
    """A regression on a table with gaps and categories."""
    project = Project(name="Prices", networks=(TABLE,), training=TrainingSpec(epochs=3))
    path = home / "table.loom.json"
    path.write_text(codec.encode(project))
    data = write_table(home / "prices.csv")
    return trained(home, ["train", str(path), "--data", str(data), "--target", "price"])


def trained(home, words):
    """The run a `layerloom train` made."""
    directory = home / "runs" / f"by-hand-{words[1].rsplit('/', 1)[-1].split('.')[0]}"
    code = cli.main([*words, "--no-test", "--json", "--run-dir", str(directory)])
    assert code == 0, json.loads((directory / "state.json").read_text())
    return find(str(directory))


AUTOENCODER = chain(
    ("input", {}),
    ("flatten", {}),
    ("linear", {"out_features": 24}),
    ("relu", {}),
    ("linear", {"out_features": 64}),
    ("unflatten", {"sizes": (1, 8, 8)}),
    ("output", {}),
)


@pytest.fixture(scope="package")
def autoencoder_run(home):
    """Digits given back, with a second output that shows the code."""
    code = Node(id="code", kind="output", name="code", knobs={"role": "code"})
    network = AUTOENCODER.model_copy(
        update={
            "nodes": (code, *AUTOENCODER.nodes),
            "wires": (*AUTOENCODER.wires, Wire(source="n3", target="code")),
        }
    )
    data = describe(DataSpec(source=BuiltinSource(name="digits")))
    training = TrainingSpec(recipe="autoencoder", epochs=3)
    project = Project(name="Given back", networks=(network,), data=data, training=training)
    path = home / "autoencoder.loom.json"
    path.write_text(codec.encode(project))
    return trained(home, ["train", str(path)])
