"""What a layer is in Keras code: the calls, one after another, that make it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...arithmetic import Shape
from ...errors import NetworkError
from ...layers.base import Geometry, Layer
from ...record import Record
from ...report.layer import LayerReport
from ..python_code import literal

PLAIN = "{0}"


class Step(Record):
    """A Keras layer: its class, what it is made with, and what it is called on.

    In `reads`, {0} {1} … are what the layer reads, or what the step before gives; {all} is all of
    that. `suffix` goes behind the layer's name; the step without one has the layer's own, and its
    parameters.
    """

    callee: str
    plain: tuple[Any, ...] = ()
    named: dict[str, Any] = {}
    suffix: str = ""
    reads: str = PLAIN

    def code(self, name: str) -> str:
        """The layer as Python writes it."""
        arguments = [literal(value) for value in self.plain]
        arguments += [f"{key}={literal(value)}" for key, value in self.named.items()]
        return f"{self.callee}({', '.join([*arguments, f'name={literal(name)}'])})"


class Context(Record):
    """A layer to write, with the figures that it needs; `positive` where it reads no number < 0."""

    report: LayerReport
    axes: int
    positive: bool

    @property
    def kind(self) -> Any:
        """The layer's kind with its attributes."""
        kind: Layer = self.report.node.kind
        return kind

    @property
    def is_vector(self) -> bool:
        """Whether it reads a vector."""
        return len(self.report.in_shape) == 1

    @property
    def geometry(self) -> Geometry:
        """Kernel, stride, padding and dilation."""
        geometry = self.report.measures.geometry
        assert geometry is not None
        return geometry

    def refuse(self, message: str) -> NetworkError:
        """The refusal of the layer."""
        node = self.report.node
        return NetworkError(message, path=node.path, line=node.line, layer=node.name)

    def known(self, numbers: Sequence[Any], what: str) -> tuple[int, ...]:
        """The numbers, refused where one is unknown."""
        if None in numbers:
            raise self.refuse(f"Keras needs its {what}, which is unknown; give the whole input")
        return tuple(numbers)

    def family(self, stem: str, rest: str = "") -> str:
        """layers.Conv2D for Conv, by the number of axes."""
        return f"layers.{stem}{self.axes}D{rest}"


def once(values: Sequence[Any]) -> Any:
    """Values per axis as one where they are equal."""
    return values[0] if len(set(values)) == 1 else tuple(values)


def sides(pairs: Sequence[Sequence[int]]) -> Any:
    """What is put to or taken off both sides, as ZeroPadding and Cropping take it."""
    plain = once([tuple(pair) for pair in pairs])
    if len(pairs) == 1:
        return tuple(pairs[0])
    if len(plain) == 2 and all(isinstance(number, int) for number in plain):
        return plain[0] if plain[0] == plain[1] else (plain,) * len(pairs)
    return plain


def unless(default: Any, **given: Any) -> dict[str, Any]:
    """Arguments that are not their default."""
    return {name: value for name, value in given.items() if value != default}


def channels_last(shape: Shape) -> Shape:
    """A shape as Keras has it."""
    return (*shape[1:], shape[0])
