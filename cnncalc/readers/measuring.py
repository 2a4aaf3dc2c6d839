"""A builder that knows the shapes of its layers: for formats whose rules depend on them.

Shapes are asked of the layer kinds, as an analysis does; what a kind refuses has an unknown shape
here, and is refused by the analysis with the layers before it.
"""

from __future__ import annotations

import os
from typing import Any

from ..arithmetic import Impossible
from ..definition.definition import Definition, Located
from ..definition.shape import BadInput, Shape, changed_shape
from ..errors import UsageError
from ..layers import kind
from ..layers.attributes import Wrong
from ..layers.base import Layer, Reading, Referred
from .builder import Builder, printable
from .source import Source

INPUT = "input"


class Measuring(Builder):
    """Collects layers that start from an input of a shape, the one asked for if there is one."""

    def __init__(self, source: Source, shape: list[int | None]) -> None:
        super().__init__(source)
        self.input = shape
        self.axes = len(shape) - 1
        self.arguments: dict[str, int] = {}
        self.shapes: dict[str, Shape] = {INPUT: self._asked(tuple(shape))}
        self.kinds: dict[str, tuple[Layer, Reading]] = {}

    def _asked(self, shape: Shape) -> Shape:
        if self.source.input is None:
            return shape
        try:
            return changed_shape(shape, self.source.input)
        except BadInput as error:
            raise UsageError(str(error)) from None

    def add(
        self,
        type_name: str,
        name: str,
        sources: list[str],
        line: int | None = None,
        shares: str | None = None,
        **attributes: Any,
    ) -> str:
        own = super().add(type_name, name, sources, line, shares, **attributes)
        self.shapes[own] = self._shape(type_name, own, sources, attributes)
        return own

    def _shape(
        self, type_name: str, own: str, sources: list[str], attributes: dict[str, Any]
    ) -> Shape:
        values = {key: self._value(value) for key, value in attributes.items()}
        try:
            made = kind(type_name)(self.axes, values)
            shapes = tuple(self.shapes[source] for source in sources)
            named = getattr(made, made.reference) if made.reference else None
            reading = Reading(shapes, tuple(sources), self._referred(named))
            shape = made.output_shape(reading)
        except (Impossible, Wrong):
            return (None,) * (self.axes + 1)
        self.kinds[own] = (made, reading)
        return shape

    def _value(self, value: Any) -> Any:
        argument = isinstance(value, str) and value.startswith("$")
        return self.arguments[value[1:]] if argument else value

    def _referred(self, name: str | None) -> Referred | None:
        if name is None:
            return None
        made, reading = self.kinds.get(name, (None, Reading((self.shapes[name],))))
        return Referred(made, reading, self.shapes[name])

    def measured(self, name: str, origin: str, text: str) -> Definition:
        """The whole definition, with the arguments that its layers use and the file's text.

        A network without a name goes by its file's.
        """
        stem = os.path.splitext(os.path.basename(self.source.path))[0]
        wanted = name or (stem if self.source.given is None else "")
        definition = self.definition(printable(wanted), self.input, origin)
        arguments = {key: Located(value) for key, value in self.arguments.items()}
        return Definition(**{**definition.as_dict(), "args": arguments, "text": text})
