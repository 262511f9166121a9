"""Identical samples: how many there are, and how many stand on both sides of a split; no torch."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from builder.data.raw import Array, Raw
from builder.data.split import Split

Words = npt.NDArray[np.uint64]
CHUNK_BYTES = 1 << 24


class Duplicates(NamedTuple):
    """Counts of identical inputs. `leaking` are samples of validation or test that also stand in training."""

    repeated: int
    leaking: int
    contradicting: int
    """Samples whose twin has another answer."""

    @property
    def words(self) -> str:
        """One sentence, empty when there is nothing to tell."""
        if self.leaking == 1:
            return "1 sample of validation or test is identical to a training sample."
        if self.leaking:
            return (
                f"{self.leaking:,} samples of validation or test are identical to training samples, "
                "so their figures look better than they are."
            )
        if self.repeated:
            if self.repeated == 1:
                return "1 sample is a copy of another."
            return f"{self.repeated:,} samples are copies of others."
        return ""


def find(raw: Raw, split: Split) -> Duplicates:
    """Identical inputs of all samples, compared by a 64-bit fingerprint of every byte."""
    prints = fingerprints(raw)
    _, inverse, counts = np.unique(prints, return_inverse=True, return_counts=True)
    repeated = int((counts - 1).sum())
    if repeated == 0:
        return Duplicates(0, 0, 0)
    held_out = np.concatenate([split.validation, split.test])
    leaking = int(np.isin(prints[held_out], prints[split.train]).sum())
    return Duplicates(repeated, leaking, _contradicting(raw, inverse))


def fingerprints(raw: Raw) -> Words:
    """One uint64 a sample, equal for equal inputs."""
    found = np.zeros(len(raw), dtype=np.uint64)
    for number, (_, values) in enumerate(sorted(raw.fields.items())):
        found = _mix(found + np.uint64(number + 1)) ^ _field(values)
    return found


def _field(values: Array) -> Words:
    rows = max(1, CHUNK_BYTES // max(1, values[:1].nbytes))
    parts = [_rows(values[start : start + rows]) for start in range(0, len(values), rows)]
    return np.concatenate(parts) if parts else np.zeros(0, np.uint64)


def _rows(values: Array) -> Words:
    if values.dtype == np.float64:
        values = values + 0.0  # -0.0 and 0.0 are the same number
        values[np.isnan(values)] = np.nan
    flat = np.ascontiguousarray(values).reshape(len(values), -1).view(np.uint8)
    padding = -flat.shape[1] % 8
    if padding:
        flat = np.pad(flat, ((0, 0), (0, padding)))
    words = flat.view(np.uint64)
    places = np.arange(1, words.shape[1] + 1, dtype=np.uint64)
    mixed: Words = _mix(words ^ _mix(places)).sum(axis=1, dtype=np.uint64)
    return mixed


def _mix(value: Words) -> Words:
    """SplitMix64's finaliser on each word; overflow wraps, as it should."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def _contradicting(raw: Raw, groups: npt.NDArray[np.intp]) -> int:
    if raw.target is None or not raw.classes:
        return 0
    pairs = np.unique(np.stack([groups, np.asarray(raw.target)], axis=1), axis=0)
    answers = np.bincount(pairs[:, 0])
    return int((answers[groups] > 1).sum())
