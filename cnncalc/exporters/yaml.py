"""A network written as a flat YAML definition, and the spelling of YAML's flow style."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from ..definition.definition import INPUT
from ..layers import KINDS
from ..network.network import Network, Node
from ..wording import decimal_text
from .folding import LayerGroup, attributes, groups
from .unique_names import UniqueNames

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
    shape = network.input
    written = flow_mapping(shape) if isinstance(shape, Mapping) else value(shape)
    return [*lines, f"input: {written}"]


def layer_keys(
    network: Network, node: Node, name_of: Callable[[int], str], previous: int
) -> dict[str, Any]:
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


def flow_mapping(keys: Mapping[str, Any]) -> str:
    """`{name: conv1, type: conv, …}` on one line."""
    return "{" + ", ".join(f"{scalar(key)}: {value(item)}" for key, item in keys.items()) + "}"


def value(item: Any) -> str:
    """A plain value as YAML's flow style writes it."""
    if item is None:
        return "null"
    if isinstance(item, bool):
        return str(item).lower()
    if isinstance(item, (list, tuple)):
        return "[" + ", ".join(map(value, item)) + "]"
    if isinstance(item, str):
        return scalar(item)
    text = decimal_text(item)
    return f"$({text})" if "/" in text else text


def scalar(text: str) -> str:
    """Text, in quotes where YAML might read it otherwise."""
    if PLAIN.match(text) and text.lower() not in WORDS:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else f"\\U{ord(sign):08x}" for sign in quoted)


def folded_definition(network: Network) -> str:
    """YAML as short as it gives the same report: repeated parts are blocks, plain names go."""
    folding = _Folding(network)
    layers = folding.all_items()
    while folding.drop_single_uses():
        layers = folding.all_items()
    lines = head(network)
    if folding.blocks:
        lines.append("blocks:")
    for block in folding.blocks.values():
        lines += block.lines(network)
    return "\n".join([*lines, "layers:", *(f"  - {item}" for item in layers)]) + "\n"


def _input_names(count: int) -> list[str]:
    return [INPUT] if count == 1 else [f"input{number}" for number in range(1, count + 1)]


class _Scope:
    """Names as they are inside a block, or at the top where the prefix is empty."""

    def __init__(self, prefix: str, names: dict[int, str]) -> None:
        self.prefix = prefix
        self.names = names
        self.unnamed: dict[str, int] = {}

    def is_automatic(self, name: str, type_name: str) -> bool:
        """Whether the layer would get this name if it had none; counts it if so."""
        number = self.unnamed.get(type_name, 0) + 1
        if name != f"{type_name}{number}":
            return False
        self.unnamed[type_name] = number
        return True


class _Block:
    """A group written as a block: its name, its items, and how often it is used."""

    def __init__(self, name: str, group: LayerGroup) -> None:
        self.name = name
        self.group = group
        self.items: list[str] = []
        self.uses = 0

    def lines(self, network: Network) -> list[str]:
        """The block in the definition."""
        group, lines = self.group, [f"  {self.name}:"]
        if len(group.inputs) > 1:
            lines.append(f"    inputs: {value(_input_names(len(group.inputs)))}")
        if group.output != group.last:
            output = network.name_of(group.output)[len(group.prefix) + 1 :]
            lines.append(f"    output: {scalar(output)}")
        return [*lines, "    layers:", *(f"      - {item}" for item in self.items)]


