"""Layers that steer a network from outside: the time of a diffusion step, a condition, a random draw."""

from typing import ClassVar, Literal

from builder.layers import needs
from builder.layers.base import Call, Inputs, LayerType, Mismatch, Port, TensorType, knob
from builder.layers.bounds import Width

IMAGE = TensorType((8, 6, 6), "float32", "image")
CODE = TensorType((16,), "float32", "features")


class TimeEmbedding(LayerType):
    """One number a sample as waves of many frequencies."""

    kind: ClassVar[str] = "time_embedding"
    family: ClassVar[Literal["dense"]] = "dense"
    title: ClassVar[str] = "Time embedding"
    reference: ClassVar[str] = "https://arxiv.org/abs/2006.11239"
    summary: ClassVar[str] = "Writes one number, such as a time step, as waves of many frequencies."
    when: ClassVar[str] = "For the noise step of diffusion networks, before Linear and FiLM."
    synonyms: ClassVar[tuple[str, ...]] = (
        "timestep",
        "time step",
        "sinusoidal embedding",
        "diffusion",
        "noise level",
        "fourier features",
    )
    slug: ClassVar[str] = "time"
    example: ClassVar[Inputs] = ((TensorType((), "int64", "any"),),)

    features: Width = knob(
        64,
        "Features",
        "How many waves describe the number. 32 to 128 for most. More tells close times apart better.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        if given.shape in ((), (1,)) and given.dtype != "bool":
            return needs.holdable((self.features,), knob="features")
        return Mismatch("one number a sample, its time", "Connect it to the Input of the time.")

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {"features": self.features}
        return Call("modules.TimeEmbedding", arguments=arguments, roles=("features",))

    def brief(self) -> str:
        return f"{self.features} features"


class FiLM(LayerType):
    """A condition scales and shifts every feature."""

    kind: ClassVar[str] = "film"
    family: ClassVar[Literal["merge"]] = "merge"
    title: ClassVar[str] = "FiLM"
    reference: ClassVar[str] = "https://arxiv.org/abs/1709.07871"
    summary: ClassVar[str] = "Scales and shifts each feature as a second input says."
    when: ClassVar[str] = "To steer a network by a class, a text or a time step."
    synonyms: ClassVar[tuple[str, ...]] = (
        "feature-wise linear modulation",
        "conditioning",
        "adaptive normalisation",
        "modulation",
        "adaln",
    )
    inputs: ClassVar[tuple[Port, ...]] = (Port("in"), Port("condition", "c"))
    example: ClassVar[Inputs] = ((IMAGE,), (CODE,))

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        wrong = needs.axes(inputs[0][0])
        if wrong or not inputs[1]:
            return wrong
        condition = inputs[1][0]
        wrong = needs.numbers(condition, port="condition")
        if wrong or len(condition.shape) == 1:
            return wrong
        return Mismatch("a flat list that steers", "Put Flatten or a mean before it.", "condition")

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0]
        rest = (1,) * (len(given.shape) - 1)
        first = given.role == "image" and len(given.shape) == 3
        sizes = (given.shape[0], *rest) if first else (*rest, given.shape[-1])
        arguments = {"condition_features": inputs[1][0].shape[0], "sizes": sizes}
        forward = "{self}({in}, {condition})"
        return Call("modules.FiLM", forward, arguments, roles=(given.role,))


class Reparameterise(LayerType):
    """A random draw that gradients can pass."""

    kind: ClassVar[str] = "reparameterise"
    family: ClassVar[Literal["merge"]] = "merge"
    title: ClassVar[str] = "Reparameterise"
    reference: ClassVar[str] = "https://arxiv.org/abs/1312.6114"
    summary: ClassVar[str] = (
        "Draws a code from a mean and a log variance; gives the mean when not training."
    )
    when: ClassVar[str] = "In the middle of a variational autoencoder."
    synonyms: ClassVar[tuple[str, ...]] = ("vae", "sampling", "latent", "variational", "gaussian")
    inputs: ClassVar[tuple[Port, ...]] = (
        Port("mean", "mean"),
        Port("log_variance", "log variance"),
    )
    slug: ClassVar[str] = "draw"
    example: ClassVar[Inputs] = ((CODE,), (CODE,))

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        mean = inputs[0][0]
        wrong = needs.numbers(mean, port="mean")
        if wrong or not inputs[1]:
            return wrong
        spread = inputs[1][0]
        wrong = needs.numbers(spread, port="log_variance")
        if wrong or spread.shape == mean.shape:
            return wrong
        return Mismatch(
            "a mean and a log variance of the same shape",
            "Give both the same number of features.",
            "log_variance",
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        forward = "{self}({mean}, {log_variance})"
        return Call("modules.Reparameterise", forward, roles=(inputs[0][0].role,))
