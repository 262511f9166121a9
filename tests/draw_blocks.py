"""Draws the blocks that come with LayerLoom into assets/blocks: `python tests/draw_blocks.py`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from builder.network.layout import layout
from builder.spec.block_codec import encode_block
from builder.spec.block_file import BlockFile, Example, inner_first
from builder.spec.network import Block, Expr, Node, Variable, Wire

PLACE = Path(__file__).parents[1] / "assets" / "blocks"

IMAGE = Example(shape=(16, 8, 8), role="image")
SEQUENCE = Example(shape=(6, 16), role="sequence")
FLAT = Example(shape=(16,), role="features")
CODE = Example(shape=(12,), role="features")
TIME = Example(shape=(), dtype="int64", role="any")

Port = tuple[str, str]


class Drawing:
    """A block while it is drawn: nodes are added one after the other, wired to what came before."""

    def __init__(self, title: str, summary: str, **settings: int | float) -> None:
        self.block = Block(id=title.casefold().replace(" ", "-"), name=title, summary=summary)
        self.settings = dict(settings)
        self.nodes: list[Node] = []
        self.wires: list[Wire] = []
        self.used: dict[str, Block] = {}

    def input(self, role: str = "") -> Port:
        """An input port of the block; without a role the only or first one."""
        return self._add("input", role or "input", {"role": role} if role else {})

    def output(self, source: Port, role: str = "") -> None:
        """An output port of the block."""
        node, _ = self._add("output", role or "output", {"role": role} if role else {})
        self._wire(source, node, "in")

    def add(self, kind: str, *sources: Port, name: str = "", **knobs: Any) -> Port:
        """A layer behind the sources; a text that is no choice of the layer is an expression."""
        ports = knobs.pop("ports", ("in",) * len(sources))
        node, port = self._add(kind, name or kind.removesuffix("2d").removesuffix("1d"), knobs)
        for source, target in zip(sources, ports, strict=True):
            self._wire(source, node, target)
        return node, port

    def use(
        self,
        file: BlockFile,
        *sources: Port,
        name: str,
        ports: tuple[str, ...] = ("in",),
        **knobs: Any,
    ) -> Port:
        """Another block behind the sources."""
        for one in (*file.uses, file.block):
            self.used[one.id] = one
        node, port = self._add("block", name, knobs, block=file.block.id)
        for source, target in zip(sources, ports, strict=True):
            self._wire(source, node, target)
        return node, port

    def file(
        self,
        family: str,
        when: str,
        synonyms: tuple[str, ...],
        paper: str,
        *example: Example,
        notes: dict[str, str],
        more: str = "",
    ) -> BlockFile:
        """The finished block, laid out."""
        variables = tuple(
            Variable(name=name, value=value, note=notes[name])
            for name, value in self.settings.items()
        )
        drawn = self.block.model_copy(
            update={"nodes": tuple(self.nodes), "wires": tuple(self.wires), "variables": variables}
        )
        points = layout(drawn).points
        placed = tuple(
            node.model_copy(update={"x": float(points[node.id].x), "y": float(points[node.id].y)})
            for node in drawn.nodes
        )
        block = drawn.model_copy(update={"nodes": placed})
        return BlockFile(
            title=block.name,
            family=family,
            summary=block.summary,
            when=when,
            more=more,
            synonyms=synonyms,
            reference=paper,
            example=example,
            block=block,
            uses=inner_first(block, self.used)[:-1],
        )

    def _add(self, kind: str, name: str, knobs: dict[str, Any], block: str | None = None) -> Port:
        taken = {node.id for node in self.nodes}
        called, number = name, 2
        while called.replace(" ", "_") in taken:
            called, number = f"{name}{number}", number + 1
        said = {key: value if key == "role" else self._said(value) for key, value in knobs.items()}
        self.nodes.append(
            Node(id=called.replace(" ", "_"), kind=kind, name=called, knobs=said, block=block)
        )
        return self.nodes[-1].id, "out"

    def _wire(self, source: Port, target: str, port: str) -> None:
        self.wires.append(
            Wire(source=source[0], source_port=source[1], target=target, target_port=port)
        )

    def _said(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(self._said(part) for part in value)
        names = (*self.settings, "in_")
        if isinstance(value, str) and any(value.startswith(name) for name in names):
            return Expr(expr=value)
        return value


def _conv(d: Drawing, x: Port, act: str = "relu", **knobs: Any) -> Port:
    x = d.add("batch_norm2d", d.add("conv2d", x, name="conv", bias=False, **knobs), name="norm")
    return d.add(act, x) if act else x


KERNEL = {"kernel_size": "Window of the convolutions; odd numbers keep the size."}
CHANNELS = {"channels": "Channels that come out. Doubling them doubles weights and time."}
STRIDE = {"stride": "Step of the window; 2 halves height and width."}
EXPAND = {"expand": "How many times wider it is inside. More learns more and costs weights."}
REDUCTION = {"reduction": "How many times narrower it is inside. More saves weights."}
DROPOUT = {"dropout": "Share of values set to 0 in training, against overfitting."}
DROP = {"drop": "For how many samples the branch is skipped in training. More in deep networks."}
HEADS = {"heads": "Ways of looking side by side; must divide the features."}
CLASSES = {"classes": "Answers to choose among; taken from the data where there are classes."}
WIDTH = {"width": "Features that come out of each branch or step."}


def images() -> Iterator[BlockFile]:
    d = Drawing(
        "Conv block", "A convolution, batch normalisation and ReLU.", channels=32, kernel_size=3
    )
    x = _conv(
        d, d.input(), out_channels="channels", kernel_size="kernel_size", padding="kernel_size // 2"
    )
    d.output(x)
    yield d.file(
        "convolution",
        "The usual step of a convolutional network.",
        ("conv bn relu", "convolution"),
        "https://arxiv.org/abs/1502.03167",
        IMAGE,
        notes=CHANNELS | KERNEL,
    )

    d = Drawing(
        "Residual block", "Two convolutions whose result is added to what came in.", kernel_size=3
    )
    x = d.input()
    same = {
        "out_channels": "in_channels",
        "kernel_size": "kernel_size",
        "padding": "kernel_size // 2",
    }
    y = _conv(d, _conv(d, x, **same), "", **same)
    d.output(d.add("relu", d.add("add", y, x)))
    yield d.file(
        "convolution",
        "Stacked, for deep image networks.",
        ("resnet", "shortcut", "skip connection", "basic block"),
        "https://arxiv.org/abs/1512.03385",
        IMAGE,
        notes=KERNEL,
    )

    d = Drawing(
        "Residual downsampling block",
        "A residual block that shrinks the image and changes its channels.",
        channels=32,
        stride=2,
    )
    x = d.input()
    y = _conv(d, x, out_channels="channels", kernel_size=3, stride="stride", padding=1)
    y = _conv(d, y, "", out_channels="channels", kernel_size=3, padding=1)
    s = _conv(d, x, "", out_channels="channels", kernel_size=1, stride="stride", padding=0)
    d.output(d.add("relu", d.add("add", y, s)))
    yield d.file(
        "convolution",
        "Between the stages of a ResNet, where channels double.",
        ("resnet", "shortcut", "projection", "downsample"),
        "https://arxiv.org/abs/1512.03385",
        IMAGE,
        notes=CHANNELS | STRIDE,
    )

    d = Drawing(
        "Bottleneck block", "A residual block that works on fewer channels inside.", reduction=4
    )
    x = d.input()
    y = _conv(d, x, out_channels="in_channels // reduction", kernel_size=1, padding=0)
    y = _conv(d, y, out_channels="in_channels // reduction", kernel_size=3, padding=1)
    y = _conv(d, y, "", out_channels="in_channels", kernel_size=1, padding=0)
    d.output(d.add("relu", d.add("add", y, x)))
    yield d.file(
        "convolution",
        "In ResNets of 50 layers and more.",
        ("resnet50", "resnet", "shortcut"),
        "https://arxiv.org/abs/1512.03385",
        IMAGE,
        notes=REDUCTION,
    )

    d = Drawing(
        "Squeeze and excitation", "Weighs each channel by what the whole image shows.", reduction=4
    )
    x = d.input()
    y = d.add("adaptive_avg_pool2d", x, name="squeeze", output_size=1)
    y = d.add(
        "relu",
        d.add(
            "conv2d",
            y,
            name="narrow",
            out_channels="in_channels // reduction",
            kernel_size=1,
            padding=0,
        ),
    )
    y = d.add("conv2d", y, name="widen", out_channels="in_channels", kernel_size=1, padding=0)
    d.output(d.add("multiply", x, d.add("sigmoid", y)))
    excite = d.file(
        "convolution",
        "Behind convolutions, for a little more accuracy at little cost.",
        ("se", "senet", "channel attention", "squeeze-excitation"),
        "https://arxiv.org/abs/1709.01507",
        IMAGE,
        notes=REDUCTION,
    )
    yield excite

    d = Drawing(
        "CBAM", "Weighs channels first and then places of an image.", reduction=4, kernel_size=7
    )
    x = d.input()
    pooled = d.add(
        "concat",
        d.add("adaptive_avg_pool2d", x, name="average", output_size=1),
        d.add("adaptive_max_pool2d", x, name="largest", output_size=1),
        name="both",
        axis=1,
    )
    y = d.add(
        "relu",
        d.add(
            "conv2d",
            pooled,
            name="narrow",
            out_channels="in_channels // reduction",
            kernel_size=1,
            padding=0,
        ),
    )
    y = d.add("conv2d", y, name="widen", out_channels="in_channels", kernel_size=1, padding=0)
    y = d.add("sigmoid", d.add("mean", y, axis=1, keepdim=True), name="channel weights")
    x = d.add("multiply", x, y, name="weighed channels")
    lines = d.add("permute", x, name="channels last", order=(1, 2, 0))
    most = d.add("adaptive_max_pool2d", lines, name="largest channel", output_size=("in_width", 1))
    most = d.add("permute", most, name="channels first", order=(2, 0, 1))
    both = d.add(
        "concat",
        d.add("mean", x, name="average channel", axis=0, keepdim=True),
        most,
        name="both maps",
        axis=0,
    )
    y = d.add(
        "conv2d",
        both,
        name="look",
        out_channels=1,
        kernel_size="kernel_size",
        padding="kernel_size // 2",
    )
    d.output(d.add("multiply", x, d.add("sigmoid", y, name="place weights"), name="weighed places"))
    yield d.file(
        "convolution",
        "Behind convolutions, where a part of the image matters.",
        ("attention", "channel attention", "spatial attention"),
        "https://arxiv.org/abs/1807.06521",
        IMAGE,
        notes=REDUCTION | KERNEL,
    )

    d = Drawing(
        "Depthwise separable block",
        "A window for each channel, then a mix of the channels.",
        channels=32,
        stride=1,
    )
    x = d.add(
        "depthwise_conv2d",
        d.input(),
        name="depthwise",
        kernel_size=3,
        padding=1,
        stride="stride",
        bias=False,
    )
    x = d.add("relu", d.add("batch_norm2d", x, name="norm"))
    d.output(_conv(d, x, out_channels="channels", kernel_size=1, padding=0))
    yield d.file(
        "convolution",
        "For small devices: about an eighth of the weights of Conv2d.",
        ("mobilenet", "xception", "separable"),
        "https://arxiv.org/abs/1704.04861",
        IMAGE,
        notes=CHANNELS | STRIDE,
    )

    d = Drawing(
        "Inverted residual block",
        "Widens, looks channel by channel, narrows again, with a shortcut.",
        expand=4,
        kernel_size=3,
    )
    x = d.input()
    y = _conv(d, x, "relu6", out_channels="in_channels * expand", kernel_size=1, padding=0)
    y = d.add(
        "depthwise_conv2d",
        y,
        name="depthwise",
        kernel_size="kernel_size",
        padding="kernel_size // 2",
        bias=False,
    )
    y = d.add("relu6", d.add("batch_norm2d", y, name="norm"))
    d.output(d.add("add", _conv(d, y, "", out_channels="in_channels", kernel_size=1, padding=0), x))
    yield d.file(
        "convolution",
        "In MobileNetV2 and other small networks.",
        ("mobilenetv2", "mobilenet", "linear bottleneck"),
        "https://arxiv.org/abs/1801.04381",
        IMAGE,
        notes=EXPAND | KERNEL,
    )

    d = Drawing(
        "MBConv block",
        "An inverted residual with squeeze and excitation and drop path.",
        expand=4,
        kernel_size=3,
        drop=0.1,
    )
    x = d.input()
    y = _conv(d, x, "silu", out_channels="in_channels * expand", kernel_size=1, padding=0)
    y = d.add(
        "depthwise_conv2d",
        y,
        name="depthwise",
        kernel_size="kernel_size",
        padding="kernel_size // 2",
        bias=False,
    )
    y = d.add("silu", d.add("batch_norm2d", y, name="norm"))
    y = d.use(excite, y, name="excite")
    y = _conv(d, y, "", out_channels="in_channels", kernel_size=1, padding=0)
    d.output(d.add("add", d.add("drop_path", y, p="drop"), x))
    yield d.file(
        "convolution",
        "In EfficientNet: accurate for its size.",
        ("efficientnet", "mobile inverted bottleneck", "se"),
        "https://arxiv.org/abs/1905.11946",
        IMAGE,
        notes=EXPAND | KERNEL | DROP,
    )

    d = Drawing(
        "ConvNeXt block",
        "A large window for each channel, then a small network for each pixel.",
        expand=4,
        kernel_size=7,
        drop=0.1,
    )
    x = d.input()
    y = d.add(
        "depthwise_conv2d",
        x,
        name="depthwise",
        kernel_size="kernel_size",
        padding="kernel_size // 2",
    )
    y = d.add("layer_norm", y, name="norm", over="features")
    y = d.add(
        "gelu",
        d.add(
            "conv2d", y, name="widen", out_channels="in_channels * expand", kernel_size=1, padding=0
        ),
    )
    y = d.add("conv2d", y, name="narrow", out_channels="in_channels", kernel_size=1, padding=0)
    y = d.add("drop_path", d.add("layer_scale", y, name="scale"), p="drop")
    d.output(d.add("add", y, x))
    yield d.file(
        "convolution",
        "A convolutional network built like a transformer.",
        ("convnext", "large kernel"),
        "https://arxiv.org/abs/2201.03545",
        IMAGE,
        notes=EXPAND | KERNEL | DROP,
    )

    d = Drawing("Inception block", "Windows of several sizes side by side, joined.", width=16)
    x = d.input()
    a = _conv(d, x, out_channels="width", kernel_size=1, padding=0)
    b = _conv(
        d,
        _conv(d, x, out_channels="width", kernel_size=1, padding=0),
        out_channels="width",
        kernel_size=3,
        padding=1,
    )
    c = _conv(
        d,
        _conv(d, x, out_channels="width", kernel_size=1, padding=0),
        out_channels="width",
        kernel_size=5,
        padding=2,
    )
    e = d.add("max_pool2d", x, name="pool", kernel_size=3, stride=1, padding=1)
    e = _conv(d, e, out_channels="width", kernel_size=1, padding=0)
    d.output(d.add("concat", a, b, c, e, axis=0))
    yield d.file(
        "convolution",
        "Where patterns have different sizes.",
        ("googlenet", "multi-scale", "branches"),
        "https://arxiv.org/abs/1409.4842",
        IMAGE,
        notes=WIDTH,
    )

    d = Drawing(
        "Dense layer", "Computes a few new channels and appends them to what came in.", growth=12
    )
    x = d.input()
    y = d.add("relu", d.add("batch_norm2d", x, name="norm"))
    y = d.add(
        "conv2d", y, name="narrow", out_channels="4 * growth", kernel_size=1, padding=0, bias=False
    )
    d.nodes[-1] = d.nodes[-1].model_copy(
        update={"knobs": d.nodes[-1].knobs | {"out_channels": Expr(expr="4 * growth")}}
    )
    y = d.add("relu", d.add("batch_norm2d", y, name="norm"))
    y = d.add("conv2d", y, name="look", out_channels="growth", kernel_size=3, padding=1, bias=False)
    d.output(d.add("concat", x, y, axis=0))
    growth = {"growth": "Channels that each layer appends. More learns more and costs weights."}
    dense = d.file(
        "convolution",
        "The step of a dense block.",
        ("densenet", "growth"),
        "https://arxiv.org/abs/1608.06993",
        IMAGE,
        notes=growth,
    )
    yield dense

    d = Drawing(
        "Dense block", "Four layers of which each sees the results of all before it.", growth=12
    )
    x = d.input()
    for i in range(4):
        x = d.use(dense, x, name=f"layer {i + 1}", growth="growth")
    d.output(x)
    yield d.file(
        "convolution",
        "In DenseNet: few weights, strong gradients.",
        ("densenet", "concatenate"),
        "https://arxiv.org/abs/1608.06993",
        IMAGE,
        notes=growth,
    )

    d = Drawing(
        "Dense transition",
        "Narrows the channels of a dense block and halves the image.",
        reduction=2,
    )
    y = d.add("relu", d.add("batch_norm2d", d.input(), name="norm"))
    y = d.add(
        "conv2d",
        y,
        name="narrow",
        out_channels="in_channels // reduction",
        kernel_size=1,
        padding=0,
        bias=False,
    )
    d.output(d.add("avg_pool2d", y, name="pool", kernel_size=2, stride=2))
    yield d.file(
        "convolution",
        "Between two dense blocks.",
        ("densenet", "downsample"),
        "https://arxiv.org/abs/1608.06993",
        IMAGE,
        notes=REDUCTION,
    )

    d = Drawing(
        "U-Net down",
        "Two convolutions; their result goes on halved and, whole, to the way up.",
        channels=32,
    )
    same = {"out_channels": "channels", "kernel_size": 3, "padding": 1}
    y = _conv(d, _conv(d, d.input(), **same), **same)
    d.output(d.add("max_pool2d", y, name="pool", kernel_size=2, stride=2), "out")
    d.output(y, "skip")
    yield d.file(
        "convolution",
        "The way down of a U-Net; connect skip to the U-Net up of the same size.",
        ("unet", "encoder", "segmentation"),
        "https://arxiv.org/abs/1505.04597",
        IMAGE,
        notes=CHANNELS,
    )

    d = Drawing(
        "U-Net up",
        "Doubles the image, joins what the way down kept, and convolves twice.",
        channels=32,
    )
    x, skip = d.input("x"), d.input("skip")
    y = d.add("concat", d.add("upsample", x, scale_factor=2), skip, axis=0)
    d.output(_conv(d, _conv(d, y, **same), **same))
    yield d.file(
        "convolution",
        "The way up of a U-Net; its skip comes from the U-Net down of the same size.",
        ("unet", "decoder", "segmentation"),
        "https://arxiv.org/abs/1505.04597",
        IMAGE,
        Example(shape=(8, 16, 16), role="image"),
        notes=CHANNELS,
    )

    d = Drawing(
        "FiLM residual block", "A residual block that a condition steers.", groups=4, kernel_size=3
    )
    x, c = d.input("x"), d.input("condition")
    same = {
        "out_channels": "in_channels",
        "kernel_size": "kernel_size",
        "padding": "kernel_size // 2",
    }
    y = d.add("silu", d.add("group_norm", x, name="norm", num_groups="groups"))
    y = d.add(
        "group_norm", d.add("conv2d", y, name="conv", **same), name="norm", num_groups="groups"
    )
    y = d.add("silu", d.add("film", y, c, ports=("in", "condition")))
    d.output(d.add("add", d.add("conv2d", y, name="conv", **same), x))
    yield d.file(
        "convolution",
        "In diffusion networks: the condition is the time or a class.",
        ("conditional resnet", "diffusion", "adagn", "time"),
        "https://arxiv.org/abs/1709.07871",
        IMAGE,
        CODE,
        notes={"groups": "Groups of channels normalised together; must divide the channels."}
        | KERNEL,
    )

    d = Drawing(
        "Patch embedding",
        "Cuts an image into squares and writes each as a row of features.",
        patch_size=4,
        width=32,
    )
    y = d.add(
        "linear",
        d.add("patches", d.input(), patch_size="patch_size"),
        name="embed",
        out_features="width",
    )
    d.output(d.add("learned_positions", y, name="positions"))
    yield d.file(
        "attention",
        "The start of a vision transformer; no class token, pool at the end.",
        ("vit", "vision transformer", "tokens"),
        "https://arxiv.org/abs/2010.11929",
        IMAGE,
        notes={"patch_size": "Side of a square; must divide height and width."} | WIDTH,
    )


def sequences() -> Iterator[BlockFile]:
    d = Drawing(
        "Feed-forward", "A small network that works on each step by itself.", expand=4, dropout=0.1
    )
    y = d.add("gelu", d.add("linear", d.input(), name="widen", out_features="in_features * expand"))
    d.output(
        d.add("linear", d.add("dropout", y, p="dropout"), name="narrow", out_features="in_features")
    )
    feed = d.file(
        "attention",
        "After attention, in every transformer.",
        ("mlp", "ffn", "transformer", "position-wise"),
        "https://arxiv.org/abs/1706.03762",
        SEQUENCE,
        notes=EXPAND | DROPOUT,
    )
    yield feed

    d = Drawing(
        "SwiGLU feed-forward",
        "A small network for each step in which one half gates the other.",
        expand=2,
    )
    x = d.input()
    gate = d.add(
        "silu", d.add("linear", x, name="gate", out_features="in_features * expand", bias=False)
    )
    y = d.add(
        "multiply",
        gate,
        d.add("linear", x, name="widen", out_features="in_features * expand", bias=False),
    )
    d.output(d.add("linear", y, name="narrow", out_features="in_features", bias=False))
    swiglu = d.file(
        "attention",
        "In place of the feed-forward in language models.",
        ("glu", "gated", "llama", "mlp"),
        "https://arxiv.org/abs/2002.05202",
        SEQUENCE,
        notes=EXPAND,
    )
    yield swiglu

    whole = "Text, series and patches that are known whole."
    back = "For generating text: each step sees only earlier ones."
    encoder, decoder = (
        ("pre-norm", "vit", "bert", "encoder"),
        ("gpt", "causal", "language model", "decoder"),
    )
    pre = (
        ("Transformer encoder block", False, whole, encoder),
        ("Transformer decoder block", True, back, decoder),
    )
    for title, causal, when, synonyms in pre:
        d = Drawing(
            title,
            "Attention, then a small network, each normalised first and with a shortcut.",
            heads=4,
            expand=4,
            dropout=0.1,
        )
        x = d.input()
        y = d.add(
            "multihead_attention",
            d.add("layer_norm", x, name="norm"),
            name="attention",
            num_heads="heads",
            causal=causal,
        )
        x = d.add("add", d.add("dropout", y, p="dropout"), x)
        y = d.use(
            feed,
            d.add("layer_norm", x, name="norm"),
            name="feed forward",
            expand="expand",
            dropout="dropout",
        )
        d.output(d.add("add", d.add("dropout", y, p="dropout"), x))
        yield d.file(
            "attention",
            when,
            ("transformer", *synonyms),
            "https://arxiv.org/abs/2002.04745",
            SEQUENCE,
            notes=HEADS | EXPAND | DROPOUT,
        )

    d = Drawing(
        "Post-norm encoder block",
        "Attention, then a small network, each with a shortcut and normalised after it.",
        heads=4,
        expand=4,
        dropout=0.1,
    )
    x = d.input()
    y = d.add(
        "dropout", d.add("multihead_attention", x, name="attention", num_heads="heads"), p="dropout"
    )
    x = d.add("layer_norm", d.add("add", y, x), name="norm")
    y = d.add(
        "dropout",
        d.use(feed, x, name="feed forward", expand="expand", dropout="dropout"),
        p="dropout",
    )
    d.output(d.add("layer_norm", d.add("add", y, x), name="norm"))
    yield d.file(
        "attention",
        "The transformer as first published; needs a slow start of the learning rate.",
        ("transformer", "post-norm", "bert"),
        "https://arxiv.org/abs/1706.03762",
        SEQUENCE,
        notes=HEADS | EXPAND | DROPOUT,
    )

    d = Drawing(
        "Cross-attention block",
        "Each step gathers from a second sequence, with a shortcut.",
        heads=4,
        dropout=0.1,
    )
    x, context = d.input("x"), d.input("context")
    y = d.add("layer_norm", x, name="norm")
    y = d.add(
        "multihead_attention",
        y,
        context,
        context,
        ports=("in", "key", "value"),
        name="attention",
        num_heads="heads",
    )
    d.output(d.add("add", d.add("dropout", y, p="dropout"), x))
    other = Example(shape=(5, 16), role="sequence")
    cross = d.file(
        "attention",
        "To let an answer look at a source: translation, images with text.",
        ("encoder-decoder", "seq2seq", "transformer", "context"),
        "https://arxiv.org/abs/1706.03762",
        SEQUENCE,
        other,
        notes=HEADS | DROPOUT,
    )
    yield cross

    d = Drawing(
        "Encoder-decoder block",
        "Looks back at itself, then at a source, then thinks about each step.",
        heads=4,
        expand=4,
        dropout=0.1,
    )
    x, context = d.input("x"), d.input("context")
    y = d.add("layer_norm", x, name="norm")
    y = d.add("multihead_attention", y, name="attention", num_heads="heads", causal=True)
    x = d.add("add", d.add("dropout", y, p="dropout"), x)
    x = d.use(
        cross,
        x,
        context,
        ports=("x", "context"),
        name="cross attention",
        heads="heads",
        dropout="dropout",
    )
    y = d.use(
        feed,
        d.add("layer_norm", x, name="norm"),
        name="feed forward",
        expand="expand",
        dropout="dropout",
    )
    d.output(d.add("add", d.add("dropout", y, p="dropout"), x))
    yield d.file(
        "attention",
        "The decoder of a translation transformer.",
        ("transformer decoder", "seq2seq", "causal", "cross-attention"),
        "https://arxiv.org/abs/1706.03762",
        SEQUENCE,
        other,
        notes=HEADS | EXPAND | DROPOUT,
    )

    d = Drawing(
        "Llama block",
        "Rotary attention that looks back, then a gated network, with root mean square norms.",
        heads=4,
        expand=2,
    )
    x = d.input()
    y = d.add(
        "rotary_attention",
        d.add("rms_norm", x, name="norm"),
        name="attention",
        num_heads="heads",
        causal=True,
        bias=False,
    )
    x = d.add("add", y, x)
    y = d.use(swiglu, d.add("rms_norm", x, name="norm"), name="feed forward", expand="expand")
    d.output(d.add("add", y, x))
    yield d.file(
        "attention",
        "For language models; needs no other positions.",
        ("rope", "rotary", "swiglu", "decoder", "gpt"),
        "https://arxiv.org/abs/2302.13971",
        SEQUENCE,
        notes=HEADS | EXPAND,
    )

    d = Drawing(
        "Mixture-of-experts block",
        "Attention, then a few of several small networks.",
        heads=4,
        experts=4,
        hidden=64,
    )
    x = d.input()
    x = d.add(
        "add",
        d.add(
            "multihead_attention",
            d.add("layer_norm", x, name="norm"),
            name="attention",
            num_heads="heads",
        ),
        x,
    )
    y = d.add(
        "mixture_of_experts",
        d.add("layer_norm", x, name="norm"),
        name="mixture",
        experts="experts",
        hidden="hidden",
    )
    d.output(d.add("add", y, x))
    yield d.file(
        "attention",
        "A transformer block that specialises.",
        ("moe", "switch transformer", "router"),
        "https://arxiv.org/abs/2101.03961",
        SEQUENCE,
        notes=HEADS
        | {"experts": "Small networks to choose among.", "hidden": "Width of each expert."},
    )

    d = Drawing(
        "MLP-Mixer block",
        "A small network across the steps, then one across the features.",
        tokens=32,
        expand=4,
    )
    x = d.input()
    y = d.add("permute", d.add("layer_norm", x, name="norm"), name="turn", order=(1, 0))
    y = d.add("gelu", d.add("linear", y, name="across steps", out_features="tokens"))
    y = d.add("linear", y, name="back to steps", out_features="in_steps")
    x = d.add("add", x, d.add("permute", y, name="turn back", order=(1, 0)))
    y = d.add(
        "gelu",
        d.add(
            "linear",
            d.add("layer_norm", x, name="norm"),
            name="widen",
            out_features="in_features * expand",
        ),
    )
    d.output(d.add("add", x, d.add("linear", y, name="narrow", out_features="in_features")))
    yield d.file(
        "dense",
        "In place of attention, for sequences of one length such as patches.",
        ("mixer", "all-mlp", "token mixing"),
        "https://arxiv.org/abs/2105.01601",
        SEQUENCE,
        notes={"tokens": "Width of the network across the steps."} | EXPAND,
    )

    d = Drawing(
        "TCN block",
        "Two causal convolutions with a shortcut.",
        kernel_size=3,
        dilation=1,
        dropout=0.1,
    )
    x = y = d.input()
    for _ in range(2):
        y = d.add(
            "causal_conv1d",
            y,
            name="causal",
            out_features="in_features",
            kernel_size="kernel_size",
            dilation="dilation",
        )
        y = d.add("dropout", d.add("relu", y), p="dropout")
    d.output(d.add("relu", d.add("add", y, x)))
    yield d.file(
        "convolution",
        "For forecasting; stack them with dilation 1, 2, 4, 8.",
        ("temporal convolution", "wavenet", "causal", "forecast"),
        "https://arxiv.org/abs/1803.01271",
        SEQUENCE,
        notes={
            "kernel_size": "Steps in the window.",
            "dilation": "Distance between the steps of the window; double it from block to block.",
        }
        | DROPOUT,
    )

    d = Drawing(
        "Mamba block", "A root mean square norm, Mamba, and a shortcut.", states=16, expand=2
    )
    x = d.input()
    y = d.add("mamba", d.add("rms_norm", x, name="norm"), states="states", expand="expand")
    d.output(d.add("add", y, x))
    yield d.file(
        "recurrent",
        "Stacked, for long text and series.",
        ("ssm", "state space", "s6", "selective"),
        "https://arxiv.org/abs/2312.00752",
        SEQUENCE,
        notes={"states": "What each inner feature remembers."} | EXPAND,
    )

    for kind, title, paper in (
        ("lstm", "BiLSTM stack", "https://doi.org/10.1109/78.650093"),
        ("gru", "BiGRU stack", "https://arxiv.org/abs/1406.1078"),
    ):
        d = Drawing(
            title,
            f"Two {kind.upper()} layers that read in both directions; one answer a sequence.",
            units=32,
            dropout=0.2,
        )
        y = d.add(
            kind, d.input(), name="read", hidden_size="units", bidirectional=True, output="sequence"
        )
        y = d.add("dropout", y, p="dropout")
        d.output(
            d.add(kind, y, name="sum up", hidden_size="units", bidirectional=True, output="last")
        )
        yield d.file(
            "recurrent",
            "For text and series that are known whole.",
            ("bidirectional", kind, "recurrent"),
            paper,
            SEQUENCE,
            notes={
                "units": "Memory of each direction. Doubling it makes weights four times as many."
            }
            | DROPOUT,
        )


def heads() -> Iterator[BlockFile]:
    d = Drawing(
        "Global pool head",
        "Averages each channel of an image and answers.",
        classes=10,
        dropout=0.2,
    )
    y = d.add("dropout", d.add("global_avg_pool", d.input(), name="pool"), p="dropout")
    d.output(d.add("linear", y, name="answer", out_features="classes"))
    yield d.file(
        "pooling",
        "The end of a convolutional network.",
        ("classifier", "head", "gap"),
        "https://arxiv.org/abs/1312.4400",
        IMAGE,
        notes=CLASSES | DROPOUT,
    )

    d = Drawing("Sequence pool head", "Normalises, averages the steps and answers.", classes=10)
    y = d.add("pool_steps", d.add("layer_norm", d.input(), name="norm"), name="pool")
    d.output(d.add("linear", y, name="answer", out_features="classes"))
    yield d.file(
        "pooling",
        "The end of a transformer, without a class token.",
        ("classifier", "head", "vit", "mean pooling"),
        "https://arxiv.org/abs/2205.01580",
        SEQUENCE,
        notes=CLASSES,
    )

    d = Drawing(
        "Classifier head",
        "Lays everything out flat, thinks once more and answers.",
        hidden=64,
        classes=10,
        dropout=0.3,
    )
    y = d.add(
        "relu", d.add("linear", d.add("flatten", d.input()), name="think", out_features="hidden")
    )
    d.output(
        d.add("linear", d.add("dropout", y, p="dropout"), name="answer", out_features="classes")
    )
    yield d.file(
        "dense",
        "The end of a network on small images or rows of numbers.",
        ("mlp", "fully connected", "head"),
        "https://doi.org/10.1109/5.726791",
        IMAGE,
        notes={"hidden": "Units of the layer before the answer."} | CLASSES | DROPOUT,
    )

    d = Drawing("VAE head", "A mean and a spread for each sample, and a draw from them.", code=8)
    x = d.input()
    mean = d.add("linear", x, name="mean", out_features="code")
    spread = d.add("linear", x, name="log variance", out_features="code")
    draw = d.add("reparameterise", mean, spread, ports=("mean", "log_variance"), name="draw")
    d.output(draw, "code")
    d.output(mean, "mean")
    d.output(spread, "log_variance")
    yield d.file(
        "dense",
        "Between encoder and decoder of a variational autoencoder.",
        ("variational", "latent", "reparameterisation", "autoencoder"),
        "https://arxiv.org/abs/1312.6114",
        FLAT,
        notes={"code": "Numbers that describe a sample. Fewer compress more."},
    )

    d = Drawing("Time network", "Writes a time step as waves and thinks about it.", width=32)
    y = d.add(
        "silu",
        d.add(
            "linear",
            d.add("time_embedding", d.input(), name="waves", features="width"),
            name="widen",
            out_features="width * 4",
        ),
    )
    d.output(d.add("linear", y, name="narrow", out_features="width"))
    yield d.file(
        "dense",
        "For diffusion: its answer steers FiLM residual blocks.",
        ("timestep", "time embedding", "diffusion"),
        "https://arxiv.org/abs/2006.11239",
        TIME,
        notes=WIDTH,
    )


def drawn() -> dict[str, str]:
    """The text of every file, by its name."""
    files = [*images(), *sequences(), *heads()]
    return {f"{file.block.id.replace('-', '_')}.block.json": encode_block(file) for file in files}


if __name__ == "__main__":
    PLACE.mkdir(exist_ok=True)
    for old in PLACE.glob("*.block.json"):
        old.unlink()
    for name, text in drawn().items():
        (PLACE / name).write_text(text, encoding="utf-8")
