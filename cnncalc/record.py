"""Immutable records, declared by annotations: as light at import as a plain class."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self, dataclass_transform


@dataclass_transform(frozen_default=True)
class Record:
    """Frozen named values, given by position or by name, iterated in the order of the names.

    >>> class Size(Record):
    ...     height: int
    ...     width: int = 1
    >>> Size(3), Size(3) == Size(3, width=1)
    (Size(height=3, width=1), True)
    """

    _fields: tuple[str, ...] = ()
    _known: frozenset[str] = frozenset()

    def __init_subclass__(cls) -> None:
        cls._fields = (*cls._fields, *cls.__annotations__)
        cls._known = frozenset(cls._fields)

    def __init__(self, *values: Any, **named: Any) -> None:
        state = self.__dict__
        if not named and len(values) == len(self._fields):
            # As most records are made: one pass, nothing to look for.
            state.update(zip(self._fields, values))
            return
        state.update(zip(self._fields, values), **named)
        if len(state) != len(values) + len(named) or not named.keys() <= self._known:
            raise self._misfit(values, named)
        if len(state) < len(self._fields):
            for field in self._fields:
                if field not in state:
                    if not hasattr(type(self), field):
                        raise TypeError(f"a {type(self).__name__} needs {field!r}")
                    state[field] = getattr(type(self), field)

    def _misfit(self, values: tuple[Any, ...], named: dict[str, Any]) -> TypeError:
        what = type(self).__name__
        if unknown := named.keys() - self._known:
            return TypeError(f"a {what} has no {min(unknown)!r}")
        if len(values) > len(self._fields):
            return TypeError(f"a {what} takes {len(self._fields)} values, not {len(values)}")
        return TypeError(f"a {what} is given {next(n for n in self._fields if n in named)!r} twice")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a {type(self).__name__} cannot be changed")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    # What is compared by value and may hold lists has no hash.
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._fields)
        return f"{type(self).__name__}({values})"

    def __iter__(self) -> Iterator[Any]:
        return iter([getattr(self, name) for name in self._fields])

    def as_dict(self) -> dict[str, Any]:
        """The values by name, in their order."""
        return {name: getattr(self, name) for name in self._fields}

    def but(self, **changes: Any) -> Self:
        """The record with some of its values changed."""
        return type(self)(**{**self.__dict__, **changes})
