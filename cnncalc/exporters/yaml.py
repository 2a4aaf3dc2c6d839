"""A network written as a flat YAML definition, and the spelling of YAML's flow style."""

from __future__ import annotations

import json
import re
from typing import Any

from ..layers.attributes import decimal_text
from ..network.network import Network, Node
from .folding import attributes

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./+-]*\Z")
WORDS = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")


def flat_definition(network: Network) -> str:
    """YAML with every layer named, blocks and arguments resolved; it gives the same report."""
    lines = [*head(network), "layers:"]
    for node in network.nodes:
        keys = {"name": node.name, **layer_keys(network, node, network.name_of, node.index - 1)}
        lines.append(f"  - {flow_mapping(keys)}")
    return "\n".join(lines) + "\n"


def head(network: Network) -> list[str]:
    """The lines before the blocks and layers."""
    definition = network.definition
    lines = [f"name: {scalar(network.name)}"]
    for key in ("description", "source"):
        if getattr(definition, key):
            lines.append(f"{key}: {scalar(getattr(definition, key))}")
    return [*lines, f"input: {value(list(network.input))}"]


def layer_keys(network: Network, node: Node, name_of: Any, previous: int) -> dict[str, Any]:
    """A layer's keys without its name; a `from` of the layer before is left out."""
    keys: dict[str, Any] = {"type": node.type, **attributes(node)}
    if node.kind.reference and node.referred is not None:
        keys[node.kind.reference] = name_of(node.referred)
    if node.sources != (previous,):
        keys["from"] = one_or_list([name_of(source) for source in node.sources])
    if node.shares is not None:
        keys["shares"] = network.name_of(node.shares)
    return keys


def one_or_list(names: list[str]) -> str | list[str]:
    """The names as `from` takes them."""
    return names if len(names) > 1 else names[0]


def flow_mapping(keys: dict[str, Any]) -> str:
    """`{name: conv1, type: conv, …}` on one line."""
    return "{" + ", ".join(f"{key}: {value(given)}" for key, given in keys.items()) + "}"


def value(given: Any) -> str:
    """A plain value as YAML's flow style writes it."""
    if given is None:
        return "null"
    if isinstance(given, bool):
        return str(given).lower()
    if isinstance(given, (list, tuple)):
        return "[" + ", ".join(map(value, given)) + "]"
    if isinstance(given, str):
        return scalar(given)
    text = decimal_text(given)
    return f"$({text})" if "/" in text else text


def scalar(text: str) -> str:
    """Text, in quotes where YAML might read it otherwise."""
    if PLAIN.match(text) and text.lower() not in WORDS:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else f"\\U{ord(sign):08x}" for sign in quoted)
