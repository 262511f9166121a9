"""Our training loop, all probes on, against hand-written and library loops."""

import importlib.util
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from builder.bench.by_hand import HandCNN, HandLSTM, HandMLP
from builder.bench.pairs import ROUNDS, Loop, Row, paired, seconds
from builder.data.describe import describe
from builder.spec.data import BuiltinSource, DataSpec
from builder.spec.network import Expr, Knobs, Network, Node, Wire
from builder.spec.project import Project
from builder.spec.training import OptimizerSpec, TrainingSpec
from builder.train.build import build_job
from builder.train.device import cores
from builder.train.job import Job
from builder.train.loop import train

LEARNING_RATE = 1e-3


class Case(NamedTuple):
    """A network, drawn and written by hand, and how long one round is."""

    name: str
    data: str
    layers: tuple[tuple[str, Knobs], ...]
    by_hand: Callable[[], nn.Module]
    batch_size: int
    epochs: int
    limit: int | None = None


CLASSES = Expr(expr="classes")
SAME: Knobs = {"kernel_size": 3}
POOL: tuple[str, Knobs] = ("max_pool2d", {"kernel_size": 2})
OUT: tuple[str, Knobs] = ("linear", {"out_features": CLASSES})

CASES = (
    Case(
        "tiny MLP",
        "digits",
        (("flatten", {}), ("linear", {"out_features": 64}), ("relu", {}), OUT),
        HandMLP,
        batch_size=32,
        epochs=60,
    ),
    Case(
        "28x28 CNN",
        "fashion-mnist-10k",
        (
            ("conv2d", {"out_channels": 16, **SAME}),
            ("relu", {}),
            POOL,
            ("conv2d", {"out_channels": 32, **SAME}),
            ("relu", {}),
            POOL,
            ("flatten", {}),
            OUT,
        ),
        HandCNN,
        batch_size=64,
        epochs=1,
        limit=6000,
    ),
    Case(
        "LSTM",
        "digits",
        (
            ("reshape", {"shape": (8, 8)}),
            ("lstm", {"hidden_size": 64, "output": "last"}),
            OUT,
        ),
        HandLSTM,
        batch_size=32,
        epochs=15,
    ),
)


def bench_train(
    cases: tuple[Case, ...] = CASES, *, rounds: int = ROUNDS, libraries: bool = True
) -> list[Row]:
    """One row for every case and opponent; rounds are paired and interleaved, so that noise hits both.

    The opponent is honest: written by hand, data resident, fused optimizer, best thread count, no `.item()`
    in the step, validation after every epoch as ours has.
    """
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="layerloom-bench-") as scratch:
        for place, case in enumerate(cases):
            rows += _rows(case, rounds, Path(scratch), libraries=libraries and place == 0)
    return rows


def _rows(case: Case, rounds: int, scratch: Path, *, libraries: bool) -> Iterator[Row]:
    project = project_of(case)
    threads = build_job(project).progress.threads
    theirs = _best_threads(case, project)
    numbers = iter(range(10**6))

    def ours(*, watch: bool = True, folder: Path | None = None) -> Loop:
        job = build_job(project, folder=folder, watch=watch)

        def loop() -> None:
            with _threads(threads):
                for _ in train(job):
                    pass

        return loop

    def by_hand() -> Loop:
        job = build_job(project, watch=False)

        def loop() -> None:
            with _threads(theirs):
                _hand_written(case, job)

        return loop

    def saving() -> Loop:
        return ours(folder=scratch / f"{case.name}-{next(numbers)}")

    yield paired(case.name, "hand-written loop", saving, by_hand, rounds)
    yield paired(case.name, "probes off", ours, lambda: ours(watch=False), rounds)
    if libraries:
        for name, opponent in LIBRARIES.items():
            if importlib.util.find_spec(name) is not None:
                yield paired(
                    case.name,
                    name,
                    ours,
                    partial(opponent, case, project),
                    rounds,
                )


