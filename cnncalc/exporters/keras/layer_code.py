"""What a layer is in Keras code: the calls, one after another, that make it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...arithmetic import Shape
from ...record import Record
from ..layer_context import LayerContext
from ..python_code import literal, once


class KerasStep(Record):
    """A Keras layer: its class, what it is made with, and what it is called on.

    In `reads`, {0} {1} … are what the layer reads, or what the step before gives; {all} is all of
    that. `suffix` goes behind the layer's name; the step without one has the layer's own, and its
    parameters.
    """

    callee: str
    plain: tuple[Any, ...] = ()
    named: dict[str, Any] = {}
    suffix: str = ""
    reads: str = "{0}"

    def code(self, name: str) -> str:
        """The layer as Python writes it."""
        arguments = [literal(value) for value in self.plain]
        arguments += [f"{key}={literal(value)}" for key, value in self.named.items()]
        return f"{self.callee}({', '.join([*arguments, f'name={literal(name)}'])})"


class KerasContext(LayerContext):
    """A layer to write; `positive` where it reads no number below 0."""

    positive: bool

    tool = "Keras"

    @property
    def out_sizes(self) -> tuple[int, ...]:
        """Sizes of the map that it gives."""
        return self.require(self.report.out_shape[1:], "output's size")

    def family(self, stem: str, rest: str = "") -> str:
        """layers.Conv2D for Conv, by the number of axes."""
        return f"layers.{stem}{self.axes}D{rest}"


Writer = Callable[[KerasContext], list[KerasStep]]


def sides(pairs: Sequence[Sequence[int]]) -> Any:
    """What is put to or taken off both sides, as ZeroPadding and Cropping take it."""
    plain = once([tuple(pair) for pair in pairs])
    if len(pairs) == 1:
        return tuple(pairs[0])
    if len(plain) == 2 and all(isinstance(number, int) for number in plain):
        return plain[0] if plain[0] == plain[1] else (plain,) * len(pairs)
    return plain


def unless(default: Any, **arguments: Any) -> dict[str, Any]:
    """Arguments that are not their default."""
    return {name: value for name, value in arguments.items() if value != default}


def channels_last(shape: Shape) -> Shape:
    """A shape as Keras has it."""
    return (*shape[1:], shape[0])
