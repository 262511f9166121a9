"""Damaged files of every kind (fact 92): read or refused in a sentence; no other exception, no stray file."""

import io
import json
import random
import zipfile

import numpy as np
import pytest
from PIL import Image

from builder.data.ingest.messages import Request
from builder.data.ingest.readers import reader_for
from builder.data.read import open_image
from builder.errors import BuilderError
from builder.network.check import check
from builder.projects.templates import templates
from builder.spec import codec

SEED = 20_260_101
SPOILERS = (
    b"", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b'"', b"{", b"]", b",", b";", b"\n", b"\r", b"-1", b"1e999", b"NaN",
    b"null", b"true", b"9" * 400, b"\\ud800", b"__class__", b"../../x", b"\xe2\x80\xae", b"PK\x01\x02", b"\x7f" * 70,
)  # fmt: skip


def damaged(data, dice):
    """The bytes with one to four faults: flipped, cut out, doubled, cut off, or replaced by something rude."""
    found = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(len(found) + 1)
        end = min(len(found), place + dice.choice((1, 1, 2, 4, 30)))
        old = bytes(found[place:end])
        found[place:end] = dice.choice(
            (
                bytes(byte ^ (1 << dice.randrange(8)) for byte in old),
                b"",
                old * 2,
                dice.choice(SPOILERS),
                bytes(dice.randrange(256) for _ in old),
            )
        )
        if dice.random() < 0.05:
            del found[dice.randrange(len(found) + 1) :]
    return bytes(found)


def swapped(value, dice):
    """A JSON value with one part of it replaced by something that does not belong there."""
    if isinstance(value, dict | list) and value and dice.random() < 0.95:
        copy = value.copy()
        key = dice.choice(list(copy)) if isinstance(copy, dict) else dice.randrange(len(copy))
        copy[key] = swapped(copy[key], dice)
        return copy
    strange = (
        None, True, -1, 0, 2**63, 10**250, 0.5, -1e308, "", "x" * 5000, "\x00\u202e\x1b[31m", [], {}, [[[1]]],
        {"expr": "1//0"}, {"expr": "9" * 200}, {"expr": "(" * 100}, [1, 2, 3], "input", "block", "n1", "linear",
    )  # fmt: skip
    return dice.choice(strange)


def is_sentence(words):
    return 10 < len(words) < 2000 and words.rstrip("'\")")[-1] in ".?!" and "Traceback" not in words


def picture(value):
    out = io.BytesIO()
    pixels = np.full((8, 8, 3), value, np.uint8)
    pixels[2:5, 2:5] = 255 - value
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def archive():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in "ab":
            for number in range(4):
                made.writestr(f"{name}/{number}.png", picture(20 * number))
    return out.getvalue()


def table():
    rows = [f'{i},{i / 7:.3f},"word {i % 3}",2024-01-{i % 28 + 1:02d}' for i in range(40)]
    return "\n".join(["id;x,size,kind of it,day", *rows, ""]).encode()


def project_texts():
    return [codec.encode(template.project).encode() for template in templates()]


def read_projects(count, seed):
    """Damaged project files, half by bytes and half by values; those that are still projects are checked as well."""
    dice = random.Random(seed)
    texts = project_texts()
    accepted = 0
    for _ in range(count):
        raw = dice.choice(texts)
        rude = dice.random() < 0.2
        raw = damaged(raw, dice) if rude else json.dumps(swapped(json.loads(raw), dice)).encode()
        try:
            project = codec.decode(raw)
            assert codec.decode(codec.encode(project)) == project
            for network in project.networks:
                for problem in check(project, network.name).problems:
                    assert problem.what.strip()
            accepted += 1
        except BuilderError as refused:
            assert is_sentence(str(refused)), str(refused)
    assert 0 < accepted < count


def read_uploads(count, seed, folder, good, ending):
    """Damaged uploads through the reader that the limited process runs."""
    dice = random.Random(seed)
    path, staging = folder / f"upload{ending}", folder / "staging"
    staging.mkdir()
    accepted = 0
    for _ in range(count):
        path.write_bytes(damaged(good, dice))
        request = Request(path=str(path), staging=str(staging), name="upload")
        try:
            result = reader_for(path).read(request, lambda share, words: None)
            assert result.raw.samples > 0
            accepted += 1
        except BuilderError as refused:
            assert is_sentence(str(refused)), str(refused)
        assert {found.name for found in folder.iterdir()} == {path.name, "staging"}
        assert all(found.suffix == ".npy" for found in staging.iterdir())
    assert 0 < accepted < count


def read_pictures(count, seed):
    """Damaged pictures as they come to the Use page; the reader of exports raises ValueError."""
    dice = random.Random(seed)
    for _ in range(count):
        try:
            pixels = open_image(damaged(picture(90), dice)).pixels
            assert pixels.dtype == np.uint8 and pixels.ndim == 3
        except ValueError as refused:
            assert 5 < len(str(refused)) < 300


def test_damaged_projects_are_read_or_refused():
    read_projects(3000, SEED)


@pytest.mark.parametrize(
    ("ending", "make", "count"), [(".zip", archive, 250), (".csv", table, 200)]
)
def test_damaged_uploads_are_read_or_refused(tmp_path, ending, make, count):
    read_uploads(count, SEED, tmp_path, make(), ending)


def test_damaged_pictures_are_read_or_refused():
    read_pictures(1500, SEED)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(20))
def test_damaged_files_of_every_kind_for_a_night(tmp_path, seed):
    read_projects(10_000, seed)
    for ending, make in ((".zip", archive), (".csv", table)):
        (folder := tmp_path / ending[1:]).mkdir()
        read_uploads(10_000, seed, folder, make(), ending)
    read_pictures(30_000, seed)
