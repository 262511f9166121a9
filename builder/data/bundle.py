"""Makes the bundled data sets of assets/datasets anew: `python -m builder.data.bundle [statsmodels/datasets]`."""

import gzip
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

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


def make_series(source: Path, folder: Path) -> None:
    """Writes sunspots and CO2 as `.npz` files from the CSV files of statsmodels' `datasets` folder.

    `times`: years, or days since 1970; `values` float64 (T, 1), NaN where missing.
    """
    sunspots = pd.read_csv(source / "sunspots" / "sunspots.csv")
    np.savez_compressed(
        folder / "sunspots.npz",
        times=sunspots["YEAR"].to_numpy(np.float64),
        values=sunspots[["SUNACTIVITY"]].to_numpy(np.float64),
    )
    carbon = pd.read_csv(source / "co2" / "co2.csv", dtype={"date": str})
    days = pd.to_datetime(carbon["date"], format="%Y%m%d").to_numpy().astype("datetime64[D]")
    np.savez_compressed(
        folder / "co2.npz",
        times=days.astype(np.int64).astype(np.float64),
        values=carbon[["co2"]].to_numpy(np.float64),
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
    if len(sys.argv) > 1:
        make_series(Path(sys.argv[1]), FOLDER)
    sys.stdout.write("\n".join(f"{p.name} {p.stat().st_size:,}" for p in FOLDER.iterdir()) + "\n")
