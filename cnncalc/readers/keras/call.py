"""One call of a layer in a Keras model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..builder import Unreadable
from .config import Config
from .input import axes_of, default_order
from .model import KerasLayer, Use
from .net import KerasNet, KerasValue, Path


class KerasCall:
    """One call of a layer: what it reads, and what it becomes in the network."""

    def __init__(
        self,
        net: KerasNet,
        layer: KerasLayer,
        name: str,
        path: Path,
        values: list[KerasValue],
        use: Use,
    ) -> None:
        self.net = net
        self.layer = layer
        self.name = name
        self.path = path
        self.values = values
        self.use = use
        self.config = Config(net.builder.source, name, layer.values)

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
