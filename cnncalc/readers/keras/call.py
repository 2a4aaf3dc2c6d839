"""One call of a layer in a Keras model, and the network that the calls become."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...arithmetic import Shape
from ...record import Record
from ..builder import INPUT, Builder, Unreadable
from ..source import Source
from ..unread_operators import BY_OPTION_OR_ARGUMENT, UnreadOperators
from .config import Config
from .input import KerasInput, Order, axes_of, default_order
from .model import KerasLayer, KerasUse

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
        self.builder = Builder(source, start.shape, UnreadOperators("class", BY_OPTION_OR_ARGUMENT))
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


class KerasCall(Record):
    """One call of a layer: what it reads, and what it becomes in the network."""

    net: KerasNet
    layer: KerasLayer
    name: str
    path: Path
    values: list[KerasValue]
    use: KerasUse

    @property
    def config(self) -> Config:
        """What the layer's configuration says."""
        return Config(self.net.builder.source, self.name, self.layer.values)

    @property
    def axes(self) -> int:
        """How many spatial axes the network's input has."""
        return self.net.axes

    @property
    def value(self) -> KerasValue:
        """The only value that the layer reads."""
        if len(self.values) != 1:
            raise Unreadable(f"it reads {len(self.values)} tensors where one is expected")
        return self.values[0]

    def map(self) -> KerasValue:
        """The only value, a map whose dimensions are as the layer's data_format says."""
        value, along = self.value, axes_of(self.layer.operator)
        if along and along != self.axes:
            raise Unreadable(f"it works along {along} axes, where the input has {self.axes}")
        default = "channels_first" if self.net.channels_first else "channels_last"
        words = ("channels_first", "channels_last")
        first = self.config.word("data_format", default, *words) == "channels_first"
        if value.order != default_order(self.axes, first):
            raise Unreadable("its input is no map, or has its channels elsewhere")
        return value

    def emit(
        self, type_name: str, sources: list[KerasValue], suffix: str = "", **attributes: Any
    ) -> KerasValue:
        """Add a layer without parameters; what it gives has the order of what it reads."""
        names = [source.layer for source in sources]
        name = self.net.builder.add(type_name, self.name + suffix, names, **attributes)
        return sources[0].but(layer=name)

    def emit_weighted(
        self, type_name: str, source: KerasValue, suffix: str = "", **attributes: Any
    ) -> KerasValue:
        """Add a layer with parameters: its own, or those of the first call."""
        owner = self.net.owners.get((self.path, suffix))
        value = self.emit(type_name, [source], suffix, shares=owner, **attributes)
        if owner is None:
            self.net.owners[self.path, suffix] = value.layer
            self.net.note_member(self.path, value.layer)
        return value


Operator = Callable[[KerasCall], KerasValue]
