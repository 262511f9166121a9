"""Makes new samples with this model: python generate.py [--count 16] [--seed 0] [-o samples.npz].

`-o samples.npz` holds `samples`: pictures (N, H, W, C) in 0..1, or numbers (N, F); `-o samples.png` is a sheet of the
pictures. The same seed gives the same samples. `--class` asks for one where the model was trained with classes.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent))

from pipeline import CLASSES, SETTINGS, SHAPES, load
from sampling import SETTINGS as CHOICES
from sampling import samples


def outputs_for(fed: dict[str, Any]) -> Any:
    """What the network makes of these inputs, batch first, in the units it was trained in."""
    model = load()
    with torch.no_grad():
        return model(
            *(torch.from_numpy(np.ascontiguousarray(fed[name])) for name in SHAPES)
        ).numpy()


def made(count: int, seed: int, label: int | None = None, **chosen: Any) -> Any:
    """New samples: pictures (N, H, W, C) in 0..1, or numbers (N, F); all classes in turn where none is asked for."""
    model = load()
    kinds = max(len(CLASSES), 1)
    codes = torch.arange(count) % kinds if label is None else torch.full((count,), label)
    labels = torch.nn.functional.one_hot(codes, kinds).float()
    with torch.no_grad():
        new = samples(model, SHAPES, seed, labels, {**SETTINGS, **chosen})
        return model.shown(new).numpy()


def write(pictures: Any, path: Path) -> None:
    """The samples as an .npz file, or pictures as one PNG, up to 16 in a row."""
    if path.suffix.lower() != ".png":
        np.savez(path, samples=pictures)
        return
    from PIL import Image

    count, height, width, channels = pictures.shape
    columns = min(count, 16)
    rows = -(-count // columns)
    sheet = np.zeros((rows * columns, height, width, channels))
    sheet[:count] = pictures
    lines = sheet.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    pixels = np.rint(lines.reshape(rows * height, columns * width, channels) * 255)
    image = pixels.astype(np.uint8)
    Image.fromarray(image[:, :, 0] if channels == 1 else image).save(path)


def main() -> int:
    """Writes the samples."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, default=Path("samples.npz"))
    if "label" in SHAPES:
        parser.add_argument("--class", dest="label", choices=CLASSES)
    for name, kind in CHOICES.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, default=SETTINGS[name])
    options = parser.parse_args()
    asked = getattr(options, "label", None)
    label = None if asked is None else CLASSES.index(asked)
    chosen = {name: getattr(options, name) for name in CHOICES}
    new = made(options.count, options.seed, label, **chosen)
    write(new, options.output)
    print(f"{len(new)} samples in {options.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
