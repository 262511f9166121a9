"""Nested state (optimizers, generators) as JSON plus named tensors, exactly and without pickle."""

import math
import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from builder.errors import TrainError


def pack(value: Any, tensors: dict[str, Tensor], path: str = "") -> Any:
    """A JSON value for `value`; its tensors go into `tensors` under their path.

    Dictionaries keep the type of their keys, tuples stay tuples, floats keep every bit.
    """
    if isinstance(value, Tensor):
        name = path or "value"
        tensors[name] = torch.clone(value.detach().cpu()).contiguous()
        return {"tensor": name}
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": str(value)}
    if isinstance(value, (list, tuple)):
        items = [pack(item, tensors, f"{path}/{number}") for number, item in enumerate(value)]
        return {"tuple": items} if isinstance(value, tuple) else items
    if isinstance(value, Mapping):
        pairs = [[key, pack(item, tensors, f"{path}/{key}")] for key, item in value.items()]
        return {"mapping": pairs}
    raise TrainError(f"A {type(value).__name__} at {path} cannot be kept in a checkpoint.")


def unpack(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    """What `pack` was given."""
    if isinstance(value, list):
        return [unpack(item, tensors) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    return _UNPACK[kind](content, tensors)


def random_state() -> dict[str, Any]:
    """The state of every generator a forward pass may draw from."""
    version, numbers, gauss = random.getstate()
    legacy: dict[str, Any] = dict(np.random.get_state(legacy=False))
    return {
        "torch": torch.default_generator.get_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "python": [version, list(numbers), gauss],
        "numpy": {
            **legacy,
            "state": {
                "key": torch.from_numpy(legacy["state"]["key"].astype(np.int64)),
                "pos": int(legacy["state"]["pos"]),
            },
            "has_gauss": int(legacy["has_gauss"]),
            "gauss": float(legacy["gauss"]),
        },
    }


def set_random_state(state: Mapping[str, Any]) -> None:
    """Puts every generator back to what `random_state` gave."""
    torch.default_generator.set_state(state["torch"])
    if torch.cuda.is_available() and len(state["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(state["cuda"])
    version, numbers, gauss = state["python"]
    random.setstate((version, tuple(numbers), gauss))
    inner = state["numpy"]["state"]
    key = inner["key"].numpy().astype(np.uint32)
    np.random.set_state({**state["numpy"], "state": {"key": key, "pos": inner["pos"]}})


_UNPACK: dict[str, Callable[[Any, Mapping[str, Tensor]], Any]] = {
    "tensor": lambda name, tensors: tensors[name],
    "float": lambda text, tensors: float(text),
    "tuple": lambda items, tensors: tuple(unpack(item, tensors) for item in items),
    "mapping": lambda pairs, tensors: {key: unpack(item, tensors) for key, item in pairs},
}
