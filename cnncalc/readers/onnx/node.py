"""One node of an ONNX graph: its operator, its attributes and what it reads."""

from __future__ import annotations

from copy import copy
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..tensors.call import Call, flat
from ..tensors.graph import Graph
from ..tensors.traced import in_own_order
from ..tensors.values import Unreadable, Value
from .constants import Array, exact
from .names import snake

if TYPE_CHECKING:
    from onnx import NodeProto

OWN_DOMAINS = ("", "ai.onnx")
FLOAT, INTEGER, TEXT, TENSOR, GRAPH, FLOATS, INTEGERS = 1, 2, 3, 4, 5, 6, 7


class Contradiction(Unreadable):
    """A node that contradicts itself or what it reads: no shape told of it would be true."""


class OnnxNode:
    """A node; `inputs` are layers' outputs and constants, None where one is left out."""

    def __init__(self, proto: NodeProto, index: int, inputs: list[Any]) -> None:
        domain = "" if proto.domain in OWN_DOMAINS else f"{proto.domain}."
        self.operator = domain + proto.op_type
        self.proto = proto
        self.index = index
        self.inputs = inputs
        self.attributes = {attribute.name: attribute for attribute in proto.attribute}
        self.outputs = list(proto.output)
        self.name = proto.name or next(filter(None, self.outputs), proto.op_type)

    def in_own_order(self, graph: Graph) -> OnnxNode:
        """The node reading tensors in the order in which their layers give them."""
        made = copy(self)
        made.inputs = [
            in_own_order(graph, one) if isinstance(one, Value) else one for one in self.inputs
        ]
        return made

    def call(
        self, operator: str = "", shape: tuple[int, ...] | None = None, /, **arguments: Any
    ) -> Call:
        """Its work as a call of the operator, its own or another, that layers are made of."""
        shapes = () if shape is None else (shape,)
        return Call(operator or snake(self.operator), arguments, self.name, self.name, shapes)

    def values(self) -> list[Value]:
        """The inputs that layers give."""
        return [one for one in flat(self.inputs) if isinstance(one, Value)]

    def input(self, place: int) -> Any:
        """An input, None where it is left out."""
        return self.inputs[place] if place < len(self.inputs) else None

    def value(self, place: int = 0) -> Value:
        """An input that a layer gives; raises Unreadable where it is a constant."""
        value = self.input(place)
        if not isinstance(value, Value):
            fault = "left out" if value is None else "no layer's output"
            raise Unreadable(f"its input {place + 1} is {fault}")
        return value

    def array(self, place: int) -> Array | None:
        """An input that is a constant, None where it is left out."""
        array = self.input(place)
        if array is not None and not isinstance(array, Array):
            raise Unreadable(f"its input {place + 1} depends on the network's input")
        return array

    def _attribute(self, name: str, kind: int, word: str) -> Any:
        attribute = self.attributes.get(name)
        if attribute is not None and attribute.type != kind:
            raise Contradiction(f"its attribute {name!r} is no {word}")
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
        array = self.array(place) if place is not None else None
        return None if array is None else array.integers

    def numbers(self, name: str, place: int) -> list[Any] | None:
        """A list of exact numbers, given as an attribute or as an input."""
        attribute = self._attribute(name, FLOATS, "list of numbers")
        if attribute is None:
            array = self.array(place)
            return None if array is None else array.flat
        numbers = [exact(number) for number in attribute.floats]
        if None in numbers:
            raise Contradiction(f"its attribute {name!r} holds what is no finite number")
        return numbers

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


def bounds(node: OnnxNode) -> tuple[Any, Any]:
    """The bounds of a Clip, given as attributes or as inputs; None for one that is not known."""
    low, high = node.array(1), node.array(2)
    return (
        node.number("min") if low is None else low.single,
        node.number("max") if high is None else high.single,
    )


def axes_of(node: OnnxNode, rank: int, place: int | None = None) -> list[int] | None:
    """The axes that a node names, counted from the front; None where it names none."""
    axes = node.integers("axes", place)
    return None if axes is None else [axis_of(axis, rank) for axis in axes]


def axis_of(axis: int, rank: int) -> int:
    """An axis counted from the front; raises Unreadable where there is none."""
    if not -rank <= axis < rank:
        raise Contradiction(f"its axis {axis} is none of {rank}")
    return axis % rank
