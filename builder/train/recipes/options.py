"""Settings that are a recipe's own, and what is asked of one that makes new samples; no torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic.fields import FieldInfo

from builder.spec.base import Frozen


class RecipeOptions(Frozen):
    """Settings of one recipe, given in `TrainingSpec.recipe_settings`; each field has a title and a description.

    A field is a bool, an int, a float, or a Literal of words, with bounds where it is a number.
    """


@dataclass(frozen=True)
class Draw:
    """New samples that are asked for: how many, from which seed, and of which class where the recipe can tell.

    `settings` sets what the recipe's `DrawOptions` names anew.
    """

    count: int
    seed: int = 0
    label: int | None = None
    settings: Mapping[str, int | float] = field(default_factory=dict)


class OptionInfo(NamedTuple):
    """One setting as a form and a list need it."""

    name: str
    title: str
    help: str
    type: Literal["bool", "int", "float", "choice"]
    default: Any
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


def described(kind: type[Frozen]) -> tuple[OptionInfo, ...]:
    """The settings of a model (a recipe's options, a loss) in their order."""
    return tuple(_info(name, field) for name, field in kind.model_fields.items())


def _info(name: str, field: FieldInfo) -> OptionInfo:
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    known = {bool: "bool", int: "int", float: "float"}
    kind: Any = "choice" if choices else known[field.annotation]  # type: ignore[index]
    return OptionInfo(
        name=name,
        title=field.title or name.replace("_", " ").capitalize(),
        help=field.description or "",
        type=kind,
        default=field.default,
        choices=choices,
        minimum=_bound(field, "ge", "gt"),
        maximum=_bound(field, "le", "lt"),
    )


def _bound(field: FieldInfo, *names: str) -> float | None:
    for rule in field.metadata:
        for name in names:
            if getattr(rule, name, None) is not None:
                return float(getattr(rule, name))
    return None
