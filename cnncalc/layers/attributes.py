"""What a layer kind's attributes may be: each declaration checks and normalizes its value.

A kind declares its attributes as class members, `stride = PerAxis(1)`. On a layer they are plain
values: a `PerAxis` is a tuple with one number per axis, a `Padding` a tuple of (before, after).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..arithmetic import AXES
from ..definition.scalars import number_parts, scalar
from ..wording import is_whole, list_hint, value_text

LARGEST = 10**9
NUMERIC = set("0123456789.:-+ ")

REQUIRED: Any = type("Required", (), {"__repr__": lambda self: "required"})()

Pairs = tuple[tuple[int, int], ...]
T = TypeVar("T")


class Wrong(ValueError):
    """A value that the attribute cannot take; the text says what it takes."""

    def __init__(self, message: str, attribute: str = "") -> None:
        super().__init__(message)
        self.attribute = attribute


class Attribute(Generic[T]):
    """An attribute of a layer kind, on a layer a value of type T. `expects` completes «must be …».

    `form` says how a command line writes it: `one` value, `per axis`, `pairs`, a `range`, …
    """

    expects = ""
    form = "one"

    def __init__(self, default: Any = REQUIRED) -> None:
        self.default = default
        self.name = ""

    if TYPE_CHECKING:

        def __get__(self, layer: object, owner: type) -> T: ...

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name.rstrip("_")

    def value(self, given: Any, axes: int) -> T:
        """The normalized value; raises `Wrong` where the given one cannot be taken."""
        raise NotImplementedError

    def plain(self, value: Any) -> Any:
        """The value as a definition would give it, shortest: `value` undone."""
        return value

    def from_text(self, text: str, axes: int) -> Any:
        """What a text of a command line gives, as a definition would give it.

        Values per axis join with `x` or a comma, a pair of before and after with a colon.

        >>> padding = Padding()
        >>> [padding.from_text(text, 2) for text in ("1", "1x2", "0:1", "0:1,2:2", "same")]
        [1, [1, 2], [[0, 1], [0, 1]], [[0, 1], [2, 2]], 'same']
        """
        return scalar(text)

    def refuse(self, given: object, axes: int) -> Wrong:
        """The refusal of a value, with what would be right."""
        expected = self.expects.format(axes=", ".join(AXES[axes]))
        told = value_text(given) + list_hint(given)
        return Wrong(f"{self.name} must be {expected}, not {told}", self.name)

    def within_bound(self, value: int) -> int:
        """The number, refused where it is over what a definition may have."""
        if value > LARGEST:
            found = f"{self.name} {value_text(value)} is over 10^9"
            raise Wrong(f"{found}, the largest number of a definition", self.name)
        return value


class Count(Attribute[int]):
    """A whole number."""

    def __init__(self, default: Any = REQUIRED, least: int = 1) -> None:
        super().__init__(default)
        self.least = least
        self.expects = f"a whole number of at least {least}"

    def value(self, given: Any, axes: int) -> int:
        if not is_whole(given) or given < self.least:
            raise self.refuse(given, axes)
        return self.within_bound(given)


class Channels(Attribute[int | None]):
    """A number of channels, unknown where it is null or left out."""

    expects = "a whole number of at least 1, or left out where it is unknown"

    def value(self, given: Any, axes: int) -> int | None:
        if given is not None and (not is_whole(given) or given < 1):
            raise self.refuse(given, axes)
        return None if given is None else self.within_bound(given)


class Flag(Attribute[bool]):
    """true or false."""

    form = "switch"
    expects = "true or false"

    def value(self, given: Any, axes: int) -> bool:
        if not isinstance(given, bool):
            raise self.refuse(given, axes)
        return given


class Choice(Attribute[Any]):
    """One of a few words (or booleans)."""

    def __init__(self, default: Any, *choices: Any) -> None:
        super().__init__(default)
        self.choices = choices
        self.expects = "one of " + ", ".join(
            str(c).lower() if isinstance(c, bool) else c for c in choices
        )

    def value(self, given: Any, axes: int) -> Any:
        if not any(type(given) is type(choice) and given == choice for choice in self.choices):
            raise self.refuse(given, axes)
        return given


class AxisName(Attribute[str]):
    """One of the axes by its name."""

    expects = "one of the axes {axes}"

    def value(self, given: Any, axes: int) -> str:
        if given not in AXES[axes]:
            raise self.refuse(given, axes)
        return str(given)


class EachAxis(Attribute[T]):
    """One value for all axes, or a list with one per axis."""

    form = "per axis"

    def values(self, given: Any, axes: int) -> list[Any]:
        """A value for every axis."""
        values = given if isinstance(given, list) else [given] * axes
        if len(values) != axes:
            raise self.refuse(given, axes)
        return values

    def from_text(self, text: str, axes: int) -> Any:
        parts = number_parts(text)
        if not NUMERIC.issuperset("".join(parts)):
            return scalar(text)
        values = [self.axis_value(part) for part in parts]
        if len(values) > 1:
            return values
        return values * axes if isinstance(values[0], list) else values[0]

    def axis_value(self, text: str) -> Any:
        """What a text gives one axis."""
        return scalar(text)

    def plain(self, value: Any) -> Any:
        return once(value)


class PerAxis(EachAxis[tuple[int, ...]]):
    """One number for all axes, or a list with one per axis. A default of None stays None."""

    def __init__(self, default: Any = REQUIRED, least: int = 1) -> None:
        super().__init__(default)
        self.least = least
        self.expects = f"a whole number of at least {least}, or a list with one per axis ({{axes}})"

    def value(self, given: Any, axes: int) -> tuple[int, ...]:
        values = self.values(given, axes)
        if not all(is_whole(value) and value >= self.least for value in values):
            raise self.refuse(given, axes)
        return tuple(self.within_bound(value) for value in values)


class OutputSize(PerAxis):
    """A size per axis; null keeps the input's."""

    def value(self, given: Any, axes: int) -> tuple[Any, ...]:
        if isinstance(given, list) and len(given) == axes:
            return tuple(
                None if one is None else super(OutputSize, self).value([one] * axes, axes)[0]
                for one in given
            )
        return super().value(given, axes)


