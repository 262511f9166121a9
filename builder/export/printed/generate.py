"""Makes new samples with this model: python generate.py [--count 16] [--seed 0] [-o samples.npz].

The file holds `samples`: pictures (N, H, W, C) in 0..1, or numbers (N, F). The same seed gives the same samples.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent))

from pipeline import SHAPES, load


def draws(count: int, seed: int) -> list[torch.Tensor]:
    """Normal numbers for every input of the network, float32 (count, ...), from this seed alone."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(count, *shape, generator=generator) for shape in SHAPES.values()]


def outputs_for(fed: dict[str, Any]) -> Any:
    """What the network makes of these inputs, batch first, in the units it was trained in."""
    model = load()
    with torch.no_grad():
        return model(
            *(torch.from_numpy(np.ascontiguousarray(fed[name])) for name in SHAPES)
        ).numpy()


def main() -> int:
    """Writes the samples."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, default=Path("samples.npz"))
    options = parser.parse_args()
    model = load()
    with torch.no_grad():
        samples = model.shown(model(*draws(options.count, options.seed))).numpy()
    np.savez(options.output, samples=samples)
    print(f"{len(samples)} samples in {options.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
