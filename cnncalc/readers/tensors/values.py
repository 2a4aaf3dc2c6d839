"""What a traced tensor stands for: a layer's output, or constants."""

from __future__ import annotations

from math import prod
from typing import Any

from ...record import Record
from ..builder import Unreadable as Unreadable
from .layout import CHANNELS, Dims, canonical, sizes_of, whole

NO_NAMES: frozenset[str] = frozenset()


def exact(number: Any) -> Any:
    """A number as it is written, exactly: an integer or a fraction."""
    from fractions import Fraction

    value = Fraction(repr(number) if isinstance(number, float) else number)
    return value.numerator if value.denominator == 1 else value


class Draft:
    """A layer in the making; its attributes may still change, and other drafts may read it.

    `names` are the parameters and statistics that it counts; `shape` is what it gives, empty where
    that is not known.
    """

    __slots__ = ("attributes", "name", "names", "shape", "shares", "sources", "type")

    def __init__(
        self,
        type_name: str,
        name: str,
        sources: tuple[Draft, ...] = (),
        names: frozenset[str] = NO_NAMES,
        shares: Draft | None = None,
        **attributes: Any,
    ) -> None:
        self.type = type_name
        self.name = name
        self.sources = sources
        self.names = names
        self.shares = shares
        self.attributes = attributes
        self.shape: tuple[int, ...] = ()

    def become(self, type_name: str, sources: tuple[Draft, ...], **attributes: Any) -> None:
        """Be a layer of another type that reads other layers."""
        self.type, self.sources, self.attributes = type_name, sources, attributes

    def learn(self, key: str, names: frozenset[str]) -> None:
        """Count more parameters, those that a switch (`bias`, `affine`) is about."""
        self.attributes[key] = True
        self.names |= names


class Value(Record):
    """A tensor that a layer gives: (channels, *sizes), or a vector of `channels` without sizes.

    `dims` says where these are in the tensor, `scope` in which module they were moved there.
    `padding` is still to be added around the map by the convolution that reads it.
    """

    layer: Draft
    channels: int
    sizes: tuple[int, ...]
    dims: Dims
    regions: int = 1
    scope: str = ""
    padding: tuple[tuple[int, int], ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """The tensor's shape."""
        return sizes_of(self.dims)

    @property
    def single(self) -> bool:
        """Whether it is a map of one unit."""
        return bool(self.sizes) and set(self.sizes) == {1}

    @property
    def is_vector(self) -> bool:
        """Whether it is a vector, not a map."""
        return not self.sizes

    def axis(self, dim: int) -> int | None:
        """The axis of the layer that a dimension is, all of it; None where it is no such."""
        if self.dims == canonical(self.channels, self.sizes, self.regions):
            return dim - 2 if dim > 1 else CHANNELS if dim == 1 else None
        for axis, size in enumerate((*self.sizes, self.channels)):
            axis = CHANNELS if axis == len(self.sizes) else axis
            if size > 1 and self.dims[dim] == whole(axis, size):
                return axis
        return None


class Opaque:
    """The output of an unknown layer, of which not even a shape is known."""

    def __init__(self, layer: Draft) -> None:
        self.layer = layer


def map_value(layer: Draft, shape: tuple[int, ...]) -> Value:
    """The value of a layer that gives a tensor of a shape (batch, channels, *axes)."""
    regions, channels, *sizes = shape
    return Value(layer, channels, tuple(sizes), canonical(channels, sizes, regions), regions)


class Constant(Record):
    """A tensor that does not depend on the input; `names` of what it is made of."""

    shape: tuple[int, ...]
    names: frozenset[str] = NO_NAMES

    @property
    def count(self) -> int:
        """How many numbers it has."""
        return prod(self.shape)


class Indices(Record):
    """Where a max pool found its maxima, in a map of `sizes`."""

    pool: Draft
    sizes: tuple[int, ...]
