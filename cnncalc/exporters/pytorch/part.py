"""What a layer is in PyTorch code: the module that it is, and its line of the forward pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...arithmetic import Shape
from ...errors import NetworkError
from ...layers.base import Layer
from ...record import Record
from ...report.layer import LayerReport
from .build import Argument, Build

PLAIN = "{module}({0})"


class Part(Record):
    """A layer's module, if it is one, and the expression of its output.

    In `forward`, {0} {1} … are what it reads, {all} all of that, {module} the module, {like} the
    layer that it refers to, {indices} and {size} what an unpooling needs of its pool. `helper` is
    a class that the file must define, `note` what a reader of the code should know. A `pair` gives
    the indices of a pool's maxima too.
    """

    build: Build | None
    forward: str = PLAIN
    helper: str = ""
    note: str = ""
    pair: bool = False


class Context(Record):
    """A layer to write, with the figures that its module needs."""

    report: LayerReport
    axes: int
    stride: Sequence[Any]
    undone: bool

    @property
    def kind(self) -> Any:
        """The layer's kind with its attributes."""
        kind: Layer = self.report.node.kind
        return kind

    @property
    def is_vector(self) -> bool:
        """Whether it reads a vector."""
        return len(self.report.in_shape) == 1

    def refuse(self, message: str) -> NetworkError:
        """The refusal of the layer."""
        node = self.report.node
        return NetworkError(message, path=node.path, line=node.line, layer=node.name)

    def known(self, numbers: Shape, what: str) -> tuple[int, ...]:
        """The numbers, refused where one is unknown."""
        if None in numbers:
            raise self.refuse(f"PyTorch needs its {what}, which is unknown; give the whole input")
        return numbers  # type: ignore[return-value]

    @property
    def channels(self) -> int:
        """Channels of the input, or its length."""
        return self.known(self.report.in_shape[:1], "number of input channels")[0]

    def module(self, family: str) -> str:
        """nn.Conv2d for Conv, by the number of axes."""
        return f"nn.{family}{self.axes}d"


def argument(name: str, value: Any, default: Any = ...) -> Argument:
    """An argument by its name, left out where it is the default."""
    return Argument(name, value, True, default)


def first(name: str, value: Any) -> Argument:
    """An argument that is written without its name."""
    return Argument(name, value, False)


def once(values: Sequence[Any]) -> Any:
    """Values per axis as one where they are equal."""
    return values[0] if len(set(values)) == 1 else tuple(values)
