"""What a layer's configuration says, checked where it is asked for."""

from __future__ import annotations

from typing import Any

from ...errors import DefinitionError
from ...record import Record
from ...wording import is_whole, quote
from ..source import Source

REQUIRED: Any = object()


class Config(Record):
    """The configuration of one layer of a model."""

    source: Source
    layer: str
    values: dict[str, Any]

    def refuse(self, message: str) -> DefinitionError:
        """An error of this layer, to be raised."""
        return self.source.refuse(message, layer=self.layer)

    def _wrong(self, name: str, expected: str) -> DefinitionError:
        value = quote(self.values[name]) if name in self.values else "nothing"
        return self.refuse(f"{name} must be {expected}, not {value}")

    def get(self, name: str, default: Any = None) -> Any:
        """A value as it is given; null is the default."""
        value = self.values.get(name)
        if value is None:
            if default is REQUIRED:
                raise self._wrong(name, "given")
            return default
        return value

    def whole(self, name: str, default: Any = REQUIRED, least: int = 1) -> int:
        """A whole number."""
        value = self.get(name, default)
        if not is_whole(value) or value < least:
            raise self._wrong(name, f"a whole number of at least {least}")
        return int(value)

    def flag(self, name: str, default: bool) -> bool:
        """A boolean."""
        value = self.get(name, default)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def word(self, name: str, default: str, *choices: str) -> str:
        """One of a few words, in small letters."""
        value = self.get(name, default)
        if not isinstance(value, str) or value.lower() not in choices:
            raise self._wrong(name, f"one of {', '.join(choices)}")
        return value.lower()

    def numbers(self, **names: str) -> dict[str, Any]:
        """Numbers as attributes of other names; what is none, an infinity say, is left out."""
        values = {attribute: self.get(name) for attribute, name in names.items()}
        return {name: value for name, value in values.items() if hasattr(value, "numerator")}

    def wholes(self, name: str, default: Any = REQUIRED, least: int | None = None) -> list[int]:
        """A list of whole numbers; one alone is a list of it."""
        value = self.get(name, default)
        numbers = value if isinstance(value, list) else [value]
        if not all(is_whole(each) and (least is None or each >= least) for each in numbers):
            raise self._wrong(name, "a whole number or a list of them")
        return numbers

    def per_axis(self, name: str, axes: int, default: Any = REQUIRED, least: int = 1) -> list[int]:
        """A whole number per axis, from a list or from one for all."""
        numbers = self.wholes(name, default, least)
        if len(numbers) == 1:
            return numbers * axes
        if len(numbers) != axes:
            raise self._wrong(name, f"one whole number, or {axes}, one per axis")
        return numbers

    def pairs(self, name: str, axes: int) -> list[list[int]]:
        """What is put to, or taken off, both sides of each axis, as [before, after]."""
        value = self.get(name, REQUIRED)
        sides = value if isinstance(value, list) else [value] * axes
        if axes == 1 and len(sides) == 2 and all(map(is_whole, sides)):
            sides = [sides]
        pairs = [side if isinstance(side, list) else [side, side] for side in sides]
        fits = all(len(pair) == 2 and all(is_whole(n) and n >= 0 for n in pair) for pair in pairs)
        if len(pairs) != axes or not fits:
            raise self._wrong(name, f"a whole number, or a pair of them for each of {axes} axes")
        return pairs
