"""A network with a few of its layers changed, with copies of one added, or cut off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...layers.base import Layer
from ...network.network import Network, Node


def changed(kind: Layer, attributes: Mapping[str, Any]) -> Layer:
    """The kind with other values for some of its attributes, given as a definition gives them."""
    given = {
        name: declared.plain(value)
        for name, declared in kind.attributes.items()
        if (value := getattr(kind, name)) is not None
    }
    return type(kind)(kind.axes, {**given, **attributes})


def with_kinds(network: Network, kinds: Mapping[int, Layer]) -> Network:
    """The network with other kinds for the layers of some indices."""
    return _remade(
        network, [_node(node, kind=kinds.get(node.index, node.kind)) for node in network.nodes]
    )


def with_copies(network: Network, index: int, kind: Layer, count: int) -> Network:
    """The network with `count` layers of the kind in a chain behind the layer of an index.

    What read that layer reads the last of them.
    """
    copied = network.nodes[index - 1]

    def moved(old: int) -> int:
        return old if old <= index else old + count

    def read(old: int) -> int:
        return index + count if old == index else moved(old)

    copies = [
        _node(
            copied,
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
        _node(
            node,
            index=moved(node.index),
            sources=tuple(map(read, node.sources)),
            referred=None if node.referred is None else moved(node.referred),
            shares=None if node.shares is None else moved(node.shares),
        )
        for node in network.nodes[index:]
    ]
    return _remade(network, [*network.nodes[:index], *copies, *rest], read)


def _node(node: Node, **values: Any) -> Node:
    return Node(**{**node.as_dict(), **values})


def _remade(
    network: Network, nodes: list[Node], moved: Callable[[int], int] = lambda index: index
) -> Network:
    """The network with other layers; `moved` gives the new index of an old one."""
    names = {name: moved(index) for name, index in network.names.items()}
    return Network(**{**network.as_dict(), "nodes": tuple(nodes), "names": names})
