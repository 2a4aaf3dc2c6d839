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


class KindAttributes(Protocol):
    """The attributes that exporters ask for. A kind has some; those that it only keeps are any."""

    padding: Pairs | str
    output_padding: tuple[int, ...]
    groups: int
    multiplier: int
    bias: bool
    ceil_mode: bool | str
    count_include_pad: Any
    output_size: tuple[int, ...]
    regions: int
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


class LayerContext(Record):
    """A layer to write, of a network of so many axes; `tool` is what a refusal says of whom."""

    report: LayerReport
    axes: int

    tool = ""

    @property
    def kind(self) -> KindAttributes:
        """The layer's kind with its attributes."""
        return cast(KindAttributes, self.report.node.kind)

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
