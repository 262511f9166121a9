"""The limited process that reads an upload: a JSON request on stdin, JSON lines on stdout."""

import gc
import json
import os
import sys
import time
from pathlib import Path

from builder.data.ingest.limits import apply_limits
from builder.data.ingest.messages import Request
from builder.errors import BuilderError

EVERY = 0.1
"""Seconds between two lines of progress."""


def main() -> None:
    """Reads the request from stdin, limits this process, reads the file, and writes the outcome to stdout."""
    request = Request.model_validate_json(sys.stdin.readline())
    apply_limits(Path(request.path).stat().st_size)
    os.chdir(request.staging)
    gc.disable()  # millions of short-lived rows, no cycles, a process that ends soon: a fifth of the time
    try:
        from builder.data.ingest.readers import reader_for

        result = reader_for(Path(request.path)).read(request, _Teller())
        _say({"result": result.model_dump(mode="json")})
    except BuilderError as error:
        _say({"error": str(error)})
    except MemoryError:
        _say(
            {
                "error": f"{request.name} needs more than 2 GB of memory to be read. Use a part of it."
            }
        )


class _Teller:
    """Progress as JSON lines, not too often."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, share: float, words: str) -> None:
        now = time.monotonic()
        if now - self._last >= EVERY:
            self._last = now
            _say({"progress": round(share, 4), "words": words})


def _say(message: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
