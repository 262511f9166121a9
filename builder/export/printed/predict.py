"""Predicts with this model: python predict.py FILE [FILE ...].

A FILE is a picture, or a CSV with the columns the model was trained on; a row can also be given as JSON:
python predict.py '{"age": 41, "bmi": 27.3}'. A model of texts takes the text itself, too.
Prints one JSON object: {"predictions": [...]}.
A model that gives its input back (an autoencoder) answers with the reconstruction, its error, and whether that is more
than ordinary samples have ("unusual"). A forecast takes a CSV with at least the last rows it looks back on, and goes on
from there.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent))

from answers import answers, reconstructions
from pipeline import CLASSES, FIELDS, KIND, READ, THRESHOLD, load
from read import given, read


def outputs_for(fields: dict[str, Any]) -> Any:
    """What the model gives for raw arrays, batch first: logits, numbers in the target's unit, or the input again."""
    model = load()
    with torch.no_grad():
        return model(*_tensors(fields)).numpy()


def said(fields: dict[str, Any]) -> list[dict[str, Any]]:
    """The answers for raw arrays, ready for JSON."""
    made = outputs_for(fields)
    found: list[dict[str, Any]]
    if KIND != "reconstructions":
        found = answers(made, CLASSES, READ)
        return found
    model = load()
    with torch.no_grad():
        (given,) = model.prepare(*_tensors(fields))
    (module,) = model.inputs.values()
    shown = made.reshape(tuple(given.shape))
    if hasattr(module, "inverse"):
        pixels = module.inverse(torch.from_numpy(shown)).detach().numpy()
        shown = (pixels / READ["maximum"]).clip(0, 1)
    found = reconstructions(made, given.numpy(), THRESHOLD, shown)
    return found


def _tensors(fields: dict[str, Any]) -> list[torch.Tensor]:
    return [torch.from_numpy(np.ascontiguousarray(fields[name])) for name in FIELDS]


def main() -> int:
    """Prints the predictions; 1 when an input cannot be used."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("inputs", nargs="+", metavar="FILE")
    options = parser.parse_args()
    predictions = []
    for text in options.inputs:
        try:
            reading = read(given(text, READ), READ)
        except ValueError as error:
            print(f"{text[:80]}: {error}", file=sys.stderr)
            return 1
        predictions += said(reading.fields)
    print(json.dumps({"predictions": predictions}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
