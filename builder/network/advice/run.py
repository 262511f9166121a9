"""Runs every rule there is."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import builder.network.advice as package
from builder.network.advice.rule import RULES, Look, Rule
from builder.spec.problems import Problem


def advice(look: Look) -> list[Problem]:
    """Everything the rules find, in the order of their files."""
    return [problem for rule in _rules() for problem in rule(look)]


@cache
def _rules() -> tuple[Rule, ...]:
    """All rules; every file of this folder is imported once, so a new one is found by existing."""
    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    return tuple(RULES)
