"""A new run that starts from the weights of an earlier one: layers are matched by node id, whatever they are called."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from builder.errors import TrainError
from builder.network.source import Source
from builder.spec.project import Project
from builder.train.checkpoint import Checkpoints, network_states

SHOWN_NAMES = 6


class Inherited(NamedTuple):
    """Names of the layers that took the earlier weights, and of those that begin anew, with the reason."""

    taken: tuple[str, ...]
    anew: tuple[tuple[str, str], ...]

    def words(self, run: str) -> str:
        """What came along, in one or two sentences."""
        total = len(self.taken) + len(self.anew)
        noun = "layer" if total == 1 else "layers"
        told = f"{len(self.taken)} of {total} {noun} with weights start from {run}."
        if not self.anew:
            return told
        named = "; ".join(f"{name} ({why})" for name, why in self.anew[:SHOWN_NAMES])
        more = len(self.anew) - SHOWN_NAMES
        return f"{told} Begun anew: {named}{f' and {more} more' if more > 0 else ''}."


def inherit(
    project: Project, source: Source, networks: Mapping[str, nn.Module], earlier: Path
) -> Inherited:
    """Copies the best weights of the run in directory `earlier` into freshly built networks.

    A layer takes them when the earlier network of the same name had the node, and all its tensors have the same
    shapes; else it keeps its own fresh ones.

    Raises:
        TrainError: the earlier run has no weights, or no layer suits.
    """
    states, identifiers = _earlier(earlier)
    taken: list[str] = []
    anew: list[tuple[str, str]] = []
    for name, network in networks.items():
        drawn = project.network(name)
        titles = {node.id: node.name for node in drawn.nodes} if drawn else {}
        old, old_names = states.get(name, {}), identifiers.get(name, {})
        for node, mine in _by_node(network, source.identifiers[name]).items():
            title = titles.get(node, node)
            theirs = _tensors(old, old_names.get(node))
            why = _reason(mine, theirs)
            if why:
                anew.append((title, why))
                continue
            with torch.no_grad():
                for rest, tensor in mine.items():
                    tensor.copy_(theirs[rest])
            taken.append(title)
    if not taken:
        raise TrainError(
            "No layer of this network is like one of the run it is to start from, so nothing can be taken over. "
            "Train without it."
        )
    return Inherited(tuple(taken), tuple(anew))


def _earlier(run_dir: Path) -> tuple[dict[str, dict[str, Tensor]], dict[str, dict[str, str]]]:
    """Weights by network and tensor name, and the identifiers of its nodes."""
    found = Checkpoints(run_dir / "checkpoints").best()
    try:
        identifiers = json.loads((run_dir / "identifiers.json").read_text())
    except (OSError, ValueError):
        found = None
    if found is None:
        raise TrainError(
            "The run it is to start from has no weights on disk any more. Choose another one, or train without it."
        )
    return network_states(found.tensors["model"]), identifiers


def _by_node(network: nn.Module, identifiers: Mapping[str, str]) -> dict[str, dict[str, Tensor]]:
    """Tensors of every node that has any, by what stands behind the node's identifier."""
    state = network.state_dict(keep_vars=True)
    found = {node: _tensors(state, identifier) for node, identifier in identifiers.items()}
    return {node: tensors for node, tensors in found.items() if tensors}


def _tensors(state: Mapping[str, Tensor], identifier: str | None) -> dict[str, Tensor]:
    if identifier is None:
        return {}
    start = f"{identifier}."
    return {name[len(start) :]: t for name, t in state.items() if name.startswith(start)}


def _reason(mine: Mapping[str, Tensor], theirs: Mapping[str, Tensor]) -> str:
    """Why a layer cannot take the earlier weights; empty when it can."""
    if not theirs:
        return "new"
    if set(mine) != set(theirs):
        return "it has other weights now"
    for name, tensor in mine.items():
        if tensor.shape != theirs[name].shape:
            return f"{name} was {_shape(theirs[name])}, is {_shape(tensor)}"
    return ""


def _shape(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape)) or "1"
