"""Repeated parts of a flat network, found by their names: what a person would write as blocks.

Layers whose names share a dotted prefix and that read like a block (one output, everything else
read from before) are a group. Groups that are plainly equal, layer by layer, are folded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import Any

from ..network.network import Network, Node
from ..record import Record

LEAST_LAYERS = 3


class LayerGroup(Record):
    """The layers `first` … `last` under a prefix; `inputs` are what they read from outside.

    `output` is the layer that stands for the group. Groups of an equal `signature` are alike but
    for their names and inputs.
    """

    prefix: str
    first: int
    last: int
    inputs: tuple[int, ...]
    output: int
    signature: Hashable


def attributes(node: Node) -> dict[str, Any]:
    """A layer's attributes as a definition gives them: those at their default are left out."""
    values = {}
    for name, declared in node.kind.attributes.items():
        value = getattr(node.kind, name)
        if name != node.kind.reference and value is not None and not node.kind.is_default(name):
            values[name] = declared.plain(value)
    return values


def groups(network: Network) -> dict[int, list[LayerGroup]]:
    """Groups that occur at least twice, by their first layer, the largest first."""
    readers = readers_of(network)
    ranges = _ranges(network).items()
    candidates = [_group(network, prefix, *ends, readers) for prefix, ends in ranges]
    whole = [group for group in candidates if group is not None]
    counts = Counter(group.signature for group in whole)
    by_first: dict[int, list[LayerGroup]] = {}
    for group in sorted(whole, key=lambda group: group.first - group.last):
        if counts[group.signature] > 1:
            by_first.setdefault(group.first, []).append(group)
    return by_first


def readers_of(network: Network) -> dict[int, list[Node]]:
    """The layers that read each layer, or refer to it."""
    readers: dict[int, list[Node]] = {}
    for node in network.nodes:
        for source in _reads(node):
            readers.setdefault(source, []).append(node)
    return readers


def _reads(node: Node) -> tuple[int, ...]:
    return node.sources if node.referred is None else (*node.sources, node.referred)


def _ranges(network: Network) -> dict[str, tuple[int, int]]:
    """First and last layer of every dotted prefix whose layers stand together."""
    ranges: dict[str, list[int]] = {}
    for node in network.nodes:
        end = node.name.find(".")
        while end > 0:
            known = ranges.setdefault(node.name[:end], [node.index, node.index, 0])
            known[1] = node.index
            known[2] += 1
            end = node.name.find(".", end + 1)
    return {
        prefix: (first, last)
        for prefix, (first, last, count) in ranges.items()
        if last - first + 1 == count >= LEAST_LAYERS
    }


def _group(
    network: Network, prefix: str, first: int, last: int, readers: dict[int, list[Node]]
) -> LayerGroup | None:
    """The layers as a group; None where more than one of them is read from outside.

    Layers that share parameters are no group: a block names no layer outside it.
    """
    outputs = [
        index
        for index in range(first, last + 1)
        if any(reader.index > last for reader in readers.get(index, ()))
    ]
    if last == len(network.nodes) and outputs != [last]:
        outputs.append(last)
    if len(outputs) > 1:
        return None
    nodes = network.nodes[first - 1 : last]
    if any(node.shares is not None for node in nodes):
        return None
    inputs = tuple(dict.fromkeys(s for node in nodes for s in _reads(node) if s < first))
    if not inputs:
        return None
    output = outputs[0] if outputs else last

    def place(source: int) -> tuple[str, int]:
        return ("in", inputs.index(source)) if source < first else ("at", source - first)

    signature = (
        output - first,
        tuple(
            (
                node.name[len(prefix) :],
                node.type,
                repr(attributes(node)),
                tuple(place(source) for source in node.sources),
                None if node.referred is None else place(node.referred),
            )
            for node in nodes
        ),
    )
    return LayerGroup(prefix, first, last, inputs, output, signature)
