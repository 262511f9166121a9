"""Fashion-MNIST in full: found on this machine or downloaded once, checked, and read from its own files."""

import contextlib
import gzip
import hashlib
import os
import struct
import tempfile
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from builder.errors import DataError
from builder.paths import room

CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
PACKAGE = Path("/usr/share/datasets/fashion-mnist")
"""Where the Debian package dataset-fashion-mnist puts its files."""
ORIGIN = "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"
FILES = {
    "train-images-idx3-ubyte.gz": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte.gz": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte.gz": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte.gz": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
"""Every file of the set and the SHA-256 of what is inside (mirrors compress it differently)."""

Progress = Callable[[float, str], None]


def folder() -> Path | None:
    """Where all four files lie: the Debian package's folder or the workspace's download; None when nowhere."""
    for place in (PACKAGE, room("data") / "downloads" / "fashion-mnist"):
        if all((place / name).is_file() for name in FILES):
            return place
    return None


def load() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """All 70,000 images uint8 (70000, 28, 28, 1) and labels int64 (70000,); the 10,000 test images are last."""
    place = folder()
    if place is None:
        raise DataError(
            "The full Fashion-MNIST is not on this machine. Download it on the Data screen (30 MB), install the "
            "Debian package dataset-fashion-mnist, or use the 10,000 images that come with LayerLoom."
        )
    parts = [
        (_open(place, f"{p}-images-idx3-ubyte.gz"), _open(place, f"{p}-labels-idx1-ubyte.gz"))
        for p in ("train", "t10k")
    ]
    images = np.concatenate([read_images(pixels) for pixels, _ in parts])[..., None]
    labels = np.concatenate([read_labels(codes) for _, codes in parts])
    if len(images) != len(labels):
        raise DataError(
            f"Fashion-MNIST in {place.name} is damaged: it has {len(images):,} images and {len(labels):,} labels. "
            "Remove the folder and download the set again."
        )
    return images, labels.astype(np.int64)


def download(progress: Progress | None = None) -> Path:
    """Fetches the four files (30 MB) into the workspace, each checked by its SHA-256; returns their folder."""
    place = room("data") / "downloads" / "fashion-mnist"
    place.mkdir(parents=True, exist_ok=True)
    for done, (name, checksum) in enumerate(FILES.items()):
        target = place / name
        if target.is_file():
            continue  # it was checked before it got this name

        def tell(share: float, done: int = done, name: str = name) -> None:
            if progress:
                progress((done + share) / len(FILES), f"Downloading {name}")

        _fetch(ORIGIN + name, target, checksum, tell)
    return place


def read_images(data: bytes) -> npt.NDArray[np.uint8]:
    """Images uint8 (N, H, W) of an idx3 file; DataError when it is not one."""
    magic, count, height, width = _header(data, ">IIII")
    if magic != 2051 or len(data) != 16 + count * height * width:
        raise DataError("This file does not hold idx images; download Fashion-MNIST again.")
    return np.frombuffer(data, np.uint8, offset=16).reshape(count, height, width)


def read_labels(data: bytes) -> npt.NDArray[np.uint8]:
    """Labels uint8 (N,) of an idx1 file; DataError when it is not one."""
    magic, count = _header(data, ">II")
    if magic != 2049 or len(data) != 8 + count:
        raise DataError("This file does not hold idx labels; download Fashion-MNIST again.")
    return np.frombuffer(data, np.uint8, offset=8)


def _header(data: bytes, layout: str) -> tuple[int, ...]:
    if len(data) < struct.calcsize(layout):
        raise DataError("This idx file is empty or cut off; download Fashion-MNIST again.")
    return struct.unpack_from(layout, data)


def _open(place: Path, name: str) -> bytes:
    try:
        return gzip.decompress((place / name).read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{name} of Fashion-MNIST cannot be read: it is damaged. Download the set again."
        ) from error


def _content_checksum(path: Path) -> str:
    try:
        return hashlib.sha256(gzip.decompress(path.read_bytes())).hexdigest()
    except (OSError, EOFError, zlib.error):
        return ""


def _fetch(address: str, target: Path, checksum: str, progress: Callable[[float], None]) -> None:
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".tmp-{os.getpid()}-")
    temporary = Path(name)
    try:
        with (
            os.fdopen(descriptor, "wb") as out,
            urllib.request.urlopen(address, timeout=30) as answer,  # noqa: S310 - ORIGIN
        ):
            size = int(answer.headers.get("Content-Length") or 0)
            while block := answer.read(1 << 16):
                out.write(block)
                progress(min(1.0, out.tell() / size) if size else 0.0)
            out.flush()
            os.fsync(out.fileno())
        if _content_checksum(temporary) != checksum:
            raise DataError(
                f"{target.name} arrived changed (its checksum differs), so it was thrown away. Try the download again."
            )
        temporary.replace(target)
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise DataError(
            "Fashion-MNIST could not be downloaded: there is no connection to its server. Go online and try "
            "again, or use the 10,000 images that come with LayerLoom."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
