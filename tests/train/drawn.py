"""Small drawn projects on the built-in digits, for recipes that look at samples alone."""

from itertools import pairwise
from typing import Any

from builder.data.describe import describe
from builder.spec.data import BuiltinSource, DataSpec, PrepareStep
from builder.spec.network import Expr, Network, Node, Wire
from builder.spec.project import Project
from builder.spec.training import TrainingSpec


def digits(limit: int | None = None) -> DataSpec:
    """Digits as values in 0..1."""
    source = BuiltinSource(name="digits")
    return describe(DataSpec(source=source, steps=(PrepareStep(kind="scale"),), limit=limit))


def chain(*nodes: tuple[str, str, dict[str, Any]], name: str = "network") -> Network:
    """Nodes (id, kind, settings) one after the other."""
    made = tuple(Node(id=id, kind=kind, name=id, knobs=knobs) for id, kind, knobs in nodes)
    wires = tuple(Wire(source=a.id, target=b.id) for a, b in pairwise(made))
    return Network(name=name, nodes=made, wires=wires)


def autoencoder(code: int = 16, **training: Any) -> Project:
    """Two layers down, two layers up."""
    network = chain(
        ("input", "input", {}),
        ("flatten1", "flatten", {}),
        ("linear1", "linear", {"out_features": 96}),
        ("relu1", "relu", {}),
        ("linear2", "linear", {"out_features": code}),
        ("linear3", "linear", {"out_features": 96}),
        ("relu2", "relu", {}),
        ("linear4", "linear", {"out_features": 64}),
        ("unflatten1", "unflatten", {"sizes": (1, 8, 8)}),
        ("output", "output", {}),
    )
    spec = {"recipe": "autoencoder", "epochs": 6, **training}
    return Project(name="Autoencoder", networks=(network,), data=digits(), training=_spec(spec))


def vae(code: int = 4, **training: Any) -> Project:
    """An encoder with a drawn code, and a decoder."""
    size = Expr(expr="code_size")
    before = chain(
        ("input", "input", {}),
        ("flatten1", "flatten", {}),
        ("linear1", "linear", {"out_features": 96}),
        ("relu1", "relu", {}),
        ("mean", "linear", {"out_features": size}),
        ("draw", "reparameterise", {}),
        ("code", "output", {"role": "code"}),
    )
    more = (
        Node(id="spread", kind="linear", name="spread", knobs={"out_features": size}),
        Node(id="out1", kind="output", name="out1", knobs={"role": "mean"}),
        Node(id="out2", kind="output", name="out2", knobs={"role": "log_variance"}),
    )
    wires = (
        *(w for w in before.wires if w.target != "draw"),
        Wire(source="relu1", target="spread"),
        Wire(source="mean", target="draw", target_port="mean"),
        Wire(source="spread", target="draw", target_port="log_variance"),
        Wire(source="mean", target="out1"),
        Wire(source="spread", target="out2"),
    )
    encoder = Network(name="encoder", nodes=(*before.nodes, *more), wires=wires)
    decoder = chain(
        ("code", "input", {}),
        ("linear1", "linear", {"out_features": 96}),
        ("relu1", "relu", {}),
        ("linear2", "linear", {"out_features": 64}),
        ("sigmoid1", "sigmoid", {}),
        ("unflatten1", "unflatten", {"sizes": (1, 8, 8)}),
        ("sample", "output", {}),
        name="decoder",
    )
    own = {"code_size": code, "beta": 0.05, **training.pop("recipe_settings", {})}
    spec = {"recipe": "vae", "epochs": 6, "recipe_settings": own, **training}
    return Project(name="VAE", networks=(encoder, decoder), data=digits(), training=_spec(spec))


def segmentation(last: Any = None, padding: int = 1, **training: Any) -> Project:
    """Two convolutions over a few pictures of shapes with masks."""
    source = BuiltinSource(name="shapes-with-masks")
    channels = Expr(expr="classes") if last is None else last
    network = chain(
        ("input", "input", {}),
        ("conv1", "conv2d", {"out_channels": 8, "kernel_size": 3, "padding": padding}),
        ("relu1", "relu", {}),
        ("conv2", "conv2d", {"out_channels": channels, "kernel_size": 1, "padding": 0}),
        ("output", "output", {}),
    )
    spec = {"epochs": 1, "batch_size": 8, **training}
    data = describe(DataSpec(source=source, limit=64))
    return Project(name="Shapes", networks=(network,), data=data, training=_spec(spec))


def with_code_output(project: Project) -> Project:
    """The same drawing with linear2 shown by an Output called code."""
    network = project.networks[0]
    shown = Node(id="shown", kind="output", name="shown", knobs={"role": "code"})
    wires = (*network.wires, Wire(source="linear2", target="shown"))
    changed = network.model_copy(update={"nodes": (*network.nodes, shown), "wires": wires})
    return project.model_copy(update={"networks": (changed,)})


def _spec(values: dict[str, Any]) -> TrainingSpec:
    return TrainingSpec.model_validate(values)


def dates(limit: int | None = 400) -> DataSpec:
    """Dates in many ways, each to become its ISO form."""
    return describe(DataSpec(source=BuiltinSource(name="dates"), limit=limit))


def translation(
    *, decoder: dict[str, Any] | None = None, limit: int | None = 400, **training: Any
) -> Project:
    """A recurrent encoder and decoder with attention between them; `decoder` are settings of the latter."""
    made, written = Expr(expr="target_vocabulary"), {"hidden_size": 32, "output": "sequence"}
    nodes: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("text", "input", {"role": "text"}),
        ("length", "input", {"role": "text_length"}),
        ("so_far", "input", {"role": "so_far"}),
        ("table", "embedding", {"num_embeddings": Expr(expr="vocabulary"), "embedding_dim": 16}),
        ("encoder", "gru", {**written, "hidden_size": 16, "bidirectional": True}),
        ("target_table", "embedding", {"num_embeddings": made, "embedding_dim": 16}),
        ("decoder", "gru", written | (decoder or {})),
        ("attention", "multihead_attention", {"num_heads": 2}),
        ("norm", "layer_norm", {}),
        ("linear", "linear", {"out_features": made}),
        ("output", "output", {}),
    )
    wires = (
        ("text", "table", "in"),
        ("table", "encoder", "in"),
        ("length", "encoder", "lengths"),
        ("so_far", "target_table", "in"),
        ("target_table", "decoder", "in"),
        ("decoder", "attention", "in"),
        ("encoder", "attention", "key"),
        ("length", "attention", "lengths"),
        ("attention", "norm", "in"),
        ("norm", "linear", "in"),
        ("linear", "output", "in"),
    )
    network = Network(
        nodes=tuple(Node(id=id, kind=kind, name=id, knobs=knobs) for id, kind, knobs in nodes),
        wires=tuple(Wire(source=a, target=b, target_port=port) for a, b, port in wires),
    )
    spec = {"epochs": 2, "batch_size": 32, **training}
    return Project(name="Dates", networks=(network,), data=dates(limit), training=_spec(spec))
