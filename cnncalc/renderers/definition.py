"""A network written as a flat definition: every layer named, blocks and arguments resolved."""

from __future__ import annotations

import json
import re
from typing import Any

from ..network import Network, Node

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./+-]*\Z")
WORDS = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")


def flat_definition(network: Network) -> str:
    """YAML that gives the same report as the network."""
    definition = network.definition
    lines = [f"name: {scalar(network.name)}"]
    for key in ("description", "source"):
        if getattr(definition, key):
            lines.append(f"{key}: {scalar(getattr(definition, key))}")
    lines += [f"input: {value(list(network.input))}", "layers:"]
    lines += [f"  - {flow_mapping(_layer(network, node))}" for node in network.nodes]
    return "\n".join(lines) + "\n"


def _layer(network: Network, node: Node) -> dict[str, Any]:
    """A layer's keys; attributes at their default and a `from` of the layer before are left out."""
    keys: dict[str, Any] = {"name": node.name, "type": node.type}
    for name, declared in node.kind.attributes.items():
        given = getattr(node.kind, name)
        if name == node.kind.reference and node.referred is not None:
            keys[name] = network.name_of(node.referred)
        elif given is not None and not _is_default(node, name, given):
            keys[name] = declared.plain(given)
    if node.sources != (node.index - 1,):
        names = [network.name_of(source) for source in node.sources]
        keys["from"] = names if len(names) > 1 else names[0]
    return keys


def _is_default(node: Node, name: str, given: Any) -> bool:
    declared = node.kind.attributes[name]
    try:
        return bool(given == declared.value(declared.default, node.kind.axes))
    except ValueError:
        return False


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
    return _number(given)


def _number(given: Any) -> str:
    """A whole number or a decimal; a fraction that is no decimal becomes an expression."""
    if given.denominator == 1:
        return str(given.numerator)
    digits = 0
    while digits < 30 and 10**digits % given.denominator:
        digits += 1
    if digits == 30:
        return f"$({given.numerator}/{given.denominator})"
    scaled = str(abs(given.numerator) * 10**digits // given.denominator).rjust(digits + 1, "0")
    return f"{'-' if given < 0 else ''}{scaled[:-digits]}.{scaled[-digits:]}"


def scalar(text: str) -> str:
    """Text, in quotes where YAML might read it otherwise."""
    if PLAIN.match(text) and text.lower() not in WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)
