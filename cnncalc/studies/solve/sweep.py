"""The shapes of a network at many input sizes at once.

Layer by layer, not size by size: most sizes of a range lead to the same few shapes after a stride
or two, and each different shape is asked of a layer's kind once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, chain
from typing import Any

from ...arithmetic import AXES, Impossible, Shape
from ...fields.window import dropped_units
from ...layers.base import Layer, Reading, Referred
from ...network.network import Network, Node
from ...record import Record
from ...wording import quote, shape_text

Column = list[Shape | None]


class Finding(Record):
    """A layer that refuses what it is given, or that leaves some of it unread, and how."""

    layer: str
    reason: str


class Sweep(Record):
    """Per input size: the first layer that refuses, the first that drops, and one layer's shape."""

    refused: list[Finding | None]
    dropping: list[Finding | None]
    shapes: Column


def sweep(network: Network, inputs: Sequence[Shape], target: int = 0) -> Sweep:
    """What becomes of every input shape; `target` is the index of the layer to give shapes of.

    A window drops pixels where it floors, and so leaves some behind the last window that the next
    windows would read.
    """
    return _Sweeping(network, inputs).run(target)


class _Outcome(Record):
    """What a layer makes of one reading: a shape with what is dropped, or a refusal."""

    shape: Shape | None
    refusal: str | None = None
    dropped: str | None = None


class _Sweeping:
    def __init__(self, network: Network, inputs: Sequence[Shape]) -> None:
        self.network = network
        self.axes = AXES[network.axes]
        self.columns: list[Column] = [list(inputs)]
        self.refused: list[Finding | None] = [None] * len(inputs)
        self.dropping: list[Finding | None] = [None] * len(inputs)
        # A layer's column by its kind and the columns that it is made of, for copies to share:
        # where one refuses or drops, the copy before it did.
        self.made: dict[tuple[Any, ...], Column] = {}
        # Columns are known by identity: kept, so that no other one gets the same.
        self.kept: list[Column] = []

    def run(self, target: int) -> Sweep:
        """All layers in order."""
        for node in self.network.nodes:
            self.columns.append(self._column(node))
        return Sweep(self.refused, self.dropping, self.columns[target])

    def _column(self, node: Node) -> Column:
        groups = [node.sources, *self._named(node)]
        columns = [[self.columns[index] for index in group] for group in groups]
        referred = self._node(node.referred)
        key = (
            node.kind,
            referred.kind if referred else None,
            node.shares,
            *(tuple(map(id, group)) for group in columns),
        )
        if key not in self.made:
            column = self._asked(node, columns)
            if len(columns[0]) == 1 and column == columns[0][0]:
                column = columns[0][0]
            self.made[key] = column
            self.kept.append(column)
        return self.made[key]

    def _named(self, node: Node) -> Iterator[tuple[int, ...]]:
        """Besides what a layer reads: the layer that an attribute names, what that one reads, and
        what the layer reads whose parameters it shares.
        """
        referred, owner = self._node(node.referred), self._node(node.shares)
        yield () if node.referred is None else (node.referred,)
        yield referred.sources if referred else ()
        yield owner.sources if owner else ()

    def _node(self, index: int | None) -> Node | None:
        return self.network.nodes[index - 1] if index else None

    def _asked(self, node: Node, columns: list[list[Column]]) -> Column:
        """Ask the kind about every different reading, and note what it refuses or drops."""
        ends = list(accumulate(map(len, columns)))
        rows = list(zip(*chain(*columns)))
        outcomes: dict[tuple[Shape | None, ...], _Outcome] = {}
        for shapes in set(rows):
            parts = [shapes[start:end] for start, end in zip([0, *ends], ends)]
            absent = None in shapes
            outcomes[shapes] = _Outcome(None) if absent else self._outcome(node, *parts)
        for found, text in ((self.refused, "refusal"), (self.dropping, "dropped")):
            told = {shapes: getattr(outcome, text) for shapes, outcome in outcomes.items()}
            if any(told.values()):
                for place, shapes in enumerate(rows):
                    if told[shapes] and found[place] is None:
                        found[place] = Finding(node.name, told[shapes])
        made = {shapes: outcome.shape for shapes, outcome in outcomes.items()}
        return [made[shapes] for shapes in rows]

    def _outcome(
        self,
        node: Node,
        read: tuple[Shape, ...],
        named: tuple[Shape, ...],
        named_read: tuple[Shape, ...],
        owner_read: tuple[Shape, ...],
    ) -> _Outcome:
        about = None
        if named:
            referred = self._node(node.referred)
            kind = referred.kind if referred else None
            about = Referred(kind, Reading(named_read or named), named[0])
        names = tuple(self.network.name_of(source) for source in node.sources)
        reading = Reading(read, names, about)
        try:
            shape = node.kind.output_shape(reading)
            self._check_shared(node, reading, Reading(owner_read))
            return _Outcome(shape, dropped=self._dropped(node.kind, reading, shape))
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

    def _dropped(self, kind: Layer, reading: Reading, shape: Shape) -> str | None:
        """How much of its input a sliding window leaves unread at the end, per axis."""
        if not kind.windowed or kind.geometry(reading) is None:
            return None
        counts = map(dropped_units, kind.windows(reading)[0], reading.sizes, shape[1:])
        told = [f"{count} on axis {axis}" for axis, count in zip(self.axes, counts) if count]
        return f"no window reads the last {' and '.join(told)}" if told else None
