"""One call of a layer in a Keras model, and what passes between calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...record import Record
from .config import Config, Unreadable
from .input import Order, axes_of, default_order
from .model import Part, Use

if TYPE_CHECKING:
    from .walk import Walk


Path = tuple[str, ...]


class Value(Record):
    """What a call gives: a layer's output, and what Keras' dimensions of it are.

    `order` has, for every dimension but the batch, CHANNELS or the number of an axis. A vector is
    (CHANNELS,); its layer may give a map of one unit. Axes that are left out have one unit.
    Channels in two dimensions are OUTER, of so many `groups`, and INNER.
    """

    layer: str
    order: Order
    groups: int = 0


class Call:
    """One call of a layer."""

    def __init__(
        self, walk: Walk, part: Part, name: str, path: Path, values: list[Value], use: Use
    ) -> None:
        self.walk = walk
        self.part = part
        self.name = name
        self.path = path
        self.values = values
        self.use = use
        self.config = Config(walk.source, name, part.values)

    @property
    def axes(self) -> int:
        """How many spatial axes the network's input has."""
        return self.walk.axes

    @property
    def value(self) -> Value:
        """The only value that the layer reads."""
        if len(self.values) != 1:
            raise Unreadable(f"it reads {len(self.values)} tensors where one is expected")
        return self.values[0]

    def map(self) -> Value:
        """The only value, a map whose dimensions are as the layer's data_format says."""
        value, along = self.value, axes_of(self.part.operator)
        if along and along != self.axes:
            raise Unreadable(f"it works along {along} axes, where the input has {self.axes}")
        default = "channels_first" if self.walk.channels_first else "channels_last"
        words = ("channels_first", "channels_last")
        first = self.config.word("data_format", default, *words) == "channels_first"
        if value.order != default_order(self.axes, first):
            raise Unreadable("its input is no map, or has its channels elsewhere")
        return value

    def emit(
        self, type_name: str, sources: list[Value], suffix: str = "", **attributes: Any
    ) -> Value:
        """Add a layer without parameters; what it gives has the order of what it reads."""
        names = [source.layer for source in sources]
        name = self.walk.builder.add(type_name, self.name + suffix, names, **attributes)
        return Value(name, sources[0].order, sources[0].groups)

    def emit_weighted(
        self, type_name: str, source: Value, suffix: str = "", **attributes: Any
    ) -> Value:
        """Add a layer with parameters: its own, or those of the first call."""
        key = (self.path, suffix)
        owner = self.walk.owners.get(key)
        name = self.walk.builder.add(
            type_name, self.name + suffix, [source.layer], shares=owner, **attributes
        )
        if owner is None:
            self.walk.owners[key] = name
            self.walk.belongs(self, name)
        return Value(name, source.order, source.groups)


def _values(value: Any) -> Iterator[Value]:
    """All values in nested lists and mappings, in order."""
    if isinstance(value, Value):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _values(item)
