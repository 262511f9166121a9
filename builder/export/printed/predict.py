"""Predicts with this model: python predict.py FILE [FILE ...].

A FILE is a picture, or a CSV with the columns the model was trained on; a row can also be given as JSON:
python predict.py '{"age": 41, "bmi": 27.3}'. Prints one JSON object: {"predictions": [...]}.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent))

from answers import answers
from pipeline import CLASSES, FIELDS, READ, load
from read import read


def value_of(text: str) -> Any:
    """A row written as JSON, or the path of a file."""
    return json.loads(text) if text.lstrip().startswith("{") else text


def outputs_for(fields: dict[str, Any]) -> Any:
    """What the model gives for raw arrays, batch first: logits, or numbers in the target's unit."""
    model = load()
    with torch.no_grad():
        return model(*(torch.from_numpy(np.ascontiguousarray(fields[f])) for f in FIELDS)).numpy()


def main() -> int:
    """Prints the predictions; 1 when an input cannot be used."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("inputs", nargs="+", metavar="FILE")
    options = parser.parse_args()
    predictions = []
    for text in options.inputs:
        try:
            reading = read(value_of(text), READ)
        except ValueError as error:
            print(f"{text[:80]}: {error}", file=sys.stderr)
            return 1
        predictions += answers(outputs_for(reading.fields), CLASSES)
    print(json.dumps({"predictions": predictions}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
