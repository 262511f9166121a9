"""Says of each pixel of a picture what it shows: python predict.py PICTURE [PICTURE ...] [--masks FOLDER].

Prints one JSON object: {"predictions": [{"mask": rows of class codes, "shares": {class: share of the pixels}}]}. With
--masks each mask is written there as a PNG with a palette instead, and the answer names the file.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent))

from painting import answers, mask_file
from pipeline import CLASSES, FIELDS, READ, load
from read import given, read


def outputs_for(fields: dict[str, Any]) -> Any:
    """What the model gives for raw arrays, batch first: logits (N, classes, H, W)."""
    model = load()
    with torch.no_grad():
        raw = (torch.from_numpy(np.ascontiguousarray(fields[name])) for name in FIELDS)
        return model(*raw).numpy()


def said(fields: dict[str, Any]) -> list[dict[str, Any]]:
    """The answers for raw arrays, ready for JSON."""
    found: list[dict[str, Any]] = answers(outputs_for(fields), CLASSES)
    return found


def write(one: dict[str, Any], path: Path) -> dict[str, Any]:
    """The answer with its mask in a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(mask_file(np.asarray(one["mask"]), CLASSES))
    return {**one, "mask": str(path)}


def main() -> int:
    """Prints the predictions; 1 when an input cannot be used."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("inputs", nargs="+", metavar="PICTURE")
    parser.add_argument("--masks", type=Path, metavar="FOLDER", help="write the masks there")
    options = parser.parse_args()
    predictions = []
    for text in options.inputs:
        try:
            reading = read(given(text, READ), READ)
        except ValueError as error:
            print(f"{text[:80]}: {error}", file=sys.stderr)
            return 1
        found = said(reading.fields)
        if options.masks:
            name = f"{Path(text).stem}-mask.png"
            found = [write(one, options.masks / name) for one in found]
        predictions += found
    print(json.dumps({"predictions": predictions}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
