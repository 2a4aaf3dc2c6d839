"""What PyTorch's autograd keeps of each layer between the forward and the backward pass."""

from __future__ import annotations

from ...arithmetic import Number
from ...layers.base import Reading
from ...layers.storage import Saved
from ...network.network import Network, Node
from ...report.layer import LayerReport
from ...report.report import Report
from .storages import INDEX_BYTES, indices_key, input_bytes, input_indices, own_places

STATISTIC_BYTES = 4  # of a mean or a deviation, of a type of fewer bytes too


def saved_bytes(network: Network, report: Report, width: int) -> list[Number]:
    """Bytes that autograd keeps with each layer, of numbers of so many bytes; None if unknown.

    What a layer keeps that one before keeps already is counted there. A layer keeps something only
    if it has parameters or comes after some.
    """
    return _Autograd(network, report, width).layers()


class _Autograd:
    """One pass over the layers, as they run while the network learns."""

    def __init__(self, network: Network, report: Report, width: int) -> None:
        self.network, self.report, self.width = network, report, width
        self.homes = own_places(network)  # of a layer's output, the layer that made its storage
        self.sizes: list[Number] = [None] * len(self.homes)
        for index in input_indices(network):
            self.sizes[index] = input_bytes(report, index, width)
        self.learns = [False] * len(self.homes)
        self.kept: set[int] = set()  # keys of storages

    def layers(self) -> list[Number]:
        """What is kept with each layer, in the network's order."""
        return [self._layer(*pair) for pair in zip(self.network.nodes, self.report.layers)]

    def _layer(self, node: Node, layer: LayerReport) -> Number:
        shares = node.kind.shares_input_in_training and (
            node.kind.computes_nothing or layer.in_shapes[0] == layer.out_shape
        )
        if shares:
            self.homes[node.index] = self.homes[node.sources[0]]
        if layer.activations is not None:
            self.sizes[node.index] = layer.activations * self.width
        learned = layer.params != 0 or node.shares is not None
        learned = learned or any(self.learns[source] for source in node.sources)
        self.learns[node.index] = learned
        if not learned:
            return 0
        rule = node.kind.autograd_rule(Reading(layer.in_shapes, layer.sources))
        return None if rule is None else self._bytes(rule, node, layer)

    def _bytes(self, rule: Saved, node: Node, layer: LayerReport) -> Number:
        """Bytes of what a rule keeps and nothing before kept."""
        statistic = max(self.width, STATISTIC_BYTES)
        count = rule.numbers * self.width * layer.scale + rule.statistics * statistic
        tensors = [self.homes[source] for source in self._inputs_kept(rule, node)]
        if rule.output:
            tensors.append(self.homes[node.index])
        parts: list[Number] = [count, *(self._keep(key, self.sizes[key]) for key in tensors)]
        if rule.indices:
            pool = node.index if node.kind.seeks else node.referred
            key = indices_key(self.network, pool or 0)
            parts.append(self._keep(key, rule.indices * INDEX_BYTES * layer.scale))
        return None if None in parts else sum(parts)  # type: ignore[arg-type]

    def _inputs_kept(self, rule: Saved, node: Node) -> list[int]:
        """The layers whose outputs it keeps as its inputs."""
        sources = [(place, node.sources[place]) for place in rule.inputs]
        if not rule.crosswise:
            return [source for _, source in sources]
        return [
            source
            for place, source in sources
            if any(self.learns[other] for at, other in sources if at != place)
        ]

    def _keep(self, key: int, size: Number) -> Number:
        """Bytes of a storage that is kept from now on: 0 if it was before."""
        if key in self.kept:
            return 0
        self.kept.add(key)
        return size
