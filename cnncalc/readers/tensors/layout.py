"""Where a tensor's dimensions hold the channels and axes of the layer that it comes from.

A dimension is made of parts (axis, step, size): the index along it counts that axis of the layer by
steps. `view` and `permute` move parts about; what a layer reads shows from where they end.
Dimensions of size 1 have no parts, and a batch of one is such a dimension.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod

CHANNELS, REGIONS, REPEATED = -1, -2, -3

Part = tuple[int, int, int]
Dim = tuple[Part, ...]
Dims = tuple[Dim, ...]


def whole(axis: int, size: int) -> Dim:
    """A dimension that is one axis of the layer."""
    return () if size == 1 else ((axis, 1, size),)


def canonical(channels: int, sizes: Sequence[int], regions: int = 1) -> Dims:
    """Dimensions of a layer's output in its own order: batch or regions, channels, axes."""
    axes = (whole(axis, size) for axis, size in enumerate(sizes))
    return (whole(REGIONS, regions), whole(CHANNELS, channels), *axes)


def size_of(dim: Dim) -> int:
    """The size of a dimension."""
    return prod(size for _, _, size in dim)


def sizes_of(dims: Dims) -> tuple[int, ...]:
    """The tensor's shape."""
    return tuple(map(size_of, dims))


def reshaped_dims(dims: Dims, shape: Sequence[int]) -> Dims | None:
    """The dimensions under another shape; None where an axis would be cut unevenly.

    >>> reshaped_dims(canonical(6, (4,)), (1, 2, 3, 4))
    ((), ((-1, 3, 2),), ((-1, 1, 3),), ((0, 1, 4),))
    """
    left = [part for dim in dims for part in dim]
    made = []
    for wanted in shape:
        taken: list[Part] = []
        while wanted > 1:
            if not left:
                return None
            axis, step, size = left.pop(0)
            if wanted % size == 0:
                taken.append((axis, step, size))
                wanted //= size
            elif size % wanted == 0:
                rest = size // wanted
                taken.append((axis, step * rest, wanted))
                left.insert(0, (axis, step, rest))
                wanted = 1
            else:
                return None
        made.append(joined_parts(taken))
    return None if left else tuple(made)


def joined_parts(parts: Iterable[Part]) -> Dim:
    """A dimension of parts, neighbours that count on as one.

    >>> joined_parts([(0, 3, 2), (0, 1, 3)])
    ((0, 1, 6),)
    """
    made: list[Part] = []
    for axis, step, size in parts:
        if made and made[-1][0] == axis != REPEATED and made[-1][1] == step * size:
            size *= made.pop()[2]
        made.append((axis, step, size))
    return tuple(made)


def axes_in(dim: Dim) -> set[int]:
    """The axes that a dimension has parts of."""
    return {axis for axis, _, _ in dim}


def is_whole(dim: Dim, axis: int, size: int) -> bool:
    """Whether a dimension is one axis of the layer, all of it."""
    return dim == whole(axis, size)


def without_repeats(dims: Dims) -> Dims:
    """The dimensions before they were expanded."""
    return tuple(tuple(part for part in dim if part[0] != REPEATED) for dim in dims)


def in_order(dims: Dims, channels: int, sizes: Sequence[int]) -> bool:
    """Whether the numbers are in the order in which the layer gives them."""
    parts = joined_parts(part for dim in dims for part in dim if part[0] != REGIONS)
    order = canonical(channels, sizes)
    return parts == joined_parts(part for dim in order for part in dim)


def shuffled_groups(dim: Dim, channels: int) -> int | None:
    """Groups of the channel shuffle that makes a dimension; None where it is none."""
    if len(dim) != 2 or axes_in(dim) != {CHANNELS}:
        return None
    (_, _, inner), (_, _, groups) = dim
    return groups if dim == ((CHANNELS, 1, inner), (CHANNELS, inner, groups)) else None


def shuffle_factor(dims: Dims, channels: int, sizes: Sequence[int]) -> int | None:
    """Factor r where r² parts of the channels went into the axes: a pixel shuffle."""
    moved = []
    for axis, (dim, size) in enumerate(zip(dims[2:], sizes)):
        own = whole(axis, size)
        if dim[: len(own)] != own:
            return None
        moved.append(dim[len(own) :])
    parts = [part for dim in moved for part in dim] + list(dims[1])
    if any(len(dim) != 1 for dim in moved) or not has_all(parts, CHANNELS, channels):
        return None
    return _same([dim[0][2] for dim in moved])


def depth_factor(dims: Dims, channels: int, sizes: Sequence[int]) -> int | None:
    """Factor r where every axis gave its r nearest units to the channels: space to depth."""
    moved = [part for part in dims[1] if part[0] != CHANNELS]
    kept = tuple(part for part in dims[1] if part[0] == CHANNELS)
    factor = _same([size for _, _, size in moved])
    if factor is None or joined_parts(kept) != whole(CHANNELS, channels):
        return None
    if sorted(moved) != [(axis, 1, factor) for axis in range(len(sizes))]:
        return None
    for axis, (dim, size) in enumerate(zip(dims[2:], sizes)):
        coarse = ((axis, factor, size // factor),) if size > factor else ()
        if size % factor or dim != coarse:
            return None
    return factor


def _same(factors: list[int]) -> int | None:
    return factors[0] if factors and len(set(factors)) == 1 else None


def has_all(parts: Iterable[Part], axis: int, size: int) -> bool:
    """Whether parts, in any order, are one axis, all of it."""
    ordered = sorted(parts, key=lambda part: -part[1])
    return joined_parts(ordered) == whole(axis, size)
