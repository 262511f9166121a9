"""Names of our own making for nodes in source: ASCII slugs, never reserved, unique."""

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable, Mapping

from builder.spec.network import Graph

LONGEST = 40

# Attributes every nn.Module has (a test compares with torch), and names the generated file itself uses.
_MODULE_WORDS = """
T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches eval
extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict modules mtia
named_buffers named_children named_modules named_parameters parameters register_backward_hook register_buffer
register_forward_hook register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook
register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module register_parameter
register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory
state_dict to to_empty train training type xpu zero_grad
"""
_OUR_WORDS = "self torch nn math taps super modules layer index value"

RESERVED = frozenset(
    {
        *keyword.kwlist,
        *keyword.softkwlist,
        *(name.lower() for name in dir(builtins)),
        *dir(builtins),
        *_MODULE_WORDS.split(),
        *_OUR_WORDS.split(),
    }
)


def identifiers(graph: Graph, inputs: Mapping[str, str] | None = None) -> dict[str, str]:
    """The identifier of every node, by node id; `inputs` gives wished names of nodes (the fields of the data).

    Every identifier is a lower-case ASCII slug of the node's name, never reserved, unique in the graph.
    """
    wishes = inputs or {}
    taken: set[str] = set()
    found: dict[str, str] = {}
    for node in graph.nodes:
        found[node.id] = unique(slug(wishes.get(node.id) or node.name, "layer"), taken)
    return found


def names(words: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """A safe name for each word (a variable, a block), kept as it is where it is one already."""
    used = set(taken)
    found: dict[str, str] = {}
    for word in words:
        plain = (
            word if word.isidentifier() and word.isascii() and word[0] != "_" else slug(word, "v")
        )
        found[word] = unique(safe(plain), used)
    return found


def class_name(words: str, fallback: str, taken: set[str]) -> str:
    """A class name in CapWords from any text, unique among `taken`, which learns it."""
    parts = re.findall(r"[A-Za-z0-9]+", _ascii(words))
    name = "".join(part[0].upper() + part[1:] for part in parts)[:LONGEST] or fallback
    if not name[0].isalpha():
        name = f"{fallback}{name}"
    return unique(name if name not in RESERVED else f"{name}Block", taken)


def slug(words: str, fallback: str) -> str:
    """A lower-case ASCII word from any text: `Conv 1 (wide)` gives `conv_1_wide`."""
    plain = re.sub(r"[^a-z0-9]+", "_", _ascii(words.casefold())).strip("_")[:LONGEST].strip("_")
    if not plain:
        plain = fallback
    return safe(plain if plain[0].isalpha() else f"{fallback}_{plain}")


def safe(name: str) -> str:
    """The name, or with an underscore behind where Python, torch or the generated file needs it."""
    if name == "input":
        return "x"
    return f"{name}_" if name in RESERVED else name


def unique(name: str, taken: set[str]) -> str:
    """The name, or with the next free number; `taken` learns it."""
    found = name
    number = 2
    while found in taken or found in RESERVED:
        found = f"{name.rstrip('_')}_{number}"
        number += 1
    taken.add(found)
    return found


def _ascii(words: str) -> str:
    return unicodedata.normalize("NFKD", words[:400]).encode("ascii", "ignore").decode("ascii")
