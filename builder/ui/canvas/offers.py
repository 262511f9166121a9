"""What each kind would make of what flows here: asked of the sidecar in the background, kept by type."""

from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any

from builder.errors import BuilderError
from builder.layers.base import TensorType
from builder.sidecar.client import Sidecar
from builder.ui import words

KEPT = 256
WAIT = 0.1
SECONDS = 20.0

Words = Mapping[str, dict[str, str]]

_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="offers")
_asked: "OrderedDict[TensorType, Future[dict[str, Any]]]" = OrderedDict()
_lock = Lock()


def offered(sidecar: Sidecar, given: TensorType) -> Words | None:
    """By kind: `→ 64×14×14 · 18.5 k`, or the reason why not; None while the answer is on its way."""
    payload = {"shape": list(given.shape), "dtype": given.dtype, "role": given.role}
    with _lock:
        future = _asked.get(given)
        if future is None or _failed(future):
            future = _pool.submit(sidecar.request, "offers", payload, timeout=SECONDS)
            _asked[given] = future
            while len(_asked) > KEPT:
                _asked.popitem(last=False)
    try:
        answer = future.result(timeout=WAIT)
    except (TimeoutError, BuilderError):
        return None
    return {kind: _said(offer) for kind, offer in answer["offers"].items()}


def _failed(future: "Future[dict[str, Any]]") -> bool:
    return future.done() and future.exception() is not None


def _said(offer: dict[str, Any]) -> dict[str, str]:
    if offer["refusal"]:
        return {"result": "", "refusal": str(offer["refusal"])}
    cost = words.count(offer["parameters"]) if offer["parameters"] else ""
    shape = f"→ {words.shape(tuple(offer['shape']))}"
    return {"result": " · ".join(filter(None, (shape, cost))), "refusal": ""}
