"""Definitions as readers of other formats put them together, layer by layer."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..arithmetic import Impossible, Shape
from ..definition.definition import Definition, Entry, File, Located
from ..definition.inputs import changed_inputs
from ..definition.shape import changed_shape
from ..errors import CnncalcError
from ..layers import kind
from ..layers.attributes import Wrong
from ..layers.base import Layer, Reading, Referred
from ..wording import quote
from .source import PASS, Source
from .unread_operators import Unread, UnreadOperators

if TYPE_CHECKING:
    from fractions import Fraction

LONGEST_NAME = 200
INPUT = "input"
# What a unit of a layer without a kind reads of the map.
UNIT, ALL = "unit", "all"
MOST_LAYERS = 200_000


class Unreadable(Exception):
    """An operator, or a use of one, that no layer kind stands for; the text says why."""


def printable(name: str) -> str:
    """A name as tables and definitions can show it."""
    short = name[:LONGEST_NAME]
    if short.isprintable():
        return short
    return "".join(sign if sign.isprintable() else "_" for sign in short)


def input_names(names: Sequence[str]) -> list[str]:
    """What inputs are called: as in the file, each by a name of its own; an only one `input`.

    >>> input_names(["data"]), input_names(["data", "data", "mask"])
    (['input'], ['data', 'data_2', 'mask'])
    """
    if len(names) == 1:
        return [INPUT]
    made: list[str] = []
    for wanted in map(printable, names):
        name, number = wanted, 1
        while name in made:
            number += 1
            name = f"{wanted}_{number}"
        made.append(name)
    return made


def exact_number(text: str) -> int | Fraction:
    """A decimal as the number that it is written as; a whole one is an integer."""
    from fractions import Fraction

    value = Fraction(text)
    return value.numerator if value.denominator == 1 else value


def fits(one: Shape, other: Shape) -> bool:
    """Whether two shapes, or parts of them, are equal as far as they are known."""
    known = all(a == b or a is None or b is None for a, b in zip(one, other))
    return len(one) == len(other) and known


class Builder:
    """Collects the layers of one model under names of their own, and what shapes they give.

    They start from an input of a shape, or from several `inputs` by name, of which `shape` is the
    first; or from those asked for, if there are any. `vague` are the layers behind an unknown one,
    of which little can be said.
    """

    def __init__(
        self,
        source: Source,
        shape: list[int | None],
        unread: UnreadOperators | None = None,
        inputs: Mapping[str, Shape] | None = None,
    ) -> None:
        self.source = source
        self.unread = UnreadOperators() if unread is None else unread
        self.refuse = source.refuse
        self.input = shape
        self.axes = len(shape) - 1
        self.arguments: dict[str, int] = {}
        self.entries: list[Entry] = []
        self.inputs = (
            inputs
            if inputs is None or source.input is None
            else changed_inputs(inputs, source.input)
        )
        self.shapes: dict[str, Shape] = dict(self.inputs or {INPUT: self._start(tuple(shape))})
        self.axes_of = {name: len(given) - 1 or self.axes for name, given in self.shapes.items()}
        self.kinds: dict[str, tuple[Layer, Reading]] = {}
        self.layers: dict[tuple[str, int, str], Layer] = {}
        self.numbers: dict[str, int] = {}
        self.vague: set[str] = set()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """What is wrong behind operators that are not read may come of that: these are told."""
        try:
            yield
        except CnncalcError:
            self._check_all_is_read()
            raise

    def _check_all_is_read(self) -> None:
        if self.unread:
            raise self.refuse(self.unread.message, self.unread.line) from None

    def note_unread(self, unread: Unread) -> None:
        """Take note of what `definition` is to refuse, unless the caller asked to pass it on."""
        if self.source.unknown != PASS:
            self.unread.note(unread)

    def _start(self, shape: Shape) -> Shape:
        if not isinstance(self.source.input, str):
            return shape
        return changed_shape(shape, self.source.input)

    def _unique_name(self, wanted: str) -> str:
        """The wanted name, or with a number after it where it is taken; printable in any case."""
        clean = printable(wanted) or "layer"
        name, number = clean, self.numbers.get(clean, 1)
        while name in self.shapes:
            number += 1
            name = f"{clean}_{number}"
        self.numbers[clean] = number
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
        if len(self.entries) == MOST_LAYERS:
            raise self.refuse(f"it has more than {MOST_LAYERS:,} layers", line)
        own = self._unique_name(name)
        self.entries.append(
            Entry(
                Located(type_name, line),
                Located(own, line),
                tuple(Located(source, line) for source in sources),
                None,
                {key: Located(value, line) for key, value in attributes.items()},
                line,
                shares=None if shares is None else Located(shares, line),
            )
        )
        self.axes_of[own] = self.axes_of[sources[0]]
        self.shapes[own] = self._shape(type_name, own, sources, attributes)
        is_vague = type_name == "unknown" and "out_shape" not in attributes
        if is_vague or not self.vague.isdisjoint(sources):
            self.vague.add(own)
        return own

    def add_unknown(
        self,
        operator: str,
        name: str,
        sources: list[str],
        line: int | None,
        place: str,
        reason: str = "",
    ) -> str:
        """Add a layer of which nothing is known; what only reads one is not told."""
        if not reason or self.vague.isdisjoint(sources):
            self.note_unread(Unread(operator, f"{place} {quote(name)}", reason, line))
        return self.add("unknown", name, sources, line, operator=operator)

    def add_stated(
        self,
        operator: str,
        name: str,
        sources: list[str],
        shape: Shape,
        line: int | None = None,
        shares: str | None = None,
        params: int | None = 0,
        macs: int | None = 0,
        **figures: Any,
    ) -> str:
        """Add a layer of an operator without a kind, with the output's shape and the figures of it.

        They are those on inputs of the shapes that these have here; raises Unreadable where one is
        not known.
        """
        return self.add(
            *("unknown", name, sources, line, shares),
            operator=operator,
            in_shape=[list(self.known_shape(source)) for source in sources],
            out_shape=list(shape),
            num_params=params,
            num_macs=macs,
            **figures,
        )

    def known_shape(self, name: str) -> tuple[int, ...]:
        """The shape of a layer of which all numbers must be known; raises Unreadable."""
        shape = self.shapes[name]
        if None in shape:
            raise Unreadable("the size of its input is not known, which --input gives")
        return shape  # type: ignore[return-value]

    def _shape(
        self, type_name: str, own: str, sources: list[str], attributes: dict[str, Any]
    ) -> Shape:
        values = {key: self._value(value) for key, value in attributes.items()}
        try:
            layer = self.layer(type_name, self.axes_of[own], values)
            reference = getattr(layer, layer.reference) if layer.reference else None
            referred = self.axes_of[reference] if reference else self.axes
            self.axes_of[own] = layer.output_axes(self.axes, referred)
            shapes = tuple(self.shapes[source] for source in sources)
            reading = Reading(shapes, tuple(sources), self._referred_layer(reference))
            shape = layer.output_shape(reading)
        except (Impossible, Wrong):
            # It is refused when the network is built; nothing is told of what reads it.
            self.vague.add(own)
            return (None,) * (self.axes + 1)
        self.kinds[own] = (layer, reading)
        return shape

    def layer(self, type_name: str, axes: int, values: dict[str, Any]) -> Layer:
        """The layer of a type, of values and axes; equal ones are one. Raises Wrong."""
        # Not by value: 1 and true are equal, but one may be right where the other is not.
        identity = (type_name, axes, repr(values))
        if identity not in self.layers:
            self.layers[identity] = kind(type_name)(axes, values)
        return self.layers[identity]

    def _value(self, value: Any) -> Any:
        argument = isinstance(value, str) and value.startswith("$")
        return self.arguments[value[1:]] if argument else value

    def _referred_layer(self, name: str | None) -> Referred | None:
        if name is None:
            return None
        layer, reading = self.kinds.get(name, (None, Reading((self.shapes[name],))))
        return Referred(layer, reading, self.shapes[name])

    def definition(self, name: str, shape: list[int | None], origin: str) -> Definition:
        """The whole definition; `origin` says which format it was read from."""
        self._check_all_is_read()
        if not self.entries:
            raise self.refuse("it has no layers")
        return Definition(
            name=name or "model",
            input=Located(self._named_inputs() or shape),
            layers=tuple(self.entries),
            file=File(self.source.path, {}),
            source=origin,
        )

    def _named_inputs(self) -> dict[str, Located]:
        return {name: Located(list(shape)) for name, shape in (self.inputs or {}).items()}

    def text_definition(self, name: str, origin: str, text: str) -> Definition:
        """The whole definition, with the arguments that its layers use and the file's text.

        A network without a name goes by its file's.
        """
        stem = os.path.splitext(os.path.basename(self.source.path))[0]
        wanted = name or (stem if self.source.given is None else "")
        definition = self.definition(printable(wanted), self.input, origin)
        arguments = {key: Located(value) for key, value in self.arguments.items()}
        return definition.but(args=arguments, text=text)
