"""Bad and good files made by script, and the reader without its process."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from builder.data.ingest.messages import Request, Result
from builder.data.ingest.readers import reader_for


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    home = tmp_path / "home"
    monkeypatch.setenv("LAYERLOOM_HOME", str(home))
    return home


@pytest.fixture
def read(tmp_path):
    """Reads a file in this process, as the child would."""
    count = [0]

    def reading(path: Path, **known) -> tuple[Result, Path]:
        count[0] += 1
        staging = tmp_path / f"staging{count[0]}"
        staging.mkdir()
        request = Request(path=str(path), staging=str(staging), name=path.stem, **known)
        return reader_for(path).read(request, lambda share, words: None), staging

    return reading


@pytest.fixture
def table(tmp_path, read):
    """Reads a text table given as text or bytes; returns what was found, numbers and categories by column name."""

    def reading(text, *, saved_as="utf-8", file_name="table.csv", **known):
        path = tmp_path / file_name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(saved_as))
        result, staging = read(path, **known)
        values = {}
        for column in result.raw.columns:
            if column.is_kept:
                name = "numbers" if column.is_numeric else "categories"
                values[column.name] = np.load(staging / f"{name}.npy")[:, column.place]
        return result, values

    return reading


def png(pixels=None, mode=None, format="PNG", **options) -> bytes:
    pixels = np.zeros((8, 8), np.uint8) if pixels is None else pixels
    out = io.BytesIO()
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(out, format, **options)
    return out.getvalue()


@pytest.fixture
def make_zip(tmp_path):
    """A ZIP of name -> bytes."""

    def making(
        files: dict[str, bytes], name="images.zip", compression=zipfile.ZIP_DEFLATED
    ) -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", compression) as archive:
            for entry, data in files.items():
                archive.writestr(entry, data)
        return path

    return making


@pytest.fixture
def pictures(make_zip, read):
    """Reads a ZIP of name -> bytes; returns what was found, images and labels."""

    def reading(files: dict[str, bytes], **known):
        result, staging = read(make_zip(files), **known)
        return result, np.load(staging / "image.npy"), np.load(staging / "target.npy")

    return reading