class Padding(EachAxis[T]):
    """Padding per axis as (before, after), or one of the words that stand for a rule."""

    form = "pairs"
    expects = (
        "a whole number of at least 0, a list with one per axis ({axes}), "
        "a list with one [before, after] per axis"
    )

    def __init__(self, default: Any = REQUIRED, words: tuple[str, ...] = ()) -> None:
        super().__init__(default)
        self.words = words
        if words:
            self.expects = f"{self.expects}, or one of {', '.join(words)}"

    def value(self, given: Any, axes: int) -> Any:
        if isinstance(given, str) and given in self.words:
            return given
        values = self.values(given, axes)
        pairs = [v if isinstance(v, list) else [v, v] for v in values]
        if not all(len(p) == 2 and all(is_whole(v) and v >= 0 for v in p) for p in pairs):
            raise self.refuse(given, axes)
        return tuple((self.within_bound(one), self.within_bound(two)) for one, two in pairs)

    def axis_value(self, text: str) -> Any:
        return [scalar(side) for side in text.split(":")] if ":" in text else scalar(text)

    def plain(self, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        if all(before == after for before, after in value):
            return once([before for before, _ in value])
        return [list(pair) for pair in value]


class ScaleFactor(EachAxis[tuple[tuple[int, int], ...]]):
    """A positive factor per axis, as (numerator, denominator); decimals are exact."""

    expects = "a number over 0 (2 or 1.5), or a list with one per axis ({axes})"

    def value(self, given: Any, axes: int) -> tuple[tuple[int, int], ...]:
        values = self.values(given, axes)
        if any(isinstance(v, bool) or getattr(v, "numerator", 0) <= 0 for v in values):
            raise self.refuse(given, axes)
        bound = self.within_bound
        return tuple((bound(value.numerator), bound(value.denominator)) for value in values)

    def plain(self, value: Any) -> Any:
        from fractions import Fraction

        return None if value is None else once([Fraction(*factor) for factor in value])


class Listed(Attribute[T]):
    """Numbers that a definition gives as a list of their own."""

    form = "list"

    def from_text(self, text: str, axes: int) -> Any:
        return [scalar(part) for part in number_parts(text.replace(":", ","))]

    def plain(self, value: Any) -> Any:
        return list(value)


class Range(Listed[tuple[int, int]]):
    """A half-open range [from, to)."""

    form = "range"
    expects = "a range [from, to) of two whole numbers, from below to"

    def value(self, given: Any, axes: int) -> tuple[int, int]:
        two = isinstance(given, list) and len(given) == 2 and all(map(is_whole, given))
        if not two or not 0 <= given[0] < given[1]:
            raise self.refuse(given, axes)
        first, end = given
        return self.within_bound(first), self.within_bound(end)


class LayerName(Attribute[str]):
    """The name of a layer listed earlier whose shape is asked for."""

    expects = "the name of a layer listed earlier"

    def value(self, given: Any, axes: int) -> str:
        if is_whole(given):
            return str(given)
        if not isinstance(given, str):
            raise self.refuse(given, axes)
        return given


class Kept(Attribute[Any]):
    """An attribute that changes no figure: a number, a word or a flag, kept as it is given."""

    expects = "a number, a word, or true or false"

    def value(self, given: Any, axes: int) -> Any:
        values = given if isinstance(given, list) else [given]
        if any(isinstance(value, (list, dict)) for value in values):
            raise self.refuse(given, axes)
        return given


def once(values: Any) -> Any:
    """Per-axis values as a list, or as one value where they are equal."""
    if values is None:
        return None
    return values[0] if len(set(values)) == 1 else list(values)
