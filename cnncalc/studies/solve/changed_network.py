"""A network with a few of its layers changed, with copies of one added, or cut off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...layers.base import Layer
from ...network.network import Network


def kind_with(kind: Layer, attributes: Mapping[str, Any]) -> Layer:
    """The kind with other values for some of its attributes, given as a definition gives them."""
    values = {
        name: declared.plain(value)
        for name, declared in kind.attributes.items()
        if (value := getattr(kind, name)) is not None
    }
    return type(kind)(kind.axes, {**values, **attributes})


def with_kinds(network: Network, kinds: Mapping[int, Layer]) -> Network:
    """The network with other kinds for the layers of some indices."""
    nodes = [node.but(kind=kinds.get(node.index, node.kind)) for node in network.nodes]
    return network.but(nodes=tuple(nodes))


def with_copies(network: Network, index: int, kind: Layer, count: int) -> Network:
    """The network with `count` layers of the kind in a chain behind the layer of an index.

    What read that layer reads the last of them.
    """
    copied = network.nodes[index - 1]

    def new_index(old: int) -> int:
        return old if old <= index else old + count

    def read(old: int) -> int:
        return index + count if old == index else new_index(old)

    copies = [
        copied.but(
            index=index + copy,
            name=f"{copied.name}+{copy}",
            kind=kind,
            sources=(index + copy - 1,),
            referred=None,
            shares=None,
        )
        for copy in range(1, count + 1)
    ]
    rest = [
        node.but(
            index=new_index(node.index),
            sources=tuple(map(read, node.sources)),
            referred=None if node.referred is None else new_index(node.referred),
            shares=None if node.shares is None else new_index(node.shares),
        )
        for node in network.nodes[index:]
    ]
    names = {name: read(old) for name, old in network.names.items()}
    return network.but(nodes=(*network.nodes[:index], *copies, *rest), names=names)
