"""Makes the bundled data sets of assets/datasets anew: `python -m builder.data.bundle`."""

import gzip
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from builder.data.fashion import CLASSES, read_images, read_labels
from builder.paths import ASSETS

FASHION = Path("/usr/share/datasets/fashion-mnist")
FOLDER = ASSETS / "datasets"
TRAIN, TEST = 850, 150
"""Images of each class of Fashion-MNIST from its training files and from its test files."""


def make_scikit_learn_sets(folder: Path) -> None:
    """Writes digits, iris, wine, breast cancer and diabetes as `.npz` files."""
    from sklearn import datasets

    digits = datasets.load_digits()
    np.savez_compressed(
        folder / "digits.npz",
        image=digits.images.astype(np.uint8)[..., None],  # (1797, 8, 8, 1)
        target=digits.target.astype(np.int64),
    )
    for name, bunch in (
        ("iris", datasets.load_iris()),
        ("wine", datasets.load_wine()),
        ("breast-cancer", datasets.load_breast_cancer()),
    ):
        np.savez_compressed(
            folder / f"{name}.npz",
            numbers=bunch.data.astype(np.float64),
            target=bunch.target.astype(np.int64),
            columns=np.array(bunch.feature_names, dtype=np.str_),
            classes=np.array([str(word) for word in bunch.target_names], dtype=np.str_),
        )
    diabetes = datasets.load_diabetes(scaled=False)
    np.savez_compressed(
        folder / "diabetes.npz",
        numbers=diabetes.data.astype(np.float64),
        target=diabetes.target.astype(np.float64)[:, None],
        columns=np.array(diabetes.feature_names, dtype=np.str_),
        classes=np.array([], dtype=np.str_),
    )


def make_fashion_subset(source: Path, folder: Path) -> None:
    """Writes 10,000 images of Fashion-MNIST: 850 of each class to learn from, 150 of its test files, those last."""
    generator = np.random.default_rng(0)
    images, labels = [], []
    for part, each in (("train", TRAIN), ("t10k", TEST)):
        pixels = read_images(
            gzip.decompress((source / f"{part}-images-idx3-ubyte.gz").read_bytes())
        )
        answers = read_labels(
            gzip.decompress((source / f"{part}-labels-idx1-ubyte.gz").read_bytes())
        )
        chosen = _each_class(answers, each, generator)
        images.append(pixels[chosen])
        labels.append(answers[chosen])
    np.savez_compressed(
        folder / "fashion-mnist-10k.npz",
        image=np.concatenate(images)[..., None],  # (10000, 28, 28, 1)
        target=np.concatenate(labels).astype(np.int64),
    )


def _each_class(
    labels: npt.NDArray[np.uint8], each: int, generator: np.random.Generator
) -> npt.NDArray[np.int64]:
    chosen = [
        generator.choice(np.flatnonzero(labels == code), each, replace=False)
        for code in range(len(CLASSES))
    ]
    mixed: npt.NDArray[np.int64] = generator.permutation(np.concatenate(chosen))
    return mixed


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    make_scikit_learn_sets(FOLDER)
    make_fashion_subset(FASHION, FOLDER)
    sys.stdout.write("\n".join(f"{p.name} {p.stat().st_size:,}" for p in FOLDER.iterdir()) + "\n")
