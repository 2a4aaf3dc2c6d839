"""One call of a traced operator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..pytorch.names import place
from .values import Constant, Value


class Call:
    """One operator of the graph with its arguments by the names that its schema gives them."""

    def __init__(self, node: Any, operator: str, arguments: dict[str, Any]) -> None:
        self.node = node
        self.operator = operator
        self.arguments = arguments

    def __getitem__(self, name: str) -> Any:
        return self.arguments[name]

    @property
    def scope(self) -> str:
        """The path of the module that calls it."""
        return place(self.node)[1]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the tensor that it gives, or of the first one of several."""
        return self.shapes[0]

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """The shapes of all tensors that it gives."""
        made = self.node.meta.get("val")
        tensors = made if isinstance(made, (list, tuple)) else [made]
        return [tuple(map(int, getattr(tensor, "shape", ()))) for tensor in tensors]

    def values(self) -> list[Value]:
        """The tensors that it reads and that depend on the input."""
        return [one for one in _flat(self.arguments.values()) if isinstance(one, Value)]

    def constants(self) -> list[Constant]:
        """The tensors that it reads and that do not."""
        return [one for one in _flat(self.arguments.values()) if isinstance(one, Constant)]


def _flat(arguments: Any) -> Iterator[Any]:
    for argument in arguments:
        if isinstance(argument, (list, tuple)):
            yield from _flat(argument)
        else:
            yield argument
