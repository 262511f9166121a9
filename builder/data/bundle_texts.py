"""Makes the bundled texts of assets/datasets anew from the Debian package r-cran-janeaustenr.

`python -m builder.data.bundle_texts` reads the package where apt put it; using the files needs no package.
"""

import gzip
import json
import lzma
import random
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

from builder.paths import ASSETS

PACKAGE = Path("/usr/lib/R/site-library/janeaustenr/data")
NOVEL = "prideprejudice"
PASSAGES = {
    "emma": "Emma",
    "persuasion": "Persuasion",
    "sensesensibility": "Sense and Sensibility",
}
EACH = 500
SHORTEST, LONGEST = 120, 600
"""Characters of a passage."""
_PAIR = b"\0\0\0\x0d\0\0\0\x02"
"""A vector of two whole numbers in R's serialisation."""


def novels(folder: Path = PACKAGE) -> dict[str, str]:
    """The novels of the package by name, from R's database of serialised vectors."""
    index = gzip.decompress((folder / "Rdata.rdx").read_bytes())
    data = (folder / "Rdata.rdb").read_bytes()
    names = list(_strings(index, index.index(b"\0\0\0\x10")))
    place = index.index(_PAIR)
    found = {}
    for name in names:
        start, length = struct.unpack(">ii", index[place + 8 : place + 16])
        place += 16
        raw = zlib.decompress(data[start + 4 : start + length])
        at = 18 + struct.unpack(">i", raw[14:18])[0]
        found[name] = "\n".join(_strings(raw, at)).strip() + "\n"
    return found


def passages(novel: str, draw: random.Random) -> list[str]:
    """Paragraphs of a novel of middling length, on one line each."""
    paragraphs = [" ".join(part.split()) for part in novel.split("\n\n")]
    fitting = [one for one in paragraphs if SHORTEST <= len(one) <= LONGEST]
    return draw.sample(fitting, EACH)


def write(folder: Path) -> None:
    """Writes the novel, and the passages as JSON lines."""
    found = novels()
    (folder / "pride-and-prejudice.txt.xz").write_bytes(_packed(found[NOVEL]))
    draw = random.Random(0)  # noqa: S311 - a choice of paragraphs, no secret
    rows = [
        {"text": text, "label": title}
        for name, title in PASSAGES.items()
        for text in passages(found[name], draw)
    ]
    draw.shuffle(rows)
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "austen-passages.jsonl.xz").write_bytes(_packed(lines))


def _packed(text: str) -> bytes:
    return lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME)


def _strings(raw: bytes, at: int) -> Iterator[str]:
    """The strings of a character vector that begins at `at`."""
    count = struct.unpack(">i", raw[at + 4 : at + 8])[0]
    at += 8
    for _ in range(count):
        size = struct.unpack(">i", raw[at + 4 : at + 8])[0]
        yield raw[at + 8 : at + 8 + size].decode()
        at += 8 + size


if __name__ == "__main__":
    write(ASSETS / "datasets")
    made = sorted((ASSETS / "datasets").glob("*.xz"))
    sys.stdout.write("\n".join(f"{path.name} {path.stat().st_size:,}" for path in made) + "\n")
