"""Fits preparation on the training split, applies it, and keeps it as JSON and safetensors."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor, nn

from builder.data import fitting_pairs, fitting_text, plan, read
from builder.data.fitting import fit_series_target, fit_standardise, kind_of
from builder.data.raw import IMAGE, SO_FAR, TEXT, Array, Indices, Raw, RawSchema
from builder.data.steps import Images, SameTarget, ScaledTarget, SeriesTarget
from builder.errors import DataError
from builder.projects.atomic import write_bytes, write_json
from builder.spec.data import DataSpec, PrepareStep, TargetSchema

Target: TypeAlias = SameTarget | ScaledTarget | SeriesTarget
STATE_FILE, TENSORS_FILE = "preparation.json", "preparation.safetensors"


@dataclass
class Preparation:
    """How raw samples become what the network sees, fitted on the training split.

    `inputs[name]` is the module that makes input field `name`; `reads[name]` names the raw fields it takes, in
    order. `target` turns raw answers into what is trained on (`target(...)`) and answers back (`.inverse(...)`).
    """

    schema: RawSchema
    steps: tuple[PrepareStep, ...]
    shape: tuple[int, ...]
    """Height, width and channels of a raw image, length and vocabulary of texts (and of those wanted); () for
    tables."""
    inputs: nn.ModuleDict
    reads: dict[str, tuple[str, ...]]
    target: Target
    settings: dict[str, Any] = field(default_factory=dict)
    """What read.py needs to know to read the same kind of input again."""

    def stored(self, rows: dict[str, Array], target: Array | None = None) -> dict[str, Array]:
        """Rows of the data's own arrays as `prepare` takes them: texts as codes, the others as they are.

        `target` are the texts that are wanted of them, where texts are: what has been written before each place.
        """
        if TEXT not in rows:
            return rows
        read_fields = fitting_text.as_read(rows, self.settings)
        if self.schema.is_pairs and target is not None:
            read_fields[SO_FAR] = fitting_pairs.fed_codes(target, self.settings["target"])
        return read_fields

    def prepare(self, fields: dict[str, Array]) -> dict[str, Tensor]:
        """Arrays as read (N, ...) to the network's inputs on the CPU, batch first; float32, tokens int64.

        Raises DataError when a value becomes infinite or not a number on the way.
        """
        prepared = {}
        with torch.no_grad():
            for name, module in self.inputs.items():
                prepared[name] = module(*(_tensor(fields[part]) for part in self.reads[name]))
                if not torch.isfinite(prepared[name]).all():
                    raise DataError(self._not_finite(prepared[name]))
        return prepared

    def prepare_target(self, target: Array) -> Tensor:
        """Raw answers to what is trained on: int64 class codes (N,) or of pixels (N, H, W), tokens (N, length), or
        float32 (N, width)."""
        with torch.no_grad():
            if self.schema.is_pairs:
                codes = fitting_pairs.wanted_codes(target, self.settings["target"])
                tokens: Tensor = self.inputs[SO_FAR](_tensor(codes))
                return tokens
            prepared: Tensor = self.target(_tensor(target))
            return prepared

    def pictures(self, values: Tensor) -> Tensor:
        """Prepared images (N, C, H, W) on the CPU as pixels, float32 (N, H, W, C) in 0…1; anything else as it is."""
        module = next(iter(self.inputs.values()))
        if not isinstance(module, Images):
            return values
        with torch.no_grad():
            return (module.inverse(values) / max(1, self.schema.maximum)).clamp(0, 1)

    def read(self, value: Any) -> read.Reading:
        """Raw arrays of a file, pixels, a row (dict), rows or a CSV file, and sentences about what was done."""
        try:
            return read.read(value, self.settings)
        except ValueError as error:
            raise DataError(str(error)) from error

    def read_inputs(self, value: Any) -> dict[str, Array]:
        """Raw arrays of a file, pixels, a row (dict), rows or a CSV file; batch first."""
        return dict(self.read(value).fields)

    def last_codes(self, text: Any) -> Array:
        """The last pieces of a text to go on with: int64 (1, at most length)."""
        try:
            return read.last_codes(text, self.settings)
        except ValueError as error:
            raise DataError(str(error)) from error

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes of samples or pixels; empty for numbers."""
        return self.schema.target.classes if self.schema.target else ()

    @property
    def columns(self) -> tuple[str, ...]:
        """A name for every number the network sees of a table; empty for images."""
        if self.schema.kind != "table":
            return ()
        return plan.prepared_columns(Raw({}, None, self.schema), self.steps)

    def state(self) -> dict[str, Any]:
        """Everything but the tensors, as JSON."""
        return {
            "format": 1,
            "schema": self.schema.model_dump(mode="json"),
            "steps": [step.model_dump(mode="json") for step in self.steps],
            "read": self.settings,
            "reads": {name: list(parts) for name, parts in self.reads.items()},
            "shape": list(self.shape),
        }

    def tensors(self) -> dict[str, Tensor]:
        """The fitted statistics by name."""
        found = {f"inputs.{name}": value for name, value in self.inputs.state_dict().items()}
        found |= {f"target.{name}": value for name, value in self.target.state_dict().items()}
        return {name: value.contiguous() for name, value in found.items()}

    def save(self, folder: Path) -> None:
        """Writes preparation.json and preparation.safetensors into `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        write_bytes(folder / TENSORS_FILE, save_tensors(self.tensors()))
        write_json(folder / STATE_FILE, self.state())

    def _not_finite(self, values: Tensor) -> str:
        place = int((~torch.isfinite(values)).flatten(1).any(0).nonzero()[0, 0])
        names = self.columns
        where = f"Column {names[place]!r}" if place < len(names) else "An input"
        return (
            f"{where} holds values too large for the network (beyond 3.4e38) after preparation. "
            "Standardise the column, or leave it out."
        )


def fit(spec: DataSpec, raw: Raw, train_indices: Indices) -> Preparation:
    """The preparation of `spec` with every statistic taken from the training samples alone."""
    steps = plan.steps(spec, raw)
    if len(train_indices) == 0:
        raise DataError(
            "There is no training sample to fit the preparation on. Make the other splits smaller."
        )
    preparation = _build(raw.schema, steps, _shape(raw, steps))
    module = next(iter(preparation.inputs.values()))
    preparation.settings |= kind_of(raw.schema).fit(module, raw, train_indices, steps)
    if raw.schema.is_pairs:
        target = preparation.settings["target"]
        written = fitting_pairs.fit_target(
            preparation.inputs[SO_FAR], raw, train_indices, target["by"]
        )
        target["spelling"] = written
    if isinstance(preparation.target, ScaledTarget) and raw.target is not None:
        fit_standardise(preparation.target.standardise, raw.target, train_indices)
    if isinstance(preparation.target, SeriesTarget):
        fit_series_target(preparation.target, raw, train_indices)
    return preparation


def restore(folder: Path) -> Preparation:
    """The preparation saved in `folder`; DataError when it is missing or damaged."""
    try:
        state = json.loads((folder / STATE_FILE).read_text("utf-8"))
        tensors = load_tensors((folder / TENSORS_FILE).read_bytes())
        return from_state(state, tensors)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise DataError(
            "The preparation of this run cannot be read: a file is missing or damaged. Train the network again."
        ) from error


def from_state(state: dict[str, Any], tensors: dict[str, Tensor]) -> Preparation:
    """The preparation of `state()` and `tensors()`."""
    schema = RawSchema.model_validate_json(json.dumps(state["schema"]))
    steps = tuple(PrepareStep.model_validate_json(json.dumps(step)) for step in state["steps"])
    preparation = _build(schema, steps, tuple(state["shape"]))
    inputs = {k.removeprefix("inputs."): v for k, v in tensors.items() if k.startswith("inputs.")}
    target = {k.removeprefix("target."): v for k, v in tensors.items() if k.startswith("target.")}
    preparation.inputs.load_state_dict(inputs)
    preparation.target.load_state_dict(target)
    preparation.settings = state["read"]
    return preparation


def _shape(raw: Raw, steps: tuple[PrepareStep, ...]) -> tuple[int, ...]:
    if TEXT in raw.fields:
        how = plan.cut(raw, steps)
        wanted = plan.target_cut(raw, steps)
        more = (wanted.length, wanted.vocabulary) if wanted else ()
        return how.length, how.vocabulary, *more
    shape: tuple[int, ...] = raw.fields[IMAGE].shape[1:] if IMAGE in raw.fields else ()
    return shape


def _build(
    schema: RawSchema, steps: tuple[PrepareStep, ...], shape: tuple[int, ...]
) -> Preparation:
    built = kind_of(schema).build(schema, steps, shape)
    wanted = schema.target or TargetSchema(kind="numbers")
    scaled = any(step.kind == "standardise_target" for step in steps)
    return Preparation(
        schema=schema,
        steps=steps,
        shape=shape,
        inputs=nn.ModuleDict(
            {built.name: built.module, **{name: module for name, module, _ in built.also}}
        ).eval(),
        reads={built.name: built.reads, **{name: reads for name, _, reads in built.also}},
        target=_target(wanted, scaled),
        settings=built.settings,
    )


def _target(wanted: TargetSchema, scaled: bool) -> Target:
    if wanted.horizon:
        return SeriesTarget(wanted.width)
    return ScaledTarget(wanted.width) if scaled and wanted.kind == "numbers" else SameTarget()


def _tensor(values: Array) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values))
