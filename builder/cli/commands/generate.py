"""`layerloom generate RUN`: new samples of a trained run, as a file."""

import argparse
from pathlib import Path

import numpy as np

from builder.cli.outcome import Outcome
from builder.errors import TrainError
from builder.runs.store import find

NAME = "generate"
HELP = "make new samples with a trained run, into an .npz file"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("run_id", metavar="RUN", help="a run id or a run directory")
    parser.add_argument("--count", type=int, default=64, help="how many")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same samples")
    parser.add_argument(
        "--class", dest="label", type=int, help="number of a class, where it can tell"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=NUMBER",
        help="how they are drawn, where the recipe has such settings: sampling_steps=50",
    )
    parser.add_argument("-o", "--output", type=Path, default=Path("samples.npz"), metavar="FILE")


def run(options: argparse.Namespace) -> Outcome:
    """Writes `samples`: pictures (N, H, W, C) in 0..1, or numbers (N, F)."""
    from builder.evaluate.generate import generate
    from builder.train.trained import load_trained

    trained = load_trained(find(options.run_id).path)
    made = generate(
        trained,
        count=options.count,
        seed=options.seed,
        label=options.label,
        settings=dict(_number(text) for text in options.set),
    )
    np.savez(options.output, samples=made)
    words = "×".join(map(str, made.shape[1:]))
    data = {"path": str(options.output), "count": len(made), "shape": list(made.shape[1:])}
    return Outcome(data=data, lines=[f"{len(made)} samples of {words}: {options.output}"])


def _number(text: str) -> tuple[str, int | float]:
    name, _, value = text.partition("=")
    try:
        return name.strip(), int(value) if value.strip().isdigit() else float(value)
    except ValueError as error:
        raise TrainError(
            f"--set needs NAME=NUMBER, for example guidance=2; got {text!r}."
        ) from error
