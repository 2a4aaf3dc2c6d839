"""The shapes of a network at many input sizes at once.

Layer by layer, not size by size: most sizes of a range lead to the same few shapes after a stride
or two, and each different shape is asked of a layer's kind once.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, chain
from typing import Any

from ...arithmetic import AXES, Impossible, Shape
from ...fields.window import dropped_units
from ...layers.base import Layer, Reading, Referred
from ...network.network import Network, Node
from ...record import Record
from ...wording import quote, shape_text

Column = list[Shape | None]


class Fault(Record):
    """A layer that refuses what it is given, or that leaves some of it unread, and how."""

    layer: str
    reason: str


class Outcomes(Record):
    """Per input size: the first layer that refuses, the first that drops, and one layer's shape."""

    refused: list[Fault | None]
    dropping: list[Fault | None]
    shapes: Column


def outcomes(network: Network, inputs: Sequence[Shape], target: int = 0) -> Outcomes:
    """What becomes of every input shape; `target` is the index of the layer to give shapes of.

    A window drops pixels where it floors, and so leaves some behind the last window that the next
    windows would read.
    """
    columns = _Columns(network, inputs)
    for node in network.nodes:
        columns.add(node)
    return Outcomes(columns.refused, columns.dropping, columns.columns[target])


class _Outcome(Record):
    """What a layer makes of one reading: a shape with what is dropped, or a refusal."""

    shape: Shape | None
    refusal: str | None = None
    dropped: str | None = None


class _Columns:
    """Shapes by input, a column for each layer."""

    def __init__(self, network: Network, inputs: Sequence[Shape]) -> None:
        self.network = network
        self.axes = AXES[network.axes]
        self.columns: list[Column] = [list(inputs)]
        self.refused: list[Fault | None] = [None] * len(inputs)
        self.dropping: list[Fault | None] = [None] * len(inputs)
        # A layer's column by its kind and, by identity, the columns that it is made of, for copies
        # to share: where one refuses or drops, the copy before it did.
        self.known: dict[tuple[Any, ...], Column] = {}

    def add(self, node: Node) -> None:
        """The column of the next layer."""
        referred, owner = self._node(node.referred), self._node(node.shares)
        groups = (
            node.sources,
            () if node.referred is None else (node.referred,),
            referred.sources if referred else (),
            owner.sources if owner else (),
        )
        columns = [[self.columns[index] for index in group] for group in groups]
        identities = [tuple(map(id, group)) for group in columns]
        key = (node.kind, referred and referred.kind, node.shares, *identities)
        if key not in self.known:
            column = self._column(node, columns)
            same = len(columns[0]) == 1 and column == columns[0][0]
            self.known[key] = columns[0][0] if same else column
        self.columns.append(self.known[key])

    def _node(self, index: int | None) -> Node | None:
        return self.network.nodes[index - 1] if index else None

    def _column(self, node: Node, columns: list[list[Column]]) -> Column:
        """Ask the kind about every different reading, and note what it refuses or drops."""
        ends = list(accumulate(map(len, columns)))
        rows = list(zip(*chain(*columns)))
        results: dict[tuple[Shape | None, ...], _Outcome] = {}
        for shapes in set(rows):
            parts = [shapes[start:end] for start, end in zip([0, *ends], ends)]
            results[shapes] = _Outcome(None) if None in shapes else self._outcome(node, *parts)
        for faults, what in ((self.refused, "refusal"), (self.dropping, "dropped")):
            reasons = {shapes: getattr(outcome, what) for shapes, outcome in results.items()}
            if any(reasons.values()):
                for place, shapes in enumerate(rows):
                    if reasons[shapes] and faults[place] is None:
                        faults[place] = Fault(node.name, reasons[shapes])
        return [results[shapes].shape for shapes in rows]

    def _outcome(
        self,
        node: Node,
        inputs: tuple[Shape, ...],
        named: tuple[Shape, ...],
        named_inputs: tuple[Shape, ...],
        owner_inputs: tuple[Shape, ...],
    ) -> _Outcome:
        """The kind's; `named` is what an attribute names, the owner whose parameters it shares."""
        about = None
        if named:
            referred = self._node(node.referred)
            kind = referred.kind if referred else None
            about = Referred(kind, Reading(named_inputs or named), named[0])
        names = tuple(self.network.name_of(source) for source in node.sources)
        reading = Reading(inputs, names, about)
        try:
            shape = node.kind.output_shape(reading)
            self._check_shared(node, reading, Reading(owner_inputs))
            return _Outcome(shape, dropped=self._unread_text(node.kind, reading, shape))
        except Impossible as refusal:
            return _Outcome(None, str(refusal))

    def _check_shared(self, node: Node, reading: Reading, owners: Reading) -> None:
        """Refuse parameters that fit the layer whose they are, but not this one at this size."""
        owner = self._node(node.shares)
        if owner is None:
            return
        own, shared = node.kind.weight_shape(reading), owner.kind.weight_shape(owners)
        if own and shared and own != shared and None not in (*own, *shared):
            raise Impossible(
                f"its weight {shape_text(own)} is not the {shape_text(shared)} of "
                f"{quote(owner.name)}, whose parameters it shares"
            )

    def _unread_text(self, kind: Layer, reading: Reading, shape: Shape) -> str | None:
        """How much of its input a sliding window leaves unread at the end, per axis."""
        if not kind.windowed or kind.geometry(reading) is None:
            return None
        counts = map(dropped_units, kind.windows(reading)[0], reading.sizes, shape[1:])
        unread = [
            f"{count} on axis {axis}" for axis, count in zip(AXES[kind.axes], counts) if count
        ]
        return f"no window reads the last {' and '.join(unread)}" if unread else None
