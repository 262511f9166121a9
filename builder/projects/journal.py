"""The history file of a project: one JSON line per act, appended, never rewritten."""

import json
import os
from bisect import bisect_left
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from builder.projects.atomic import append_line, refusals_told
from builder.projects.patch import Patch, forward

FORMAT = 1


class Step(NamedTuple):
    """One edit in the file. `joins` marks one that is undone together with the step before it."""

    revision: int
    label: str
    at: str
    patch: Patch
    joins: bool


class Journal:
    """What the lines of `history.jsonl` add up to: the steps of the current line of work, and how many are in force.

    A line is `{"rev", "at", "do", "label", "by", "patch", "joins", "digest"}`: `do` is `edit`, or `move`, which
    puts the top on the step of revision `top` (undo, redo). An edit below the top drops the steps above
    it from the line of work; their lines stay in the file. Unknown values of `do` and unknown keys are
    skipped, so that later versions can add named versions. A torn last line does not count.
    """

    def __init__(self, path: Path):
        self.path = path
        self.size = 0
        self.revision = -1
        self.digest = ""
        self.digest_before = ""
        self.base: Any = None
        self.steps: list[Step] = []
        self.ends: list[int] = []
        """Places in `steps` of the last step of each group that is undone together."""
        self.top = 0

    def read_new(self) -> bool:
        """Takes in the lines added since the last call; returns whether there were any."""
        if self.path.exists() and self.path.stat().st_size < self.size:
            self.__init__(self.path)  # type: ignore[misc]  # cut by hand: begin again
        if not self.path.exists() or self.path.stat().st_size == self.size:
            return False
        with refusals_told(self.path), self.path.open("rb") as file:
            file.seek(self.size)
            lines = file.read().split(b"\n")
        for line in lines[:-1]:  # what follows the last newline is torn or empty
            self.size += len(line) + 1
            self._take(line)
        return len(lines) > 1

    def add(self, do: str, digest: str, at: str, /, **rest: Any) -> None:
        """Appends one line and takes it in; a torn tail left by a crash is cut off first."""
        self.cut_tail()
        line = {
            "format": FORMAT,
            "rev": self.revision + 1,
            "at": at,
            "do": do,
            **rest,
            "digest": digest,
        }
        append_line(self.path, line)
        self.read_new()

    def cut_tail(self) -> None:
        """Removes what stands after the last whole line known here."""
        if self.path.exists() and self.path.stat().st_size > self.size:
            with refusals_told(self.path):
                os.truncate(self.path, self.size)

    def value(self) -> Any:
        """The project's JSON value at the top, replayed from the first line; None when the beginning is lost."""
        value = self.base
        if value is None:
            return None
        for step in self.steps[: self.top]:
            value = forward(value, step.patch)
        return value

    def top_at(self, revision: int) -> int | None:
        """The top that puts the step of this revision in force; 0 = as created, None where there is no such step."""
        if revision == 0:
            return 0
        place = bisect_left(self.steps, revision, key=attrgetter("revision"))
        found = place < len(self.steps) and self.steps[place].revision == revision
        return place + 1 if found else None

    def labels_since(self, revision: int) -> tuple[str, ...]:
        """What was done after this revision, oldest first."""
        start = bisect_left(self.steps, revision + 1, key=attrgetter("revision"))
        return tuple(step.label for step in self.steps[start:])

    def places_of(self, text: str) -> list[int]:
        """Places in `ends` of the groups whose label has this text in it, whatever its capitals."""
        labels = (self.steps[end].label.lower() for end in self.ends)
        return [place for place, label in enumerate(labels) if text.lower() in label]

    def group_before(self, top: int) -> int:
        """The top after one undo: below the last step and all it joins."""
        top -= 1
        while top > 0 and self.steps[top].joins:
            top -= 1
        return max(top, 0)

    def group_after(self, top: int) -> int:
        """The top after one redo: above the next step and all that join it."""
        top += 1
        while top < len(self.steps) and self.steps[top].joins:
            top += 1
        return min(top, len(self.steps))

    def _take(self, line: bytes) -> None:
        try:
            entry = json.loads(line)
            revision, do, digest = int(entry["rev"]), entry["do"], str(entry["digest"])
            if do == "edit":
                step = Step(
                    revision, entry["label"], entry["at"], entry["patch"], bool(entry.get("joins"))
                )
                self._edit(step)
            elif do == "move":
                top = self.top_at(int(entry["top"]))
                self.top = self.top if top is None else top
        except (ValueError, KeyError, TypeError):
            self.base, self.steps, self.ends, self.top = (
                None,
                [],
                [],
                0,
            )  # damaged: undo reaches back to here only
            return
        self.revision, self.digest_before, self.digest = revision, self.digest, digest

    def _edit(self, step: Step) -> None:
        if step.revision == 0:
            self.base = step.patch[0]["new"]
            return
        del self.steps[self.top :]
        del self.ends[bisect_left(self.ends, self.top) :]
        if self.top and (not self.ends or self.ends[-1] != self.top - 1):
            self.ends.append(
                self.top - 1
            )  # the step in force was inside a group; it is the last of it now
        if step.joins and self.ends:
            self.ends.pop()
        self.ends.append(self.top)
        self.steps.append(step)
        self.top += 1
