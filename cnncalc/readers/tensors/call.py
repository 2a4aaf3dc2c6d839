"""One call of a traced operator, whatever format it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .values import Constant, Value


class Call:
    """An operator with its arguments by name.

    `name` is what its layer is called; where it is empty, the layer is called by its type in
    `scope`, the path of the module around it. `shapes` are those of the tensors that it gives;
    empty where the format does not tell them. `sole` says that nothing else reads what it reads,
    `in_place` that it writes over it.
    """

    sole = False
    in_place = False

    def __init__(
        self,
        operator: str,
        arguments: dict[str, Any],
        name: str = "",
        scope: str = "",
        shapes: Sequence[tuple[int, ...]] = (),
    ) -> None:
        self.operator = operator
        self.arguments = arguments
        self.name = name
        self.scope = scope
        self._shapes = shapes

    def __getitem__(self, name: str) -> Any:
        return self.arguments[name]

    @property
    def shapes(self) -> Sequence[tuple[int, ...]]:
        """The shapes of all tensors that it gives, as far as the format tells them."""
        return self._shapes

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the tensor that it gives, or of the first one of several."""
        return self.shapes[0] if self.shapes else ()

    def values(self) -> list[Value]:
        """The tensors that it reads and that depend on the input."""
        return [one for one in flat(self.arguments.values()) if isinstance(one, Value)]

    def constants(self) -> list[Constant]:
        """The tensors that it reads and that do not."""
        return [one for one in flat(self.arguments.values()) if isinstance(one, Constant)]


def flat(arguments: Iterable[Any]) -> Iterator[Any]:
    """Arguments, those in lists one by one."""
    for argument in arguments:
        if isinstance(argument, (list, tuple)):
            yield from flat(argument)
        else:
            yield argument
