"""The download of Fashion-MNIST checks what arrives, and says so when it cannot."""

import gzip
import hashlib
import io
import struct
import urllib.error

import numpy as np
import pytest

from builder.data import fashion
from builder.errors import DataError


class Answer(io.BytesIO):
    headers = {"Content-Length": "10"}


def test_a_download_is_kept_only_when_its_content_is_right(monkeypatch):
    content = {name: gzip.compress(name.encode()) for name in fashion.FILES}
    monkeypatch.setattr(
        fashion, "FILES", {n: hashlib.sha256(n.encode()).hexdigest() for n in content}
    )
    monkeypatch.setattr(
        "urllib.request.urlopen",
        lambda address, timeout: Answer(content[address.rpartition("/")[2]]),
    )
    told = []
    place = fashion.download(lambda share, words: told.append(share))
    assert sorted(path.name for path in place.iterdir()) == sorted(content)
    assert told == sorted(told) and told[-1] == 1.0


def test_a_changed_download_is_thrown_away(monkeypatch, workspace):
    monkeypatch.setattr(
        "urllib.request.urlopen", lambda address, timeout: Answer(gzip.compress(b"evil"))
    )
    with pytest.raises(DataError, match="arrived changed"):
        fashion.download()
    assert list((workspace / "data" / "downloads" / "fashion-mnist").iterdir()) == []


def test_no_connection_is_told_in_a_sentence(monkeypatch, workspace):
    def offline(address, timeout):
        raise urllib.error.URLError("no route")

    monkeypatch.setattr("urllib.request.urlopen", offline)
    with pytest.raises(DataError, match=r"no connection .* 10,000 images"):
        fashion.download()
    assert list((workspace / "data" / "downloads" / "fashion-mnist").iterdir()) == []


def test_idx_files_are_read_and_damaged_ones_refused():
    images = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    data = struct.pack(">IIII", 2051, 2, 3, 4) + images.tobytes()
    np.testing.assert_array_equal(fashion.read_images(data), images)
    for broken in (b"", data[:-1], b"\0" * 40):
        with pytest.raises(DataError, match="again"):
            fashion.read_images(broken)
    with pytest.raises(DataError, match="idx labels"):
        fashion.read_labels(data)
