"""What a layer kind's attributes may be: each declaration checks and normalizes its value.

A kind declares its attributes as class members, `stride = PerAxis(1)`. On a layer they are plain
values: a `PerAxis` is a tuple with one number per axis, a `Padding` a tuple of (before, after).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..wording import is_whole, value_text

LARGEST = 10**9
AXES = {1: ("l",), 2: ("h", "w"), 3: ("d", "h", "w")}

REQUIRED: Any = type("Required", (), {"__repr__": lambda self: "required"})()

Pairs = tuple[tuple[int, int], ...]


class Wrong(ValueError):
    """A value that the attribute cannot take; the text says what it takes."""

    def __init__(self, message: str, attribute: str = "") -> None:
        super().__init__(message)
        self.attribute = attribute


class Attribute:
    """An attribute of a layer kind. `expects` completes «must be …».

    `form` says how a command line writes it: `one` value, `per axis`, `pairs`, a `range`, …

    On a layer it is the value itself, whose type each subclass tells the type checker.
    """

    expects = ""
    form = "one"

    def __init__(self, default: Any = REQUIRED) -> None:
        self.default = default
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name.rstrip("_")

    def value(self, given: Any, axes: int) -> Any:
        """The normalized value; raises `Wrong` where the given one cannot be taken."""
        raise NotImplementedError

    def plain(self, value: Any) -> Any:
        """The value as a definition would give it, shortest: `value` undone."""
        return value

    def refuse(self, given: object, axes: int) -> Wrong:
        """The refusal of a value, with what would be right."""
        expected = self.expects.format(axes=", ".join(AXES[axes]))
        return Wrong(f"{self.name} must be {expected}, not {value_text(given)}", self.name)


class Count(Attribute):
    """A whole number."""

    if TYPE_CHECKING:

        def __get__(self, layer: object, owner: type) -> int: ...

    def __init__(self, default: Any = REQUIRED, least: int = 1) -> None:
        super().__init__(default)
        self.least = least
        self.expects = f"a whole number of at least {least}"

    def value(self, given: Any, axes: int) -> int:
        if not is_whole(given) or given < self.least:
            raise self.refuse(given, axes)
        return within_bound(self.name, given)


class Channels(Attribute):
    """A number of channels, unknown where it is null or left out."""

    if TYPE_CHECKING:

        def __get__(self, layer: object, owner: type) -> int | None: ...

    expects = "a whole number of at least 1, or left out where it is unknown"

    def value(self, given: Any, axes: int) -> int | None:
        if given is None:
            return None
        if not is_whole(given) or given < 1:
            raise self.refuse(given, axes)
        return within_bound(self.name, given)


class Flag(Attribute):
    """true or false."""

    if TYPE_CHECKING:

        def __get__(self, layer: object, owner: type) -> bool: ...

    form = "switch"
    expects = "true or false"

    def value(self, given: Any, axes: int) -> bool:
        if not isinstance(given, bool):
            raise self.refuse(given, axes)
        return given


class Choice(Attribute):
    """One of a few words (or booleans)."""

    if TYPE_CHECKING:

        def __get__(self, layer: object, owner: type) -> Any: ...

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


class PerAxis(Attribute):
    """One number for all axes, or a list with one per axis. A default of None stays None."""

    if TYPE_CHECKING:

        def __get__(self, layer: object, owner: type) -> tuple[int, ...]: ...

    form = "per axis"

    def __init__(self, default: Any = REQUIRED, least: int = 1) -> None:
        super().__init__(default)
        self.least = least
        self.expects = f"a whole number of at least {least}, or a list with one per axis ({{axes}})"

    def value(self, given: Any, axes: int) -> tuple[int, ...]:
        values = given if isinstance(given, list) else [given] * axes
        if len(values) != axes or not all(is_whole(v) and v >= self.least for v in values):
            raise self.refuse(given, axes)
        return tuple(within_bound(self.name, value) for value in values)

    def plain(self, value: Any) -> Any:
        return once(value)


class OutputSize(PerAxis):
    """A size per axis; null keeps the input's."""

    def __init__(self) -> None:
        super().__init__()
        self.expects = "a whole number of at least 1, or a list with one per axis ({axes})"

    def value(self, given: Any, axes: int) -> tuple[Any, ...]:
        if isinstance(given, list) and len(given) == axes:
            return tuple(
                None if one is None else super(OutputSize, self).value([one] * axes, axes)[0]
                for one in given
            )
        return super().value(given, axes)


