"""Small trained runs: pictures with classes, a table with gaps and a numeric target, labelled texts, one text."""

import itertools
import json

import numpy as np
import pytest

from builder.cli import main as cli
from builder.data.describe import describe
from builder.data.ingest.ingest import ingest
from builder.runs.store import find
from builder.spec import codec
from builder.spec.data import BuiltinSource, DataSpec, PrepareStep
from builder.spec.network import Expr, Network, Node, Wire
from builder.spec.project import Project
from builder.spec.training import TrainingSpec
from tests.train.drawn import translation


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


TEXTS = chain(
    ("input", {}),
    ("embedding", {"num_embeddings": Expr(expr="vocabulary"), "embedding_dim": 8}),
    ("lstm", {"hidden_size": 8}),
    ("linear", {"out_features": Expr(expr="classes")}),
    ("output", {}),
)
WRITER = chain(
    ("input", {}),
    ("embedding", {"num_embeddings": Expr(expr="vocabulary"), "embedding_dim": 16}),
    ("transformer_encoder_layer", {"nhead": 2, "dim_feedforward": 16, "causal": True}),
    ("linear", {"out_features": Expr(expr="vocabulary")}),
    ("output", {}),
)
SERIES = chain(
    ("input", {}),
    ("lstm", {"hidden_size": 6, "output": "last"}),
    ("linear", {"out_features": Expr(expr="levels * horizon * series")}),
    ("reshape", {"shape": (Expr(expr="levels"), Expr(expr="horizon"), Expr(expr="series"))}),
    ("output", {}),
)


def write_series(path, rows=160):
    """A CSV of two daily series, one with missing values, and two missing days."""
    draw = np.random.default_rng(1)
    lines = ["day,load,price"]
    for place in range(rows):
        if place in (70, 71):
            continue
        load = 10 + np.sin(2 * np.pi * place / 7) + 0.1 * draw.normal()
        price = "" if place % 41 == 0 else f"{100 + place + draw.normal():.3f}"
        lines.append(f"{np.datetime64('2024-01-01') + place},{load:.4f},{price}")
    path.write_text("\n".join(lines) + "\n")
    return path


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
def mask_run(home):
    """A class at each pixel, of a few pictures of shapes."""
    source = BuiltinSource(name="shapes-with-masks")
    data = describe(DataSpec(source=source, limit=80))
    network = chain(
        ("input", {}),
        ("conv2d", {"out_channels": 4, "kernel_size": 3}),
        ("batch_norm2d", {}),
        ("relu", {}),
        ("conv2d", {"out_channels": Expr(expr="classes"), "kernel_size": 1, "padding": 0}),
        ("output", {}),
    )
    project = Project(
        name="Shapes", networks=(network,), data=data, training=TrainingSpec(epochs=1)
    )
    path = home / "masks.loom.json"
    path.write_text(codec.encode(project))
    return trained(home, ["train", str(path)])


@pytest.fixture(scope="package")
def translation_run(home):
    """Dates in many ways and their ISO form, by a recurrent encoder and decoder with attention."""
    path = home / "dates.loom.json"
    path.write_text(codec.encode(translation(epochs=1)))
    return trained(home, ["train", str(path)])


@pytest.fixture(scope="package")
def table_run(home):
    """A regression on a table with gaps and categories."""
    project = Project(name="Prices", networks=(TABLE,), training=TrainingSpec(epochs=3))
    path = home / "table.loom.json"
    path.write_text(codec.encode(project))
    data = write_table(home / "prices.csv")
    return trained(home, ["train", str(path), "--data", str(data), "--target", "price"])


@pytest.fixture(scope="package")
def text_run(home):
    """Short texts of two classes."""
    rows = [f"number {i} is a {'fine' if i % 2 else 'poor'} one,{i % 2}" for i in range(120)]
    data = home / "reviews.csv"
    data.write_text("text,label\n" + "\n".join(rows) + "\n")
    project = Project(name="Reviews", networks=(TEXTS,), training=TrainingSpec(epochs=2))
    path = home / "texts.loom.json"
    path.write_text(codec.encode(project))
    return trained(home, ["train", str(path), "--data", str(data)])


@pytest.fixture(scope="package")
def corpus_run(home):
    """A language model of one text, windows of 16 characters."""
    data = home / "text.txt"
    data.write_text("One day, as it was, it rained.\nNobody cared much\n" * 100)
    steps = (PrepareStep(kind="characters", settings={"length": 16}),)
    project = Project(name="Rain", networks=(WRITER,), training=TrainingSpec(epochs=1))
    taken = ingest(data).spec.model_copy(update={"steps": steps, "snapshot": None})
    path = home / "corpus.loom.json"
    path.write_text(codec.encode(project.model_copy(update={"data": taken})))
    return trained(home, ["train", str(path)])


@pytest.fixture(scope="package")
def series_run(home):
    """A forecast with a band, of series with gaps."""
    training = TrainingSpec(epochs=2, loss="pinball")
    project = Project(name="Loads", networks=(SERIES,), training=training)
    path = home / "series.loom.json"
    path.write_text(codec.encode(project))
    data = write_series(home / "loads.csv")
    return trained(home, ["train", str(path), "--data", str(data)])


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


def made_of(recipe, networks, **settings):
    """A project on digits whose recipe makes pictures."""
    data = describe(DataSpec(source=BuiltinSource(name="digits")))
    chosen = {"by_class": True, **settings}
    training = TrainingSpec(recipe=recipe, epochs=1, batch_size=256, recipe_settings=chosen)
    return Project(name="Made up", networks=networks, data=data, training=training)


def joined(name, *roles, gives):
    """A network that takes these roles, flat and side by side, and gives a picture or one number."""
    network = chain(
        ("concat", {}), ("linear", {"out_features": 64}), ("relu", {}), *gives, ("output", {})
    )
    nodes, wires = [*network.nodes], [*network.wires]
    for role in roles:
        last = role
        nodes.append(Node(id=role, kind="input", name=role, knobs={"role": role}))
        between = {"image": ("flatten", {}), "time": ("time_embedding", {"features": 8})}.get(role)
        if between is not None:
            last = f"flat_{role}"
            nodes.append(Node(id=last, kind=between[0], name=last, knobs=between[1]))
            wires.append(Wire(source=role, target=last))
        wires.append(Wire(source=last, target="n0"))
    return network.model_copy(update={"name": name, "nodes": tuple(nodes), "wires": tuple(wires)})


PICTURE = (("linear", {"out_features": 64}), ("unflatten", {"sizes": (1, 8, 8)}))
SCORE = (("linear", {"out_features": 1}),)


@pytest.fixture(scope="package")
def gan_run(home):
    """A generator and a discriminator, both told the class."""
    networks = (
        joined("generator", "noise", "label", gives=PICTURE),
        joined("discriminator", "image", "label", gives=SCORE),
    )
    path = home / "gan.loom.json"
    path.write_text(codec.encode(made_of("gan", networks, noise_features=8)))
    return trained(home, ["train", str(path)])


@pytest.fixture(scope="package")
def diffusion_run(home):
    """A denoiser that is told the time and the class."""
    network = joined("network", "label", "image", "time", gives=PICTURE)
    settings = {"noise_steps": 40, "sampling_steps": 5, "predicts": "noise"}
    path = home / "diffusion.loom.json"
    path.write_text(codec.encode(made_of("diffusion", (network,), **settings)))
    return trained(home, ["train", str(path)])
