"""What is explained: a traced network, and how its layers read each other."""

from __future__ import annotations

from collections.abc import Sequence

from ...analysis.trace import Trace
from ...arithmetic import Number
from ...fields import field as fields_of
from ...fields.field import AxisField, Global
from ...fields.window import IDENTITY, Window
from ...layers.base import Reading, Referred
from ...network.network import Network, Node
from ...record import Record
from ...report.layer import LayerReport


class Branch(Record):
    """One input of a layer on one axis: whose output it is, its field, window and units."""

    index: int
    name: str
    field: AxisField
    window: Window | None
    size: Number


class Subject:
    """A traced network; `origin` is the index of the layer that fields are relative to."""

    def __init__(
        self, network: Network, trace: Trace, origin: int = 0, ignore_global: bool = False
    ) -> None:
        self.network = network
        self.trace = trace
        self.origin = origin
        self.ignore_global = ignore_global
        self._branches: dict[tuple[int, int], list[Branch]] = {}
        self._seen: list[int] = []

    def layer(self, index: int) -> LayerReport:
        """The report of the layer of an index, from 1."""
        return self.trace.report.layers[index - 1]

    def node(self, index: int) -> Node:
        """The layer of an index, from 1."""
        return self.network.nodes[index - 1]

    def field(self, index: int, axis: int) -> AxisField:
        """The field of a layer on an axis; the input's is that of index 0."""
        return self.trace.fields[index][axis]

    def reading(self, node: Node) -> Reading:
        """What a layer reads, as its kind asks for it."""
        layer = self.layer(node.index)
        referred = None if node.referred is None else self._referred(node.referred)
        return Reading(layer.in_shapes, layer.sources, referred)

    def _referred(self, index: int) -> Referred:
        if index == 0:
            shape = self.trace.report.input
            return Referred(None, Reading((shape,)), shape)
        layer = self.layer(index)
        return Referred(layer.node.kind, Reading(layer.in_shapes, layer.sources), layer.out_shape)

    def seen(self, index: int) -> int:
        """The layer whose units the layer's are, unit by unit: itself, but for activations."""
        if not self._seen:
            self._seen = [0]
            for node in self.network.nodes:
                windows = self.trace.windows[node.index]
                alike = len(windows) == 1 and all(window is IDENTITY for window in windows[0])
                itself = not alike or node.index == self.origin
                self._seen.append(node.index if itself else self._seen[node.sources[0]])
        return self._seen[index]

    def branches(self, node: Node, axis: int) -> list[Branch]:
        """The inputs of a layer on an axis that its field comes from.

        Inputs that do not depend on the origin are left out, and with `ignore_global` those that
        read whole maps, where others do not.
        """
        key = node.index, axis
        if key not in self._branches:
            self._branches[key] = self._found_branches(node, axis)
        return self._branches[key]

    def _found_branches(self, node: Node, axis: int) -> list[Branch]:
        layer = self.layer(node.index)
        windows = self.trace.windows[node.index]
        found = []
        for place, source in enumerate(node.sources):
            sizes = layer.in_shapes[place][1:]
            size = sizes[axis] if sizes else None
            field = self.field(source, axis)
            name = layer.sources[place]
            found.append(Branch(source, name, field, windows[place][axis], size))
        found = [branch for branch in found if branch.field is not None]
        if self.ignore_global and node.kind.merges:
            kept = [branch for branch in found if not isinstance(reached(branch), Global)]
            found = kept or found
        return found

    def axes_alike(self, index: int) -> bool:
        """Whether a layer has the same fields, windows and sizes on all axes, by their identity."""
        node = self.node(index)
        first, *others = [self.branches(node, axis) for axis in range(self.network.axes)]
        field = self.field(index, 0)
        return all(self.field(index, axis) is field for axis in range(self.network.axes)) and all(
            _alike(first, branches) for branches in others
        )


def reached(branch: Branch) -> AxisField:
    """The field behind the window of a branch."""
    return fields_of.through(branch.field, branch.window, branch.size)


def _alike(one: Sequence[Branch], other: Sequence[Branch]) -> bool:
    return len(one) == len(other) and all(
        first.field is second.field and first.window == second.window and first.size == second.size
        for first, second in zip(one, other)
    )
