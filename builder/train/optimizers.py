"""Optimizers, one class each: words, settings with bounds, and the torch they stand for; torch is imported on use."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field, ValidationError

from builder.errors import TrainError
from builder.spec.base import Frozen
from builder.spec.codec import first_fault
from builder.spec.training import OptimizerSpec

ParameterGroups = Sequence[dict[str, Any]]


class OptimizerKind(Frozen):
    """Turns gradients into changes of weights; a subclass that sets `kind` is registered by existing."""

    kind: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    when: ClassVar[str]
    learning_rate: ClassVar[float]
    """Default, for batches of 32 to 256 samples."""
    highest_learning_rate: ClassVar[float] = 10.0
    """Beyond it nothing is learned, whatever the network."""
    weight_decay: ClassVar[float] = 0.0
    by_closure: ClassVar[bool] = False
    """True where one step computes the loss several times."""
    whole_set: ClassVar[bool] = False
    """True where a batch should be the whole training split."""

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if "kind" in cls.__dict__ and _REGISTRY.setdefault(cls.kind, cls) is not cls:
            raise TypeError(f"Two optimizers are called {cls.kind!r}.")

    def copies(self) -> float:
        """How many numbers the optimizer remembers for every weight."""
        return 2.0

    def build(self, groups: ParameterGroups, *, lr: float, fused: bool) -> Any:
        """The torch optimizer over these parameter groups (`params`, `weight_decay`)."""
        raise NotImplementedError


_REGISTRY: dict[str, type[OptimizerKind]] = {}


class AdamW(OptimizerKind):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019)."""

    kind: ClassVar[str] = "adamw"
    title: ClassVar[str] = "AdamW"
    summary: ClassVar[str] = "Gives every weight its own step size, and shrinks weights a little."
    when: ClassVar[str] = "The first choice for nearly every network."
    learning_rate: ClassVar[float] = 1e-3
    highest_learning_rate: ClassVar[float] = 0.5
    weight_decay: ClassVar[float] = 0.01

    beta1: float = Field(
        0.9,
        ge=0,
        lt=1,
        title="Momentum",
        description="How much of the past direction is kept. More is smoother and slower to turn.",
    )
    beta2: float = Field(
        0.999,
        ge=0,
        lt=1,
        title="Scale memory",
        description="How long gradient sizes are remembered. Lower it when gradients change quickly.",
    )
    epsilon: float = Field(
        1e-8,
        gt=0,
        le=1,
        title="Epsilon",
        description="Keeps the division by tiny gradient sizes finite. More damps steps.",
    )

    def build(self, groups: ParameterGroups, *, lr: float, fused: bool) -> Any:
        """torch's AdamW, fused where the device has it."""
        from torch import optim

        betas = (self.beta1, self.beta2)
        return optim.AdamW(list(groups), lr=lr, betas=betas, eps=self.epsilon, fused=fused)


class Adam(AdamW):
    """Adam (Kingma and Ba, 2015)."""

    kind: ClassVar[str] = "adam"
    title: ClassVar[str] = "Adam"
    summary: ClassVar[str] = "Gives every weight its own step size."
    when: ClassVar[str] = "When you compare with older work; AdamW handles weight decay better."
    weight_decay: ClassVar[float] = 0.0

    def build(self, groups: ParameterGroups, *, lr: float, fused: bool) -> Any:
        """torch's Adam, fused where the device has it."""
        from torch import optim

        betas = (self.beta1, self.beta2)
        return optim.Adam(list(groups), lr=lr, betas=betas, eps=self.epsilon, fused=fused)


class SGD(OptimizerKind):
    """Stochastic gradient descent with momentum."""

    kind: ClassVar[str] = "sgd"
    title: ClassVar[str] = "SGD"
    summary: ClassVar[str] = "Walks straight down the gradient, with momentum."
    when: ClassVar[str] = (
        "To see plain gradient descent at work, or for long runs of image networks."
    )
    learning_rate: ClassVar[float] = 0.05

    momentum: float = Field(
        0.9,
        ge=0,
        lt=1,
        title="Momentum",
        description="How much of the last step goes into the next. 0 is plain descent.",
    )
    nesterov: bool = Field(
        False,
        title="Nesterov",
        description="Looks ahead along the momentum before measuring the gradient. Needs momentum.",
    )

    def copies(self) -> float:
        """The momentum."""
        return 1.0 if self.momentum else 0.0

    def build(self, groups: ParameterGroups, *, lr: float, fused: bool) -> Any:
        """torch's SGD, fused where the device has it."""
        from torch import optim

        nesterov = self.nesterov and self.momentum > 0
        return optim.SGD(
            list(groups), lr=lr, momentum=self.momentum, nesterov=nesterov, fused=fused
        )


class LBFGS(OptimizerKind):
    """Limited-memory BFGS with strong-Wolfe line search (Liu and Nocedal, 1989)."""

    kind: ClassVar[str] = "lbfgs"
    title: ClassVar[str] = "LBFGS"
    summary: ClassVar[str] = "Learns the curvature of the loss and takes few, well-aimed steps."
    when: ClassVar[str] = (
        "Small networks on small data, with the whole training split as one batch."
    )
    learning_rate: ClassVar[float] = 1.0
    by_closure: ClassVar[bool] = True
    whole_set: ClassVar[bool] = True

    iterations: int = Field(
        10,
        ge=1,
        le=100,
        title="Iterations",
        description="Inner iterations of one step. More is slower and goes further.",
    )
    history: int = Field(
        10,
        ge=1,
        le=200,
        title="History",
        description="Past steps that shape the curvature. More needs more memory.",
    )

    def copies(self) -> float:
        """A step and a change of gradient for each past step, the last gradient and the direction."""
        return 2.0 * self.history + 2

    def build(self, groups: ParameterGroups, *, lr: float, fused: bool) -> Any:
        """torch's LBFGS; it knows one group and no weight decay."""
        from torch import optim

        parameters = [parameter for group in groups for parameter in group["params"]]
        return optim.LBFGS(
            parameters,
            lr=lr,
            max_iter=self.iterations,
            history_size=self.history,
            line_search_fn="strong_wolfe",
        )


def all_optimizers() -> tuple[type[OptimizerKind], ...]:
    """Every kind of optimizer, the usual choice first."""
    return tuple(_REGISTRY.values())


def find_optimizer(spec: OptimizerSpec) -> OptimizerKind:
    """The optimizer a spec asks for, with its settings checked; TrainError in a sentence otherwise."""
    found = _REGISTRY.get(spec.kind)
    if found is None:
        known = ", ".join(_REGISTRY)
        raise TrainError(f"There is no optimizer called {spec.kind!r}; choose one of {known}.")
    return found.model_validate(checked(found, spec.settings, f"{found.title}"))


def checked(kind: type[Frozen], settings: Mapping[str, Any], what: str) -> dict[str, Any]:
    """The settings if `kind` takes them; TrainError naming the first one it does not."""
    try:
        kind.model_validate(dict(settings))
    except ValidationError as error:
        raise TrainError(f"{what} does not take these settings: {first_fault(error)}") from error
    return dict(settings)
