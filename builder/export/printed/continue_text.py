"""Goes on with a text: python predict.py "How it begins" [--tokens 200] [--temperature 0.8] [--top-k 0] [--top-p 0.95].

Prints the text while it is written. With --json it prints one JSON object instead: {"predictions": [{"text": ...}]}.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent))

from pipeline import FIELDS, READ, load
from read import given, last_codes, spelled
from writing import written


def outputs_for(fields: dict[str, Any]) -> Any:
    """What the model gives for codes of pieces, batch first: logits (N, length, vocabulary)."""
    model = load()
    with torch.no_grad():
        return model(*(torch.from_numpy(np.ascontiguousarray(fields[f])) for f in FIELDS)).numpy()


def main() -> int:
    """Prints how the text goes on; 1 when there is none."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("text", help="how it begins, or a text file")
    parser.add_argument("--tokens", type=int, default=200, help="how many to write")
    parser.add_argument("--temperature", type=float, default=0.8, help="0 takes the likeliest")
    parser.add_argument("--top-k", type=int, default=0, help="draw from so many; 0 for all")
    parser.add_argument("--top-p", type=float, default=0.95, help="draw from this share")
    parser.add_argument("--seed", type=int, default=0, help="the same seed writes the same")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    try:
        codes = last_codes(given(options.text, READ), READ)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    model = load()
    (prepare,) = model.inputs.values()
    tokens = prepare(torch.from_numpy(np.ascontiguousarray(codes)))[0].tolist()
    found: list[int] = []
    for token in written(
        model.network,
        tokens,
        options.tokens,
        length=READ["length"],
        allowed=2 + len(READ["spelling"]),
        temperature=options.temperature,
        top_k=options.top_k,
        top_p=options.top_p,
        seed=options.seed,
    ):
        before = spelled(found, READ, behind=tokens)
        found.append(token)
        if not options.json:
            print(spelled(found, READ, behind=tokens)[len(before) :], end="", flush=True)
    text = spelled(found, READ, behind=tokens)
    print(json.dumps({"predictions": [{"text": text}]}, ensure_ascii=False) if options.json else "")
    return 0


if __name__ == "__main__":
    sys.exit(main())
