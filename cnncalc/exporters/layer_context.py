"""A layer as the exporters meet it: what its kind and its report say, or its refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

from ..arithmetic import Pair, Shape
from ..errors import NetworkError
from ..layers.attributes import Pairs
from ..layers.base import Geometry
from ..record import Record
from ..report.layer import LayerReport
from ..wording import value_text


class KindAttributes(Protocol):
    """The attributes that exporters ask for. A kind has some; those that it only keeps are any."""

    padding: Pairs | str
    output_padding: tuple[int, ...]
    groups: int
    multiplier: int
    bias: bool
    is_in_place: bool
    ceil_mode: bool | str
    count_include_pad: Any
    output_size: tuple[int, ...]
    regions: int
    place: int
    spatial_scale: Any
    scale_factor: Pairs | None
    like: str | None
    mode: str
    align_corners: bool
    value: Any
    amount: Pairs | None
    offset: tuple[int, ...]
    factor: int
    channels: tuple[int, int]
    shape: tuple[int, ...]
    affine: bool
    eps: Any
    momentum: Any
    track_running_stats: bool
    num_groups: int
    size: Any
    alpha: Any
    beta: Any
    k: Any
    p: Any
    per_channel: bool
    negative_slope: Any
    approximate: Any
    operator: Any
    axis: Any
    dim: Any
    heads: int
    key_dim: int | None
    window: tuple[int, ...] | None
    shift: tuple[int, ...]
    qkv_bias: bool
    position_bias: bool
    count: int
    index: tuple[int, int]
    transpose: bool


class LayerContext(Record):
    """A layer to write; `tool` is what a refusal says of whom."""

    report: LayerReport

    tool = ""

    @property
    def kind(self) -> KindAttributes:
        """The layer's kind with its attributes."""
        return cast(KindAttributes, self.report.node.kind)

    @property
    def axes(self) -> int:
        """How many axes it works along: those of what it reads."""
        return self.report.node.kind.axes

    @property
    def geometry(self) -> Geometry:
        """Kernel, stride, padding and dilation of its window."""
        geometry = self.report.measures.geometry
        assert geometry is not None
        return geometry

    @property
    def padding(self) -> Pairs:
        """Padding of its window, before and after per axis."""
        pairs = (self.require(pair, "padding") for pair in self.geometry.padding)
        return tuple((before, after) for before, after in pairs)

    @property
    def amounts(self) -> Pairs:
        """Padding that is always given in numbers, before and after per axis."""
        assert not isinstance(self.kind.padding, str)
        return self.kind.padding

    @property
    def is_vector(self) -> bool:
        """Whether it reads a vector."""
        return len(self.report.in_shape) == 1

    @property
    def channels(self) -> int:
        """Channels of the input, or its length."""
        return self.require(self.report.in_shape[:1], "number of input channels")[0]

    @property
    def out_channels(self) -> int:
        """Channels of the output."""
        return self.require(self.report.out_shape[:1], "number of output channels")[0]

    @property
    def in_sizes(self) -> tuple[int, ...]:
        """Sizes of the map that it reads."""
        return self.require(self.report.in_shape[1:], "input's size")

    def number(self, name: str) -> float:
        """An attribute that changes no figure as the number that it is, also where it is text."""
        value = getattr(self.kind, name)
        try:
            return float(value)
        except (TypeError, ValueError):
            raise self.refuse(
                f"{name} must be a number for {self.tool}, not {value_text(value)}"
            ) from None

    def count(self, name: str) -> int:
        """An attribute that changes no figure as a whole number of at least 1."""
        value = self.number(name)
        if not value.is_integer() or value < 1:
            raise self.refuse(f"{name} must be a whole number of at least 1 for {self.tool}")
        return int(value)

    @property
    def probability(self) -> float:
        """The share that a dropout drops."""
        share = self.number("p")
        if not 0 <= share <= 1:
            raise self.refuse(f"p must be between 0 and 1 for {self.tool}, not {share:g}")
        return share

    @property
    def approximation(self) -> str:
        """How a GELU is computed."""
        word = self.kind.approximate
        if word not in ("none", "tanh"):
            found = value_text(word)
            raise self.refuse(f"approximate must be none or tanh for {self.tool}, not {found}")
        return str(word)

    @property
    def softmax_axis(self) -> int:
        """The axis of a softmax, counted from the batch: the channels, unless it says another."""
        name = "axis" if self.kind.dim is None else "dim"
        rank = len(self.report.in_shape) + 1
        axis = 1.0 if getattr(self.kind, name) is None else self.number(name)
        if axis not in range(-rank, rank) or axis in (0, -rank):
            raise self.refuse(f"{name} {axis:g} is no axis of its input, which are 1 to {rank - 1}")
        return int(axis) % rank

    def check_padding_within(self, mode: str, spare: int) -> None:
        """Refuse padding by a map's own numbers that needs more of them than it has."""
        for size, pair in zip(self.report.in_shape[1:], self.amounts):
            if size is not None and max(pair) > size - spare:
                raise self.refuse(
                    f"{self.tool} pads with mode {mode} by at most {size - spare} "
                    f"where a map has {size}, not by {max(pair)}"
                )

    def refuse(self, message: str) -> NetworkError:
        """The refusal of the layer."""
        node = self.report.node
        return NetworkError(message, path=node.path, line=node.line, layer=node.name)

    def require(self, numbers: Shape | Pair | None, what: str) -> tuple[int, ...]:
        """The numbers, refused where one is unknown."""
        if numbers is None or None in numbers:
            raise self.refuse(
                f"{self.tool} needs its {what}, which is unknown; give the whole input"
            )
        return cast(tuple[int, ...], numbers)


Writer = TypeVar("Writer", bound=Callable[..., Any])


def by_type(*writers: Writer) -> dict[str, Writer]:
    """Writers by the types of layers, after which they are called."""
    return {writer.__name__: writer for writer in writers}
