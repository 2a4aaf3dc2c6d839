"""What an analysis found of one layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..arithmetic import Exact, Number, Shape
from ..fields.field import Figures
from ..layers.base import Geometry
from ..record import Record
from .columns import plain_layer

if TYPE_CHECKING:
    from fractions import Fraction

    from ..network.network import Node


class Measures(Record):
    """What a layer's kind says of it, per input of one region and a batch of one."""

    out_shape: Shape
    geometry: Geometry | None
    groups: Number
    weight_shape: Shape | None
    params: Number
    buffers: Number
    macs: Number
    product_macs: Number
    activations: Number


def exact(value: Exact | None) -> int | Fraction | None:
    """A figure as Python's exact number."""
    if not isinstance(value, tuple):
        return value
    from fractions import Fraction

    return Fraction(*value)


class LayerReport(Record):
    """The figures of one layer. Per-axis values are tuples; unknown ones are None."""

    node: Node
    sources: tuple[str, ...]
    in_shapes: tuple[Shape, ...]
    measures: Measures
    scale: int
    figures: tuple[Figures, ...]
    aligned: bool | None
    is_global: bool
    changes_field: bool
    through: str | None = None

    @property
    def gated(self) -> bool:
        """Whether some paths from the input, not all, go through a layer that reads a whole map.

        Its figures are those of the other paths; `through` names such a layer.
        """
        return self.through is not None and not self.is_global

    def __repr__(self) -> str:
        return f"<{self.layer}: {self.type} {self.out_shape}, rf {self.rf}>"

    @property
    def index(self) -> int:
        """The layer's place in the network, from 1."""
        return self.node.index

    @property
    def layer(self) -> str:
        """The layer's name."""
        return self.node.name

    @property
    def type(self) -> str:
        """The layer's type."""
        return self.node.type

    @property
    def in_shape(self) -> Shape:
        """Shape of the first input."""
        return self.in_shapes[0]

    @property
    def out_shape(self) -> Shape:
        """(channels, *axes), or (length,) for a vector."""
        return self.measures.out_shape

    @property
    def kernel(self) -> tuple[int, ...] | None:
        """Kernel size per axis."""
        geometry = self.measures.geometry
        return geometry.kernel if geometry else None

    @property
    def stride(self) -> tuple[int, ...] | None:
        """Stride per axis."""
        geometry = self.measures.geometry
        return geometry.stride if geometry else None

    @property
    def padding(self) -> tuple[tuple[Number, Number], ...] | None:
        """Padding (before, after) per axis."""
        geometry = self.measures.geometry
        return geometry.padding if geometry else None

    @property
    def dilation(self) -> tuple[int, ...] | None:
        """Dilation per axis."""
        geometry = self.measures.geometry
        return geometry.dilation if geometry else None

    @property
    def groups(self) -> Number:
        """Groups of a convolution."""
        return self.measures.groups

    @property
    def weight_shape(self) -> Shape | None:
        """Shape of the weight, channels first."""
        return self.measures.weight_shape

    @property
    def params(self) -> Number:
        """Trainable numbers."""
        return self.measures.params

    @property
    def buffers(self) -> Number:
        """Running statistics."""
        return self.measures.buffers

    @property
    def macs(self) -> Number:
        """Multiply–accumulates, for all regions and the whole batch."""
        return None if self.measures.macs is None else self.measures.macs * self.scale

    @property
    def product_macs(self) -> Number:
        """Those of the multiply–accumulates that are products of activations."""
        count = self.measures.product_macs
        return None if count is None else count * self.scale

    @property
    def flops(self) -> Number:
        """Floating-point operations: twice the multiply–accumulates."""
        return None if self.macs is None else 2 * self.macs

    @property
    def activations(self) -> Number:
        """Output elements, for all regions and the whole batch."""
        count = self.measures.activations
        return None if count is None else count * self.scale

    @property
    def rf(self) -> tuple[Number, ...]:
        """Receptive field per axis, in input pixels: the largest over the phases."""
        return tuple(figure.rf for figure in self.figures)

    @property
    def rf_min(self) -> tuple[Number, ...]:
        """Receptive field per axis, in input pixels: the smallest over the phases."""
        return tuple(figure.rf_min for figure in self.figures)

    @property
    def eff_stride(self) -> tuple[int | Fraction | None, ...]:
        """Input pixels from one unit's field to the next one's, per axis."""
        return tuple(exact(figure.eff_stride) for figure in self.figures)

    @property
    def eff_pad(self) -> tuple[Number, ...]:
        """How many pixels the first unit's field starts before the input, per axis."""
        return tuple(figure.eff_pad for figure in self.figures)

    @property
    def center(self) -> tuple[int | Fraction | None, ...]:
        """Centre of the first unit's field, the input's first pixel being 0, per axis."""
        return tuple(exact(figure.center) for figure in self.figures)

    @property
    def coverage(self) -> tuple[int | Fraction | None, ...]:
        """Share of the pixels within rf that are read, per axis."""
        return tuple(exact(figure.coverage) for figure in self.figures)

    def to_dict(self) -> dict[str, Any]:
        """The layer in JSON's form."""
        return plain_layer(self)
