"""Which files of an archive are images of which class, judged by their folders."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from builder.data.ingest.archive import Entry
from builder.data.ingest.found import Skipped

TEXTS = frozenset((".txt", ".text", ".md"))
EXTENSIONS = frozenset((".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"))
LITTER = frozenset(("__macosx", ".ds_store", "thumbs.db", "desktop.ini"))
MOST = 0.8
TRAINING = frozenset(("train", "training", "val", "valid", "validation"))
TEST = frozenset(("test", "testing"))


class Filed(NamedTuple):
    """A sample's file, its class, and whether it belongs to a published test split."""

    entry: Entry
    class_name: str
    is_test: bool


class Sorted(NamedTuple):
    """All samples' files by class; what was set aside; sentences about what was found."""

    files: tuple[Filed, ...]
    classes: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]


class Wanted(NamedTuple):
    """Which files are samples, what they are called, and why another file is none."""

    extensions: frozenset[str]
    plural: str
    refusal: str


IMAGES = Wanted(EXTENSIONS, "images", "it is not a PNG, JPEG, BMP, GIF or WebP file")
TEXT_FILES = Wanted(TEXTS, "texts", "it is not a text file (.txt)")


def mostly_texts(entries: Sequence[Entry]) -> bool:
    """Whether more of the files are texts than images."""
    found = Counter(extension(entry.parts) for entry in entries if not is_litter(entry.parts))
    return sum(found[e] for e in TEXTS) > sum(found[e] for e in EXTENSIONS)


def sort(
    entries: Sequence[Entry], folders: Sequence[tuple[str, ...]] = (), wanted: Wanted = IMAGES
) -> Sorted:
    """The files of an archive as samples with classes. `folders` are the archive's own folder entries, if any."""
    notes: list[str] = []
    skipped: list[Skipped] = []
    real = [entry for entry in entries if not is_litter(entry.parts)]
    if len(real) < len(entries):
        notes.append(f"{len(entries) - len(real):,} system files (like __MACOSX) were ignored.")
    samples = [entry for entry in real if extension(entry.parts) in wanted.extensions]
    depth = _wrapping([entry.parts for entry in samples])
    if depth:
        notes.append(
            f"The folder {'/'.join(real[0].parts[:depth])} around everything was left out of the class names."
        )
    split = _is_split([entry.parts[depth:] for entry in samples])
    if split:
        notes.append(
            f"Its train and test folders were kept as published: test {wanted.plural} are used for the test only."
        )
    files = [
        filed for entry in real if (filed := _file(entry, depth, split, skipped, wanted=wanted))
    ]
    files = _without_twins(files, notes)
    files.sort(key=lambda filed: filed.is_test)
    classes = _classes(files, notes)
    _tell_empty(folders, depth + split, classes, notes, wanted=wanted)
    return Sorted(tuple(files), classes, tuple(skipped), tuple(notes))


def _file(
    entry: Entry, depth: int, split: bool, skipped: list[Skipped], *, wanted: Wanted
) -> Filed | None:
    parts = entry.parts[depth:]
    is_test = split and len(parts) > 1 and parts[0].casefold() in TEST
    inner = parts[1:] if split else parts
    ending = extension(inner)
    if ending not in wanted.extensions:
        why = (
            "an archive inside the archive is not opened"
            if ending in (".zip", ".gz", ".7z", ".rar")
            else wanted.refusal
        )
        skipped.append(Skipped(where=entry.shown, why=why))
        return None
    if len(inner) < 2:
        skipped.append(
            Skipped(where=entry.shown, why="it lies in no folder, so its class is unknown")
        )
        return None
    return Filed(entry, inner[0], is_test)


def extension(parts: tuple[str, ...]) -> str:
    """`.png`: the ending of a path in small letters; empty without one."""
    return f".{parts[-1].rpartition('.')[2].lower()}" if parts and "." in parts[-1] else ""


def is_litter(parts: tuple[str, ...]) -> bool:
    """Whether it is a file that systems leave behind."""
    return any(part.casefold() in LITTER or part.startswith("._") for part in parts)


def _wrapping(paths: list[tuple[str, ...]]) -> int:
    """How many single folders stand around everything, the folders of the classes not counted.

    A few images right in such a folder do not make it a class; they are told as lying in no folder.
    """
    depth = 0
    while paths and sum(len(parts) > depth + 2 for parts in paths) > MOST * len(paths):
        if len({parts[depth] for parts in paths if len(parts) > depth}) > 1:
            break
        depth += 1
    return depth


def _is_split(paths: list[tuple[str, ...]]) -> bool:
    tops = {parts[0].casefold() for parts in paths if parts}
    return (
        bool(tops & TRAINING)
        and bool(tops & TEST)
        and tops <= TRAINING | TEST
        and all(len(p) > 2 for p in paths)
    )


def _without_twins(files: list[Filed], notes: list[str]) -> list[Filed]:
    """Every path once, the last of equal paths kept, as unpacking would."""
    by_path = {filed.entry.parts: filed for filed in files}
    if len(by_path) < len(files):
        notes.append(
            f"{len(files) - len(by_path):,} paths occur twice in the archive; the last of each is used."
        )
    return list(by_path.values())


def _classes(files: list[Filed], notes: list[str]) -> tuple[str, ...]:
    names = sorted({filed.class_name for filed in files}, key=_natural)
    alike = Counter(name.casefold() for name in names)
    for name, times in alike.items():
        if times > 1:
            both = [n for n in names if n.casefold() == name]
            notes.append(
                f"The folders {' and '.join(both)} differ only in capital letters; they are separate classes."
            )
    return tuple(names)


def _tell_empty(
    folders: Sequence[tuple[str, ...]],
    level: int,
    classes: tuple[str, ...],
    notes: list[str],
    *,
    wanted: Wanted,
) -> None:
    named = {parts[level] for parts in folders if len(parts) == level + 1 and not is_litter(parts)}
    empty = sorted(named - set(classes))
    if classes and empty:
        notes.append(f"Without {wanted.plural}, so no classes: {', '.join(empty[:10])}.")


def _natural(name: str) -> tuple[int, float, str]:
    return (
        (0, float(name), name)
        if name.isdecimal() and name.isascii()
        else (1, 0.0, name.casefold() + name)
    )