def _hand_written(case: Case, job: Job) -> None:
    inputs, target, held_out, truth = _arrays(job)
    torch.manual_seed(0)
    model = case.by_hand()
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, fused=True)
    count, size = len(target), case.batch_size
    for _ in range(case.epochs):
        model.train()
        total = torch.zeros(())
        places = torch.randperm(count)
        for start in range(0, count, size):
            chosen = places[start : start + size]
            loss = F.cross_entropy(model(inputs[chosen]), target[chosen])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += loss.detach()
        model.eval()
        with torch.no_grad():
            logits = model(held_out)
            F.cross_entropy(logits, truth).item()
            (logits.argmax(1) == truth).float().mean().item()
        (total / count).item()


def _with_lightning(case: Case, project: Project) -> Loop:
    import lightning

    class Module(lightning.LightningModule):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = case.by_hand()

        def training_step(self, batch: Any, _: int) -> Tensor:
            return F.cross_entropy(self.model(batch[0]), batch[1])

        def validation_step(self, batch: Any, _: int) -> None:
            self.log("loss", F.cross_entropy(self.model(batch[0]), batch[1]))

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.AdamW(self.parameters(), lr=LEARNING_RATE, fused=True)

    inputs, target, held_out, truth = _arrays(build_job(project, watch=False))
    data = torch.utils.data.TensorDataset
    load = torch.utils.data.DataLoader
    trainer = lightning.Trainer(
        max_epochs=case.epochs,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        accelerator="cpu",
    )
    feed = load(data(inputs, target), batch_size=case.batch_size, shuffle=True)
    check = load(data(held_out, truth), batch_size=1024)
    return lambda: trainer.fit(Module(), feed, check)


def _with_skorch(case: Case, project: Project) -> Loop:
    import skorch
    from skorch.helper import predefined_split

    inputs, target, held_out, truth = _arrays(build_job(project, watch=False))
    net = skorch.NeuralNetClassifier(
        case.by_hand,
        criterion=nn.CrossEntropyLoss,
        optimizer=torch.optim.AdamW,
        optimizer__fused=True,
        lr=LEARNING_RATE,
        max_epochs=case.epochs,
        batch_size=case.batch_size,
        iterator_train__shuffle=True,
        train_split=predefined_split(skorch.dataset.Dataset(held_out, truth)),
        verbose=0,
    )
    return lambda: net.fit(inputs, target)


LIBRARIES: dict[str, Callable[[Case, Project], Loop]] = {
    "lightning": _with_lightning,
    "skorch": _with_skorch,
}


def _arrays(job: Job) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    (field,) = job.train.inputs
    held_out = job.measured()
    assert job.train.target is not None
    assert held_out.target is not None
    return job.train.inputs[field], job.train.target, held_out.inputs[field], held_out.target


def _best_threads(case: Case, project: Project) -> int:
    """The thread count the opponent is fastest with."""
    job = build_job(project, watch=False)
    short = case._replace(epochs=max(1, case.epochs // 10))
    fastest: dict[int, float] = {}
    for _ in range(3):
        for count in sorted({1, cores()}):
            with _threads(count):
                taken = seconds(lambda: _hand_written(short, job))
            fastest[count] = min(taken, fastest.get(count, taken))
    return min(fastest, key=lambda count: fastest[count])


def project_of(case: Case) -> Project:
    """The case as a person would have drawn it."""
    nodes = [Node(id="input", kind="input", name="input")]
    nodes += [
        Node(id=f"{kind}{place}", kind=kind, name=f"{kind}{place}", knobs=knobs)
        for place, (kind, knobs) in enumerate(case.layers)
    ]
    nodes.append(Node(id="output", kind="output", name="output"))
    wires = tuple(Wire(source=a.id, target=b.id) for a, b in pairwise(nodes))
    training = TrainingSpec(
        epochs=case.epochs,
        batch_size=case.batch_size,
        optimizer=OptimizerSpec(kind="adamw", learning_rate=LEARNING_RATE),
    )
    data = describe(DataSpec(source=BuiltinSource(name=case.data), limit=case.limit))
    network = Network(nodes=tuple(nodes), wires=wires)
    return Project(name=case.name, networks=(network,), data=data, training=training)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