class _Folding:
    """Writes items of a range of layers, and the blocks that they use."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.groups = groups(network)
        self.blocks: dict[Hashable, _Block] = {}
        self.names = UniqueNames()

    def drop_single_uses(self) -> bool:
        """Unfold what turned out to be used once; whether there was any."""
        single = {signature for signature, block in self.blocks.items() if block.uses == 1}
        for first, alike in self.groups.items():
            self.groups[first] = [group for group in alike if group.signature not in single]
        if single:
            self.blocks, self.names = {}, UniqueNames()
        return bool(single)

    def all_items(self) -> list[str]:
        """The items of the whole network."""
        names = {-place: name for place, name in enumerate(self.network.inputs)}
        return self.items(1, len(self.network.nodes), _Scope("", names))

    def items(
        self, first: int, last: int, scope: _Scope, within: LayerGroup | None = None
    ) -> list[str]:
        """The items of the layers `first` … `last`."""
        items = []
        previous = within.inputs[0] if within else 0
        index = first
        while index <= last:
            run = self._groups_at(index, last, scope, within)
            if run:
                items.append(self._use(run, scope, previous))
                index, previous = run[-1].last + 1, run[-1].output
            else:
                items.append(self._item(self.network.nodes[index - 1], scope, previous))
                index, previous = index + 1, index
        return items

    def _item(self, node: Node, scope: _Scope, previous: int) -> str:
        name = node.name.removeprefix(scope.prefix)
        keys = layer_keys(self.network, node, scope.names.__getitem__, previous)
        scope.names[node.index] = name
        if len(keys) == 1 and scope.is_automatic(name, node.type):
            return node.type
        return flow_mapping({"name": name, **keys})

    def _groups_at(
        self, index: int, last: int, scope: _Scope, within: LayerGroup | None
    ) -> list[LayerGroup]:
        """The groups to write as one item here: one, or copies numbered from 0."""
        for group in self.groups.get(index, ()):
            if group.last <= last and group != within and group.prefix.startswith(scope.prefix):
                return self._copies(group, last, scope)
        return []

    def _copies(self, group: LayerGroup, last: int, scope: _Scope) -> list[LayerGroup]:
        base, _, number = group.prefix.rpartition(".")
        copies = [group]
        # A repeat needs a name of its own here; where the scope is all of it, copies stand singly.
        while len(base) > len(scope.prefix) and number == "0":
            after, wanted = copies[-1], f"{base}.{len(copies)}"
            alike = (group.signature, (after.output, *group.inputs[1:]))
            behind = self.groups.get(after.last + 1, ())
            followers = [g for g in behind if g.prefix == wanted and g.last <= last]
            if [(g.signature, g.inputs) for g in followers] != [alike]:
                break
            copies += followers
        return copies

    def _use(self, run: list[LayerGroup], scope: _Scope, previous: int) -> str:
        head, tail = run[0], run[-1]
        keys: dict[str, Any] = {"type": self._block(head, len(run))}
        repeated = len(run) > 1
        prefix = head.prefix.rpartition(".")[0] if repeated else head.prefix
        name = prefix.removeprefix(scope.prefix)
        if repeated:
            keys["repeat"] = len(run)
        if head.inputs != (previous,):
            keys["from"] = one_or_list([scope.names[source] for source in head.inputs])
        for group in run:
            scope.names[group.output] = group.prefix.removeprefix(scope.prefix)
        scope.names[tail.output] = name
        return flow_mapping({"name": name, **keys})

    def _block(self, group: LayerGroup, copies: int) -> str:
        """The name of the block for a group; its body is written when it is first used."""
        signature = group.signature
        block = self.blocks.get(signature)
        if block is None:
            block = self.blocks[signature] = _Block(self._block_name(group), group)
            names = dict(zip(group.inputs, _input_names(len(group.inputs))))
            scope = _Scope(f"{group.prefix}.", names)
            block.items = self.items(group.first, group.last, scope, group)
            # A block is listed after those that it uses.
            self.blocks[signature] = self.blocks.pop(signature)
        block.uses += copies
        return block.name

    def _block_name(self, group: LayerGroup) -> str:
        parts = [part.rstrip("0123456789_") for part in group.prefix.split(".")]
        stem = next((part for part in reversed(parts) if part.isidentifier()), "") or "block"
        stem = f"{stem}_block" if stem in KINDS or stem in ("block", "layer") else stem
        return self.names.of(stem, "")
