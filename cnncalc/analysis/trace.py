"""What an analysis knows beyond its report: how the layers read each other."""

from __future__ import annotations

from functools import cached_property

from ..arithmetic import Number, Shape
from ..fields.composition import AxisField, through
from ..fields.field import Global
from ..fields.window import IDENTITY, Window
from ..layers.base import Reading, Windows
from ..network.network import Network, Node
from ..record import Record
from ..report.layer import LayerReport
from ..report.report import Report


class LayerTrace(Record):
    """What a layer's figures come from: what its kind read, its windows and its fields per axis.

    An input, which reads nothing, has a reading and fields alone.
    """

    reading: Reading
    windows: tuple[Windows, ...]
    fields: tuple[AxisField, ...]


class Branch(Record):
    """One input of a layer on one axis: whose output it is, its field, window and units."""

    index: int
    name: str
    field: AxisField
    window: Window | None
    size: Number

    @property
    def field_behind(self) -> AxisField:
        """The field behind the window."""
        return through(self.field, self.window, self.size)


class Trace:
    """An analysis with what its figures come from.

    Layers go by their indices, inputs too: 0 is the first one, −1 the second.

    `windows` are how a layer reaches into each of its inputs, per axis; `fields` are per axis, in
    units of the layer `origin`.
    """

    def __init__(
        self, network: Network, report: Report, layers: list[LayerTrace], with_global: bool
    ) -> None:
        self.network = network
        self.report = report
        self.layers = report.layers
        self.axes = report.axes
        self.origin = 0 if report.origin is None else network.index(report.origin)
        self.with_global = with_global
        self.readings = [layer.reading for layer in layers]
        self.windows = [layer.windows for layer in layers]
        self.fields = [layer.fields for layer in layers]
        self._branches: dict[tuple[int, int], list[Branch]] = {}

    def layer(self, index: int) -> LayerReport:
        """The figures of a layer."""
        return self.layers[index - 1]

    def node(self, index: int) -> Node:
        """A layer of the network."""
        return self.network.nodes[index - 1]

    def name(self, index: int) -> str:
        """The name of a layer."""
        return self.network.name_of(index)

    def shape(self, index: int) -> Shape:
        """The shape of a layer's output, or of the input."""
        return self.report.shape_of(index)

    @property
    def origin_sizes(self) -> Shape:
        """Sizes of the map in whose units fields are counted."""
        return self.shape(self.origin)[1:]

    @cached_property
    def readers(self) -> list[list[int]]:
        """Per layer, those that read its output."""
        readers: list[list[int]] = [[] for _ in self.fields]
        for node in self.network.nodes:
            for source in dict.fromkeys(node.sources):
                readers[source].append(node.index)
        return readers

    @property
    def indices(self) -> list[int]:
        """What layers and inputs go by, in the order in which `fields` has them."""
        return [*range(len(self.network.nodes) + 1), *range(1 - len(self.network.inputs), 0)]

    @cached_property
    def unit_owners(self) -> list[int]:
        """Per layer, the one whose units its own are, one by one: itself, but of activations."""
        owners = self.indices
        for node in self.network.nodes:
            windows = self.windows[node.index]
            alike = len(windows) == 1 and all(window is IDENTITY for window in windows[0])
            itself = not alike or node.index == self.origin
            owners[node.index] = node.index if itself else owners[node.sources[0]]
        return owners

    def branches(self, index: int, axis: int) -> list[Branch]:
        """The inputs of a layer on an axis that its field comes from.

        Inputs that do not depend on the origin are left out, and those that read whole maps where
        others do not, unless the analysis counts them.
        """
        if (index, axis) not in self._branches:
            self._branches[index, axis] = self._inputs(self.node(index), axis)
        return self._branches[index, axis]

    def _inputs(self, node: Node, axis: int) -> list[Branch]:
        reading = self.readings[node.index]
        columns = zip(node.sources, reading.names, reading.shapes, self.windows[node.index])
        branches = [
            Branch(source, name, field, windows[axis], self._size(shape, axis))
            for source, name, shape, windows in columns
            if (field := self.fields[source][axis]) is not None
        ]
        if not self.with_global and node.kind.merges:
            local = [each for each in branches if not isinstance(each.field_behind, Global)]
            return local or branches
        return branches

    def _size(self, shape: Shape, axis: int) -> Number:
        """Units on an axis of the input; None for a vector and for tokens, which lie on none."""
        return shape[1 + axis] if len(shape) == 1 + len(self.axes) else None

    def axes_alike(self, index: int) -> bool:
        """Whether a layer has the same fields, windows and sizes on all axes, by their identity."""
        first, *others = [self.branches(index, axis) for axis in range(len(self.axes))]
        fields = self.fields[index]
        return all(field is fields[0] for field in fields) and all(
            len(first) == len(other) and all(map(_alike, first, other)) for other in others
        )


def _alike(one: Branch, other: Branch) -> bool:
    return one.field is other.field and one.window == other.window and one.size == other.size
