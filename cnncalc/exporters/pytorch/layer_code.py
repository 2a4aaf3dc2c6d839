"""What a layer is in PyTorch code: the module that it is, and its line of the forward pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...record import Record
from ..layer_context import LayerContext
from .constructor_calls import Build

if TYPE_CHECKING:
    from fractions import Fraction

PLAIN = "{module}({0})"


class TorchCode(Record):
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


class TorchContext(LayerContext):
    """A layer to write; `in_stride` is the step of what it reads, `undone` a pool's fate."""

    in_stride: tuple[int | Fraction | None, ...]
    undone: bool

    tool = "PyTorch"

    def module(self, family: str) -> str:
        """nn.Conv2d for Conv, by the number of axes."""
        return f"nn.{family}{self.axes}d"


Writer = Callable[[TorchContext], TorchCode]
