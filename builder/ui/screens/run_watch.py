"""What the screens about a run read of it: followed numbers, layers in order, views, samples, file names."""

import json
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from builder.data import store as data_store
from builder.data.masks import shown_classes
from builder.data.raw import Raw
from builder.data.split import Split, split
from builder.data.texts import text_at
from builder.errors import BuilderError, DataError
from builder.network.order import order
from builder.observe.chart import Palette
from builder.runs.metrics import Follower, Metrics
from builder.runs.store import ANSWERS, SHOWN_FACTS, Run
from builder.spec.network import Network
from builder.spec.project import Project
from builder.train.recipes.catalogue import infer
from builder.ui import theme, words

HOW_READ = "preparation/preparation.json"
"""Where a run keeps how its inputs are read and prepared; written by `builder.data.prepare`, which needs torch."""


class Views(NamedTuple):
    """Outputs of every layer for one sample, by node id."""

    sample: int
    step: int
    outputs: Mapping[str, NDArray[Any]]

    def answers(self, key: str) -> NDArray[Any] | None:
        """What this output gives for the first few samples (N, ...); None where it was not kept."""
        return self.outputs.get(f"{ANSWERS}{key}")


class Shown(NamedTuple):
    """The samples the recipe shows, by word, and the step they are of."""

    step: int
    rows: Mapping[str, NDArray[Any]]


class Samples(NamedTuple):
    """The data of a run as they were split for it."""

    raw: Raw
    parts: Split

    def rows(self, name: str) -> NDArray[np.int64]:
        """Rows of `train`, `validation` or `test` in the raw data."""
        return {
            "train": self.parts.train,
            "validation": self.parts.validation,
            "test": self.parts.test,
        }[name]

    def shown(self) -> str:
        """The split views are taken of: validation, or training when there is none."""
        return "validation" if len(self.parts.validation) else "train"

    def truth(self, row: int) -> str:
        """The true answer of a raw row, in words."""
        if self.raw.target is None:
            return ""
        if self.raw.schema.is_pairs:
            return text_at(self.raw.target, row)
        value = self.raw.target[row]
        if self.raw.classes:
            return self.raw.classes[int(value)]
        if self.raw.has_masks and self.raw.schema.target is not None:
            return shown_classes(value, self.raw.schema.target.classes)
        return ", ".join(words.number(float(v)) for v in np.ravel(value))


class Watch:
    """One reader of a run for all tabs of the server; it remembers what it has read already."""

    def __init__(self, path: Path):
        self.run = Run(path)
        self._follower = Follower(path)
        self._lock = threading.Lock()
        self._views: tuple[int, Views] | None = None
        self._shown: tuple[int, Shown] | None = None
        self._project: Project | None = None

    def metrics(self) -> Metrics:
        """All numbers so far; reads only what is new."""
        with self._lock:
            return self._follower.poll()

    @property
    def project(self) -> Project:
        """The project as it was when the run was made."""
        if self._project is None:
            self._project = self.run.project
        return self._project

    def views(self) -> Views | None:
        """The newest outputs of every layer, None before the first were taken."""
        path = self.run.views()
        if path is None:
            return None
        with self._lock:
            try:
                changed = path.stat().st_mtime_ns
                if self._views is None or self._views[0] != changed:
                    self._views = (changed, _read_latest(path))
            except (OSError, ValueError, KeyError):
                return self._views[1] if self._views else None  # just being replaced
            return self._views[1]

    def shown(self) -> Shown | None:
        """The newest samples the recipe shows, None where it shows none."""
        path = self.run.shown()
        if path is None:
            return None
        with self._lock:
            try:
                changed = path.stat().st_mtime_ns
                if self._shown is None or self._shown[0] != changed:
                    facts = json.loads((path.parent / SHOWN_FACTS).read_bytes())
                    step = int(facts["step"])
                    rows = read_views(path, sample=0, step=step).outputs
                    self._shown = (changed, Shown(step, rows))
            except (OSError, ValueError, KeyError):
                return self._shown[1] if self._shown else None  # just being replaced
            return self._shown[1]


def how_read(run: Run) -> dict[str, Any] | None:
    """What read.py needs to know to read inputs as they were read for this run; None while that is not kept."""
    try:
        settings: dict[str, Any] = json.loads((run.path / HOW_READ).read_bytes())["read"]
    except (OSError, ValueError, KeyError):
        return None
    return settings


@st.cache_resource(show_spinner=False, max_entries=64)
def _watch(path: str) -> Watch:
    return Watch(Path(path))


def watch(run: Run) -> Watch:
    """The reader of this run."""
    return _watch(str(run.path))


@st.cache_resource(show_spinner=False, max_entries=16)
def _samples(path: str) -> Samples:
    spec = _watch(path).project.data
    raw = data_store.open_raw(spec)
    return Samples(raw, split(raw, spec.split))


def samples(run: Run) -> Samples | None:
    """The data of a run; None when they are gone or do not suit any more."""
    try:
        return _samples(str(run.path))
    except DataError:
        return None


def network_of(project: Project, name: str) -> Network:
    """The network with this name, else the first."""
    return project.network(name) or project.networks[0]


def key_prefix(project: Project, network: Network) -> str:
    """What stands before a node id in the run's numbers: nothing for the first network."""
    return "" if network.name == project.networks[0].name else f"{network.name}/"


def layers_in_order(network: Network, prefix: str = "") -> dict[str, str]:
    """Names by node id, input to output; nodes that cannot be ordered come last."""
    known = list(order(network).ids)
    known += [node.id for node in network.nodes if node.id not in known]
    names = {node.id: node.name for node in network.nodes}
    return {f"{prefix}{node_id}": names[node_id] for node_id in known}


def palette(mode: theme.Mode | None = None) -> Palette:
    """The colours of the visitor's theme for figures."""
    tokens = theme.tokens(mode)
    return Palette(
        train=tokens.series[0],
        validation=tokens.series[1],
        test=tokens.series[2],
        text=tokens.text,
        muted=tokens.muted,
        hairline=tokens.hairline,
        ground=tokens.ground,
        surface=tokens.surface,
        error=tokens.error,
        warning=tokens.warning,
        good=tokens.good,
        series=tokens.series,
        depth=theme.DEPTH[mode or theme.mode()],
        magnitude=theme.CIVIDIS,
        signed=theme.PUOR,
    )


def file_stem(run: Run, project: Project) -> str:
    """`digits-run7`: what downloads of a run are called."""
    plain = re.sub(r"[^a-z0-9]+", "-", project.name.lower()).strip("-")[:40] or "model"
    return f"{plain}-run{run.number}"


def project_of(run: Run) -> Project | None:
    """The run's snapshot, None when it cannot be read."""
    try:
        return watch(run).project
    except BuilderError:
        return None


def shows_of(run: Run) -> str:
    """What the run's recipe shows, see `Recipe.shows`; answers where its snapshot cannot be read."""
    project = project_of(run)
    schema = project.data.snapshot if project else None
    if project is None or schema is None:
        return "answers"
    try:
        return infer(project.training, schema).shows
    except BuilderError:
        return "answers"


def read_views(path: Path, *, sample: int, step: int) -> Views:
    """The outputs in an .npz file of a run's views/ folder."""
    with np.load(path, allow_pickle=False) as archive:
        outputs = {name: archive[name] for name in archive.files}
    return Views(sample, step, outputs)


def _read_latest(path: Path) -> Views:
    facts = json.loads((path.parent / "latest.json").read_bytes())
    return read_views(path, sample=int(facts["sample"]), step=int(facts["step"]))
