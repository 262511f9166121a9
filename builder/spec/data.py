"""What the network learns from: source, preparation, split, and a snapshot of the schema."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from builder.spec.base import Frozen, Label, Name

Dtype = Literal["float32", "int64", "bool"]
Role = Literal["image", "sequence", "tokens", "features", "mask", "any"]
ColumnType = Literal["number", "category", "text", "date", "id", "boolean", "skip"]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16,64}$")]


class FieldSchema(Frozen):
    """One input field of a sample as the network sees it, without the batch axis."""

    name: Name
    shape: tuple[int, ...]
    dtype: Dtype = "float32"
    role: Role = "features"


class TargetSchema(Frozen):
    """What is to be predicted: one class a sample, `width` numbers, one class a pixel (`mask`), another text, or of a
    text without labels its own next token."""

    kind: Literal["classes", "numbers", "tokens", "mask", "text"]
    name: Label = "target"
    classes: Annotated[tuple[str, ...], Field(max_length=100_000)] = ()
    width: Annotated[int, Field(ge=1)] = 1
    unit: Label = ""
    horizon: Annotated[int, Field(ge=0)] = 0
    """Steps ahead that are forecast, each of `width` numbers; 0 where nothing is forecast."""
    season: Annotated[int, Field(ge=1)] = 1
    """Steps after which a series repeats itself; 1 where it does not."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes whole samples have; empty where they have none, also where only their pixels do."""
        return self.classes if self.kind == "classes" else ()


class DataSchema(Frozen):
    """A snapshot of the prepared data, so that a network checks without opening it."""

    fields: tuple[FieldSchema, ...]
    target: TargetSchema
    samples: Annotated[int, Field(ge=0)]
    class_counts: tuple[int, ...] = ()
    hash: Hash
    columns: tuple[Label, ...] = ()
    vocabulary: Annotated[int, Field(ge=0)] = 0
    """Different tokens of a text, padding and unknown ones included; 0 for other data."""
    target_vocabulary: Annotated[int, Field(ge=0)] = 0
    """The same of the texts that are wanted, their begin and end included; 0 where no text is."""


class BuiltinSource(Frozen):
    """A set that comes with LayerLoom or is found on this machine."""

    kind: Literal["builtin"] = "builtin"
    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,60}$")]
    options: dict[Name, int | float | str | bool] = {}


class IngestedSource(Frozen):
    """An upload in its canonical prepared form, addressed by the hash of its content."""

    kind: Literal["ingested"] = "ingested"
    hash: Hash
    name: Label = ""


class Windows(Frozen):
    """How a table in order of time becomes samples: so many rows back, so many rows ahead.

    `covariates` are known in advance: each stands in the window as it will be `horizon` rows later.
    """

    time: Label | None = None
    """The column that says when; None where the rows are in order by themselves."""
    series: Annotated[tuple[Label, ...], Field(min_length=1, max_length=1000)]
    covariates: Annotated[tuple[Label, ...], Field(max_length=1000)] = ()
    lookback: Annotated[int, Field(ge=1, le=100_000)]
    horizon: Annotated[int, Field(ge=1, le=10_000)]
    stride: Annotated[int, Field(ge=1, le=100_000)] = 1
    season: Annotated[int, Field(ge=1, le=100_000)] = 1


class PrepareStep(Frozen):
    """One step of preparation: a kind known to builder.data and its settings."""

    kind: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    field: Name | None = None
    settings: dict[Name, bool | int | float | str | tuple[int | float | str, ...]] = {}


class SplitSpec(Frozen):
    """Shares of the samples; what is left after validation and test is for training."""

    validation: Annotated[float, Field(ge=0, le=0.9)] = 0.15
    test: Annotated[float, Field(ge=0, le=0.9)] = 0.2
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    how: Literal["stratified", "random", "in order"] = "stratified"


class DataSpec(Frozen):
    """The data of a project.

    `steps` None means inferred from the data; `snapshot` is None until a source has been opened once.
    """

    source: Annotated[BuiltinSource | IngestedSource, Field(discriminator="kind")] | None = None
    target: Label | None = None
    column_types: dict[str, ColumnType] = {}
    limit: Annotated[int, Field(ge=1)] | None = None
    windows: Windows | None = None
    """Given where the rows are a time series to forecast."""
    steps: tuple[PrepareStep, ...] | None = None
    split: SplitSpec = SplitSpec()
    snapshot: DataSchema | None = None
