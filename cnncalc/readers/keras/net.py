"""A Keras model as its calls are read: the layers so far, and whose parameters they have."""

from __future__ import annotations

from ...definition.shape import Shape
from ...record import Record
from ..builder import INPUT, Measuring
from ..source import Source
from .input import KerasInput, Order, default_order

Path = tuple[str, ...]


class KerasValue(Record):
    """What a call gives: a layer's output, and what Keras' dimensions of it are.

    `order` has, for every dimension but the batch, CHANNELS or the number of an axis. A vector is
    (CHANNELS,); its layer may give a map of one unit. Axes that are left out have one unit.
    Channels in two dimensions are OUTER, of so many `groups`, and INNER.
    """

    layer: str
    order: Order
    groups: int = 0


class KerasNet:
    """The layers read so far.

    `owners` has the layers with parameters by the paths of Keras' layers, `members` the layers
    that each of the whole model's layers became.
    """

    def __init__(self, source: Source, start: KerasInput) -> None:
        self.builder = Measuring(source, start.shape)
        self.channels_first = start.channels_first
        self.input = KerasValue(INPUT, start.order)
        self.owners: dict[tuple[Path, str], str] = {}
        self.members: dict[str, list[str]] = {}

    @property
    def axes(self) -> int:
        """How many spatial axes the input has."""
        return self.builder.axes

    @property
    def map_order(self) -> Order:
        """The order of a map's dimensions, as the model has it."""
        return default_order(self.axes, self.channels_first)

    def shape(self, value: KerasValue) -> Shape:
        """The shape of a value's layer, channels first."""
        return self.builder.shapes[value.layer]

    def note_member(self, path: Path, name: str) -> None:
        """Take note of which of the whole model's layers a layer is part of."""
        self.members.setdefault(path[0], []).append(name)

    def count_numbers(self, layer: str) -> int | None:
        """Parameters and buffers read of one of the whole model's layers, None if unknown."""
        total = 0
        for name in self.members.get(layer, ()):
            if name not in self.builder.kinds:
                return None
            kind, reading = self.builder.kinds[name]
            params, buffers = kind.parameters(reading), kind.buffers(reading)
            if params is None or buffers is None:
                return None
            total += params + buffers
        return total
