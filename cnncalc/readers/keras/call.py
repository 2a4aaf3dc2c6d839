"""One call of a layer in a Keras model, and the network that the calls become."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ...arithmetic import Shape
from ...record import Record
from ...wording import quote
from ..builder import INPUT, Builder, Unreadable
from ..source import Source
from ..unread_operators import BY_OPTION_OR_ARGUMENT, UnreadOperators
from .config import Config
from .input import CHANNELS, INNER, OUTER, KerasInputs, Order, axes_of, default_order
from .live import LiveLayer
from .model import KerasLayer, KerasUse, layer_within

Path = tuple[str, ...]

MOST_DIMENSIONS = 4


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

    `owners` has the layers with parameters by the paths of Keras' layers, or what these are in
    memory, `members` the layers that each of the whole model's layers became. `live` has what
    Keras' layers in memory tell of themselves, by their paths.
    """

    def __init__(
        self, source: Source, given: KerasInputs, live: Mapping[Path, LiveLayer] | None = None
    ) -> None:
        self.live = live or {}
        shapes, unread = given.shapes, UnreadOperators("class", BY_OPTION_OR_ARGUMENT)
        named = None if list(shapes) == [INPUT] else shapes
        self.builder = Builder(source, list(next(iter(shapes.values()))), unread, named)
        self.channels_first = given.channels_first
        self.inputs = [KerasValue(name, one.order) for name, one in given.inputs.items()]
        self.owners: dict[tuple[Path | int, str], str] = {}
        self.members: dict[str, dict[str, None]] = {}

    def axes_of(self, value: KerasValue) -> int:
        """How many spatial axes a value's layer has; of a vector, the network's."""
        return self.builder.axes_of[value.layer]

    def order_of(self, rank: int) -> Order:
        """The order of so many dimensions without the batch, as the model has them."""
        return default_order(rank - 1, self.channels_first)

    def identity(self, path: Path) -> Path | int:
        """What a layer is by: Keras' object in memory, or its path."""
        return self.live[path].identity if path in self.live else path

    def dims(self, value: KerasValue) -> list[int]:
        """Keras' dimensions of a value, the batch left out; raises Unreadable for unknown ones."""
        channels, *sizes = self.builder.known_shape(value.layer)
        groups = value.groups or 1
        named = {CHANNELS: channels, OUTER: groups, INNER: channels // groups}
        return [named[axis] if axis < 0 else sizes[axis] for axis in value.order]

    def shape(self, value: KerasValue) -> Shape:
        """The shape of a value's layer, channels first."""
        return self.builder.shapes[value.layer]

    def note_member(self, path: Path, name: str) -> None:
        """Take note of which of the whole model's layers a layer is part of."""
        self.members.setdefault(path[0], {})[name] = None

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

    def totals(self) -> list[int]:
        """Parameters, buffers, MACs, and those of them that are products of activations.

        Raises Unreadable where one is not known.
        """
        totals = [0, 0, 0, 0]
        for entry in self.builder.entries:
            name = str(entry.name.value) if entry.name else ""
            if name not in self.builder.kinds:
                raise Unreadable(f"what {quote(name)} in it gives is not known")
            kind, reading = self.builder.kinds[name]
            own = [kind.parameters(reading), kind.buffers(reading)] if not entry.shares else [0, 0]
            figures = [*own, kind.macs(reading), kind.product_macs(reading)]
            if None in figures:
                raise Unreadable(f"the figures of {quote(name)} in it are not known")
            totals = [total + (figure or 0) for total, figure in zip(totals, figures)]
        return totals


class Measured(Record):
    """What a layer by itself gives of an input, and takes for it."""

    dims: list[int]
    params: int
    buffers: int
    macs: int
    products: int


class CallReader(Protocol):
    """The way through a model, which layers that wrap others ask to read these."""

    def read(self, call: KerasCall) -> list[KerasValue]:
        """What a call gives; raises Unreadable."""

    def measure(self, layer: KerasLayer, dims: list[int]) -> Measured:
        """What a layer gives of an input of Keras' dimensions; raises Unreadable."""


class KerasCall(Record):
    """One call of a layer: what it reads, and what it becomes in the network."""

    net: KerasNet
    layer: KerasLayer
    name: str
    path: Path
    values: list[KerasValue]
    use: KerasUse
    reader: CallReader

    @property
    def config(self) -> Config:
        """What the layer's configuration says."""
        return Config(self.net.builder.source, self.name, self.layer.values)

    @property
    def axes(self) -> int:
        """How many spatial axes the layer works along."""
        along = axes_of(self.layer.operator)
        return along or (self.net.axes_of(self.values[0]) if self.values else self.net.builder.axes)

    @property
    def map_order(self) -> Order:
        """The order of the dimensions of the map that it works on, as the model has it."""
        return self.net.order_of(self.axes + 1)

    @property
    def value(self) -> KerasValue:
        """The only value that the layer reads."""
        if len(self.values) != 1:
            raise Unreadable(f"it reads {len(self.values)} tensors where one is expected")
        return self.values[0]

    def map(self) -> KerasValue:
        """The only value, a map whose dimensions are as the layer's data_format says."""
        value, along = self.value, axes_of(self.layer.operator)
        rank, axes = len(value.order), self.net.axes_of(value)
        if along and along != max(rank - 1, axes if rank == 1 else 0):
            raise Unreadable(f"it works along {along} axes, where the input has {axes}")
        default = "channels_first" if self.net.channels_first else "channels_last"
        words = ("channels_first", "channels_last")
        first = self.config.word("data_format", default, *words) == "channels_first"
        return self.arrange(value, first)

    def arrange(self, value: KerasValue, channels_first: bool) -> KerasValue:
        """The value as a map of all its dimensions, behind a layer that makes it so if need be."""
        order = default_order(len(value.order) - 1, channels_first)
        if value.order == order and len(order) == self.net.axes_of(value) + 1:
            return value
        if len(order) < 2 or None in self.net.shape(value):
            raise Unreadable("its input is no map, or has its channels elsewhere")
        dims = self.net.dims(value)
        return self.state(dims, [value], ".arranged", order, operator="permute")

    def state(
        self,
        dims: list[int],
        sources: list[KerasValue] | None = None,
        suffix: str = "",
        order: Order | None = None,
        operator: str = "",
        **figures: Any,
    ) -> KerasValue:
        """Add a layer without a kind that gives these dimensions of Keras, with its figures.

        Parameters are its own, or those of the first call.
        """
        if len(dims) > MOST_DIMENSIONS:
            raise Unreadable(f"it gives {len(dims)} dimensions, more than three axes and channels")
        order = self.net.order_of(len(dims)) if order is None else order
        shape = [dims[order.index(axis)] for axis in (CHANNELS, *range(len(dims) - 1))]
        name, owner = self.name + suffix, self._owner(suffix)
        learns = figures.get("params") != 0 or figures.get("num_buffers", 0)
        layer = self.net.builder.add_stated(
            operator or (self.layer.foreign or self.layer.operator).lstrip("$"),
            name,
            [value.layer for value in (self.values if sources is None else sources)],
            tuple(shape),
            shares=owner if learns else None,
            **figures,
        )
        self._own(suffix, layer)
        return KerasValue(layer, order)

    def inner_layer(self, key: str = "layer") -> KerasLayer:
        """The layer that this one wraps."""
        return layer_within(self.net.builder.source, self.layer, key)

    def _owner(self, suffix: str) -> str | None:
        """The layer that had the parameters of the layer with a suffix first, None for none."""
        return self.net.owners.get((self.net.identity(self.path), suffix))

    def _own(self, suffix: str, layer: str) -> None:
        """Let a layer have the parameters of the layer with a suffix, unless another has them."""
        owner = self.net.owners.setdefault((self.net.identity(self.path), suffix), layer)
        self.net.note_member(self.path, owner)

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
        owner = self._owner(suffix)
        value = self.emit(type_name, [source], suffix, shares=owner, **attributes)
        self._own(suffix, value.layer)
        return value


# What a layer of a class gives: a value, or several.
Operator = Callable[[KerasCall], KerasValue | list[KerasValue]]
