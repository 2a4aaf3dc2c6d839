"""The layers that a layer depends on, and those that every path to it goes through."""

from __future__ import annotations

from .network import Network, Node


def inputs_of(node: Node) -> tuple[int, ...]:
    """Indices of the layers whose values a layer's depend on.

    An unpooling puts its values where the pool that it undoes found them; of what else an
    attribute may name, only the size counts.
    """
    if node.kind.reference == "pool" and node.referred is not None:
        return (*node.sources, node.referred)
    return node.sources


def dependencies(network: Network, target: int) -> list[int]:
    """Indices of the layer and of all that it depends on but the inputs, in order."""
    wanted = {target}
    for index in range(target, 0, -1):
        if index in wanted:
            wanted.update(inputs_of(network.nodes[index - 1]))
    return sorted(index for index in wanted if index > 0)


def bottlenecks(network: Network, target: int) -> list[int]:
    """Indices of the layers that every path from the first input goes through, in order.

    No connection among the layers that it depends on may lead past such a layer.
    """
    reach = {0: 0}  # of what depends on that input, the last layer that reads each
    for index in dependencies(network, target):
        sources = [source for source in inputs_of(network.nodes[index - 1]) if source in reach]
        reach.update(dict.fromkeys(sources, index))
        if sources:
            reach[index] = 0
    furthest, result = 0, []
    for index, last in reach.items():
        if index > 0 and furthest <= index:
            result.append(index)
        furthest = max(furthest, last)
    return result
