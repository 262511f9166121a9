"""The exception tree: what the caller cannot have meant.

    BuilderError            a message for people: what happened, why, what to do
    ├── SpecError           a project file or an edit that cannot be accepted
    ├── NetworkError        a drawing that cannot be compiled (problems are values; this is the refusal to run)
    ├── DataError           data that cannot be read, found or used
    ├── TrainError          a run that cannot start or go on
    ├── ExportError         a model that cannot be taken away, or is not the model that was trained
    └── StorageError        the disk said no: full, read-only, gone

A broken drawing is a normal state and is described by `builder.spec.problems.Problem`, not by these.
"""


class BuilderError(Exception):
    """One sentence (or two) a person can act on; `str(error)` is shown as it is."""


class SpecError(BuilderError):
    """A project file or an edit cannot be accepted."""


class NetworkError(BuilderError):
    """A drawing cannot be turned into a running network."""


class DataError(BuilderError):
    """Data cannot be read, found or used."""


class TrainError(BuilderError):
    """A run cannot start or go on."""


class ExportError(BuilderError):
    """A model cannot be exported, or the export does not equal the trained model."""


class StorageError(BuilderError):
    """The disk refused: full, read-only, or no longer there."""
