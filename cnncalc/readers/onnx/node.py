"""One node of an ONNX graph: its operator, its attributes and what it reads."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..tensors.call import Call
from ..tensors.values import Unreadable, Value
from .constants import Array, exact

if TYPE_CHECKING:
    from onnx import NodeProto

OWN_DOMAINS = ("", "ai.onnx")
FLOAT, INTEGER, TEXT, TENSOR, GRAPH, FLOATS, INTEGERS = 1, 2, 3, 4, 5, 6, 7


class Node(Call):
    """A node; `inputs` are layers' outputs and constants, None where one is left out."""

    def __init__(self, proto: NodeProto, index: int, inputs: list[Any]) -> None:
        domain = "" if proto.domain in OWN_DOMAINS else f"{proto.domain}."
        arguments = {str(place): given for place, given in enumerate(inputs)}
        super().__init__(self, domain + proto.op_type, arguments)
        self.proto = proto
        self.index = index
        self.inputs = inputs
        self.attributes = {attribute.name: attribute for attribute in proto.attribute}
        self.outputs = list(proto.output)
        self.name = proto.name or next(filter(None, self.outputs), proto.op_type)

    @property
    def scope(self) -> str:
        return self.name

    def given(self, place: int) -> Any:
        """An input, None where it is left out."""
        return self.inputs[place] if place < len(self.inputs) else None

    def value(self, place: int = 0) -> Value:
        """An input that a layer gives; raises Unreadable where it is a constant."""
        given = self.given(place)
        if not isinstance(given, Value):
            found = "left out" if given is None else "no layer's output"
            raise Unreadable(f"its input {place + 1} is {found}")
        return given

    def array(self, place: int) -> Array | None:
        """An input that is a constant, None where it is left out."""
        given = self.given(place)
        if given is not None and not isinstance(given, Array):
            raise Unreadable(f"its input {place + 1} depends on the network's input")
        return given

    def _attribute(self, name: str, kind: int, word: str) -> Any:
        attribute = self.attributes.get(name)
        if attribute is not None and attribute.type != kind:
            raise Unreadable(f"its attribute {name!r} is no {word}")
        return attribute

    def integer(self, name: str, default: int = 0) -> int:
        """An integer attribute."""
        attribute = self._attribute(name, INTEGER, "integer")
        return default if attribute is None else int(attribute.i)

    def integers(self, name: str, place: int | None = None) -> list[int] | None:
        """A list of integers, given as an attribute or, since later opsets, as an input."""
        attribute = self._attribute(name, INTEGERS, "list of integers")
        if attribute is not None:
            return list(attribute.ints)
        array = None if place is None else self.array(place)
        return None if array is None else array.integers

    def numbers(self, name: str, place: int | None = None) -> list[Any] | None:
        """A list of exact numbers, given as an attribute or as an input."""
        attribute = self._attribute(name, FLOATS, "list of numbers")
        if attribute is not None:
            given = [exact(number) for number in attribute.floats]
            if None in given:
                raise Unreadable(f"its attribute {name!r} holds what is no finite number")
            return given
        array = None if place is None else self.array(place)
        return None if array is None else array.flat

    def number(self, name: str, default: Any = None) -> int | Fraction | None:
        """A numeric attribute, as the simplest number that it stands for."""
        attribute = self._attribute(name, FLOAT, "number")
        return default if attribute is None else exact(attribute.f)

    def text(self, name: str, default: str = "") -> str:
        """A text attribute."""
        attribute = self._attribute(name, TEXT, "text")
        return default if attribute is None else attribute.s.decode(errors="replace")

    def tensor(self, name: str) -> Any:
        """A tensor attribute, None where there is none."""
        attribute = self._attribute(name, TENSOR, "tensor")
        return None if attribute is None else attribute.t

    def graph(self, name: str) -> Any:
        """A graph attribute; raises Unreadable where there is none."""
        attribute = self._attribute(name, GRAPH, "graph")
        if attribute is None:
            raise Unreadable(f"it has no graph {name!r}")
        return attribute.g


def axes_of(
    node: Node, rank: int, name: str = "axes", place: int | None = None
) -> list[int] | None:
    """The axes that a node names, counted from the front; None where it names none."""
    given = node.integers(name, place)
    return None if given is None else [counted(axis, rank) for axis in given]


def counted(axis: int, rank: int) -> int:
    """An axis counted from the front; raises Unreadable where there is none."""
    if not -rank <= axis < rank:
        raise Unreadable(f"its axis {axis} is none of {rank}")
    return axis % rank


class Request(Call):
    """A node's work as the call of another name, with its arguments and the shapes that it gives.

    So what layers such calls stand for is written once for all graphs of tensors.
    """

    def __init__(
        self, node: Node, operator: str, arguments: dict[str, Any], *shapes: tuple[int, ...]
    ) -> None:
        super().__init__(node, operator, arguments)
        self.given_shapes = list(shapes)

    @property
    def scope(self) -> str:
        return str(self.node.name)

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        return self.given_shapes