class Padding(Attribute):
    """Padding per axis as (before, after), or a word that stands for a rule."""

    if TYPE_CHECKING:

        def __get__(self, layer: object, owner: type) -> Pairs | str: ...

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

    def value(self, given: Any, axes: int) -> Pairs | str:
        if isinstance(given, str) and given in self.words:
            return given
        values = given if isinstance(given, list) else [given] * axes
        if len(values) != axes:
            raise self.refuse(given, axes)
        pairs = [v if isinstance(v, list) else [v, v] for v in values]
        if not all(len(p) == 2 and all(is_whole(v) and v >= 0 for v in p) for p in pairs):
            raise self.refuse(given, axes)
        return tuple(
            (within_bound(self.name, before), within_bound(self.name, after))
            for before, after in pairs
        )

    def plain(self, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        if all(before == after for before, after in value):
            return once([before for before, _ in value])
        return [list(pair) for pair in value]


class Scale(Attribute):
    """A positive factor per axis, as (numerator, denominator); decimals are exact."""

    if TYPE_CHECKING:

        def __get__(self, layer: object, owner: type) -> tuple[tuple[int, int], ...]: ...

    form = "per axis"
    expects = "a number over 0 (2 or 1.5), or a list with one per axis ({axes})"

    def value(self, given: Any, axes: int) -> tuple[tuple[int, int], ...]:
        values = given if isinstance(given, list) else [given] * axes
        exact = [getattr(value, "numerator", None) for value in values]
        if len(values) != axes or not all(
            top is not None and not isinstance(value, bool) and top > 0
            for top, value in zip(exact, values)
        ):
            raise self.refuse(given, axes)
        return tuple(
            (within_bound(self.name, value.numerator), within_bound(self.name, value.denominator))
            for value in values
        )

    def plain(self, value: Any) -> Any:
        from fractions import Fraction

        return None if value is None else once([Fraction(*factor) for factor in value])


class Range(Attribute):
    """A half-open range [from, to)."""

    if TYPE_CHECKING:

        def __get__(self, layer: object, owner: type) -> tuple[int, int]: ...

    form = "range"
    expects = "a range [from, to) of two whole numbers, from below to"

    def value(self, given: Any, axes: int) -> tuple[int, int]:
        if not isinstance(given, list) or len(given) != 2 or not all(map(is_whole, given)):
            raise self.refuse(given, axes)
        first, end = given
        if not 0 <= first < end:
            raise self.refuse(given, axes)
        return within_bound(self.name, first), within_bound(self.name, end)

    def plain(self, value: Any) -> Any:
        return list(value)


class LayerName(Attribute):
    """The name of a layer listed earlier whose shape is asked for."""

    if TYPE_CHECKING:

        def __get__(self, layer: object, owner: type) -> str: ...

    expects = "the name of a layer listed earlier"

    def value(self, given: Any, axes: int) -> str:
        if is_whole(given):
            return str(given)
        if not isinstance(given, str):
            raise self.refuse(given, axes)
        return given


class Kept(Attribute):
    """An attribute that changes no figure: a number, a word or a flag, kept as it is given."""

    if TYPE_CHECKING:

        def __get__(self, layer: object, owner: type) -> Any: ...

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


def within_bound(name: str, value: int) -> int:
    """The value, refused where no definition may go."""
    if value > LARGEST:
        message = f"{name} {value_text(value)} is over 10^9, the largest number of a definition"
        raise Wrong(message, name)
    return value
