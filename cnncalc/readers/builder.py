"""Definitions as readers of other formats put them together, layer by layer."""

from __future__ import annotations

import os
from typing import Any

from ..arithmetic import Impossible, Shape
from ..definition.definition import Definition, Entry, File, Located
from ..definition.shape import BadInput, changed_shape
from ..errors import DefinitionError, UsageError
from ..layers import kind
from ..layers.attributes import Wrong
from ..layers.base import Layer, Reading, Referred
from ..wording import quote
from .source import PASS, Source

LONGEST_NAME = 200


def printable(name: str) -> str:
    """A name as tables and definitions can show it."""
    short = name[:LONGEST_NAME]
    if short.isprintable():
        return short
    return "".join(sign if sign.isprintable() else "_" for sign in short)


class Builder:
    """Collects the layers of one model under names of their own."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.entries: list[Entry] = []
        self.taken = {"input"}
        self.numbers: dict[str, int] = {}

    def refuse(self, message: str, line: int | None = None, layer: str | None = None) -> Any:
        """An error of this model at a line, to be raised."""
        return DefinitionError(message, path=self.source.path, line=line, layer=layer)

    def unique(self, wanted: str) -> str:
        """The wanted name, or with a number after it where it is taken; printable in any case."""
        clean = printable(wanted) or "layer"
        name, number = clean, self.numbers.get(clean, 1)
        while name in self.taken:
            number += 1
            name = f"{clean}_{number}"
        self.numbers[clean] = number
        self.taken.add(name)
        return name

    def add(
        self,
        type_name: str,
        name: str,
        sources: list[str],
        line: int | None = None,
        shares: str | None = None,
        **attributes: Any,
    ) -> str:
        """Add a layer that reads the named ones; gives its name, which may have got a number.

        `shares` names the layer whose parameters it uses in place of its own.
        """
        own = self.unique(name)
        given = {key: Located(value, line) for key, value in attributes.items()}
        read = tuple(Located(one, line) for one in sources)
        owner = None if shares is None else Located(shares, line)
        self.entries.append(
            Entry(
                Located(type_name, line), Located(own, line), read, None, given, line, shares=owner
            )
        )
        return own

    def add_unknown(
        self, operator: str, name: str, sources: list[str], line: int | None = None, where: str = ""
    ) -> str:
        """Add a layer of which nothing is known, or refuse the operator, as the caller asked."""
        if self.source.unknown == PASS:
            return self.add("unknown", name, sources, line, operator=operator)
        place = where or "node"
        raise self.refuse(
            f"operator {quote(operator)} of {place} {quote(name)} is not known here; "
            "--unknown pass goes on with its figures unknown",
            line,
        )

    def definition(self, name: str, shape: list[int | None], origin: str) -> Definition:
        """The whole definition; `origin` says which format it was read from."""
        if not self.entries:
            raise self.refuse("it has no layers")
        return Definition(
            name=name or "model",
            input=Located(shape),
            layers=tuple(self.entries),
            file=File(self.source.path, {}),
            source=origin,
        )


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
