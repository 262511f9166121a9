"""The warm torch process beside a server: one JSON line in, one JSON line out, until its input ends."""

import contextlib
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import IO, Any

import psutil

from builder.errors import BuilderError
from builder.runs.priority import LOW
from builder.sidecar.endings import OUT_OF_MEMORY, sentence_of

Handler = Callable[[dict[str, Any]], dict[str, Any]]
_WATCH_SECONDS = 0.25


def main() -> int:
    """Serves requests on stdin and stdout; everything else that is printed goes to stderr."""
    with contextlib.suppress(OSError):
        os.nice(LOW)  # watching must not slow learning
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    limit = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    threading.Thread(target=_watch_memory, args=(limit,), name="memory", daemon=True).start()
    from builder.sidecar import requests

    lane = sys.argv[2] if len(sys.argv) > 2 else "quick"
    requests.warm(lane)
    _say(answers, {"ready": True})
    threading.Thread(target=requests.warm_later, args=(lane,), name="warm", daemon=True).start()
    serve(sys.stdin, answers, requests.HANDLERS)
    return 0


def serve(questions: IO[str], answers: IO[str], handlers: dict[str, Handler]) -> None:
    """Answers line by line: `{"id", "result"}`, or `{"id", "error", "type"}` with a sentence."""
    for line in questions:
        question = json.loads(line)
        _say(answers, {"id": question["id"], **_answer(question, handlers)})


def _answer(question: dict[str, Any], handlers: dict[str, Handler]) -> dict[str, Any]:
    try:
        return {"result": handlers[question["kind"]](question["payload"])}
    except BuilderError as error:
        return {"error": str(error), "type": type(error).__name__}
    except Exception as error:  # noqa: BLE001 - one bad request must not end the sidecar
        traceback.print_exc()
        return {
            "error": sentence_of(error, "logs/sidecar.log in the workspace"),
            "type": type(error).__name__,
        }


def _say(answers: IO[str], words: dict[str, Any]) -> None:
    answers.write(json.dumps(words) + "\n")
    answers.flush()


def _watch_memory(limit: int) -> None:
    """Ends this process before one request takes the machine's memory from everybody."""
    me = psutil.Process()
    while limit:
        if me.memory_info().rss > limit:
            os._exit(OUT_OF_MEMORY)
        time.sleep(_WATCH_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
