"""Immutable records, declared by annotations: as light at import as a plain class."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, dataclass_transform


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

    def __init_subclass__(cls) -> None:
        cls._fields = (*cls._fields, *cls.__annotations__)

    def __init__(self, *values: Any, **named: Any) -> None:
        state = self.__dict__
        state.update(zip(self._fields, values))
        if named:
            state.update(named)
        if len(state) < len(self._fields):
            for field in self._fields:
                if field not in state:
                    state[field] = getattr(type(self), field)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a {type(self).__name__} cannot be changed")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._fields)
        return f"{type(self).__name__}({values})"

    def __iter__(self) -> Iterator[Any]:
        return iter([getattr(self, name) for name in self._fields])

    def as_dict(self) -> dict[str, Any]:
        """The values by name, in their order."""
        return {name: getattr(self, name) for name in self._fields}
