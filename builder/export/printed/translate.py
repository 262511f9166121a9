"""Writes a text for a text: python predict.py TEXT [TEXT ...].

A TEXT is the text itself, a text file, or a CSV file with a column of texts. Prints one JSON object:
{"predictions": [{"text": ...}]}. The likeliest token is written each time, until the end of the text.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent))

from decoding import decoded
from pipeline import FIELDS, READ, load
from read import BEGIN_TOKEN, END_TOKEN, ended, given, read, spelled

AT_ONCE = 256
TARGET = READ["target"]


def outputs_for(fields: dict[str, Any]) -> Any:
    """One step of writing: logits (N, length, vocabulary) for codes of texts and of what is written so far."""
    model = load()
    with torch.no_grad():
        return model(*(torch.from_numpy(np.ascontiguousarray(fields[f])) for f in FIELDS)).numpy()


def texts_for(fields: dict[str, Any]) -> list[str]:
    """The texts that are written for codes of texts."""
    model = load()
    texts = []
    for start in range(0, len(fields["text"]), AT_ONCE):
        part = {name: values[start : start + AT_ONCE] for name, values in fields.items()}
        with torch.no_grad():
            prepared = model.prepared(*(torch.from_numpy(part[name]) for name in FIELDS))
        tokens = decoded(
            lambda so_far, fed=prepared: model.answer(_with(fed, so_far)),
            len(part["text"]),
            TARGET["length"],
            begin=BEGIN_TOKEN,
            end=END_TOKEN,
        )
        texts += [spelled(ended(row), TARGET) for row in tokens.tolist()]
    return texts


def _with(fed: dict[str, torch.Tensor], so_far: torch.Tensor) -> dict[str, torch.Tensor]:
    """What the network is fed, with what is written so far where it takes that."""
    return {name: so_far if name == "so_far" else values for name, values in fed.items()}


def main() -> int:
    """Prints the texts; 1 when an input cannot be used."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("inputs", nargs="+", metavar="TEXT")
    options = parser.parse_args()
    found = []
    for text in options.inputs:
        try:
            reading = read(given(text, READ), READ)
        except ValueError as error:
            print(f"{text[:80]}: {error}", file=sys.stderr)
            return 1
        found += texts_for(reading.fields)
    print(json.dumps({"predictions": [{"text": text} for text in found]}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
