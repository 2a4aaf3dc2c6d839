"""The pixels that one unit reads on one axis, and their unions.

An extent is (first pixel, last pixel, pixels between): the third is None where none is left out, a
bit mask from the first pixel on where some are, `UNCOUNTED` where the extent is too wide to keep a
mask. None stands for a unit that reads nothing.
"""

from __future__ import annotations

from ..arithmetic import Exact, ratio, within_limit

Extent = tuple[int, int, int | None]

UNCOUNTED = -1
MAX_MASK_PIXELS = 1 << 18
MAX_FIELD_PIXELS = 1 << 22  # over all phases of a field


def move(extent: Extent | None, pixels: int) -> Extent | None:
    """The extent, moved by so many pixels."""
    if extent is None:
        return None
    return extent[0] + pixels, extent[1] + pixels, extent[2]


def _mask(extent: Extent) -> int:
    first, last, pixels = extent
    return (1 << (last - first + 1)) - 1 if pixels is None else pixels


def _from_mask(first: int, last: int, mask: int) -> Extent:
    gapless = mask.bit_count() == last - first + 1
    return first, last, None if gapless else mask


def widest_mask(period: int) -> int:
    """Pixels up to which an extent of a field of so many phases keeps a mask."""
    return min(MAX_MASK_PIXELS, MAX_FIELD_PIXELS // period)


def union(one: Extent | None, other: Extent | None, widest: int = MAX_MASK_PIXELS) -> Extent | None:
    """The union of two extents; pixels are kept up to a width of `widest`."""
    if one is None or other is None:
        return one or other
    first, last = min(one[0], other[0]), max(one[1], other[1])
    if one[2] is None and other[2] is None:
        if one[0] <= other[1] + 1 and other[0] <= one[1] + 1:
            return first, last, None
    elif one[2] is None and one[0] == first and one[1] == last:
        return one
    elif other[2] is None and other[0] == first and other[1] == last:
        return other
    if UNCOUNTED in (one[2], other[2]) or last - first >= widest:
        return first, last, UNCOUNTED
    mask = _mask(one) << (one[0] - first) | _mask(other) << (other[0] - first)
    return _from_mask(first, last, mask)


def spread(
    extent: Extent | None, distance: int, count: int, widest: int = MAX_MASK_PIXELS
) -> Extent | None:
    """The union of `count` copies of an extent, each `distance` ≥ 0 pixels after the one before.

    Pixels are kept up to a width of `widest`.
    """
    if count < 1 or extent is None:
        return None
    first, last, pixels = extent
    end = within_limit(last - first + distance * (count - 1) + 1, "receptive field") + first - 1
    if count == 1 or (pixels is None and distance <= last - first + 1):
        return first, end, pixels
    if pixels == UNCOUNTED or end - first >= widest:
        return first, end, UNCOUNTED
    mask, copies = _mask(extent), 1
    while copies < count:
        more = min(copies, count - copies)
        mask |= mask << distance * more
        copies += more
    return _from_mask(first, end, mask)


def bounded_extent(extent: Extent | None) -> Extent | None:
    """The extent, refused where it is wider than 10^18 pixels."""
    if extent is not None:
        within_limit(extent[1] - extent[0] + 1, "receptive field")
    return extent


def coverage(extent: Extent) -> Exact | None:
    """The share of an extent's pixels that are read; None where they were not counted."""
    first, last, pixels = extent
    if pixels is None:
        return 1
    if pixels == UNCOUNTED:
        return None
    return ratio(pixels.bit_count(), last - first + 1)
