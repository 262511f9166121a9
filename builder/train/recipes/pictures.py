"""What recipes that make pictures ask of the data, in words and types; no torch."""

from builder.layers.base import TensorType
from builder.network.expectation import Feed
from builder.spec.data import DataSchema, FieldSchema

LABEL = "label"
WHY_LABEL = "because Ask for classes is on"


def no_pictures(schema: DataSchema, title: str) -> str | None:
    """Why samples are not one picture each, as a sentence; None when they are."""
    if len(schema.fields) == 1 and schema.fields[0].role == "image":
        return None
    return f"{title} makes pictures, and these data hold none. Choose data of pictures, or another task."


def field_of(schema: DataSchema) -> FieldSchema:
    """The field that holds the pictures."""
    return schema.fields[0]


def size_words(field: FieldSchema) -> str:
    """`1×8×8`."""
    return "×".join(str(size) for size in field.shape)


def label_feed(schema: DataSchema) -> tuple[Feed, ...]:
    """The class that is asked for, as 1 at its place and 0 elsewhere; nothing where the data have no classes."""
    classes = len(schema.target.labels)
    return (Feed(LABEL, TensorType((classes,), "float32", "features")),) if classes else ()
