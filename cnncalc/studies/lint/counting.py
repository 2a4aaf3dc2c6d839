"""What a layer's windows read of a map on one axis, counted exactly.

`size` is the map's number of units, `outputs` the layer's. A count is None where it depends on a
number that is not given, or where the map is too large to count its units one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod

from ...arithmetic import Number
from ...fields.composition import over_all_units, through
from ...fields.extent import MAX_MASK_PIXELS, UNCOUNTED
from ...fields.field import origin
from ...fields.window import WHOLE, Window
from ...record import Record


def read_mask(window: Window | None, size: Number, outputs: Number) -> int | None:
    """Bit mask of the units that any window reads, the map's first unit being bit 0.

    >>> from cnncalc.fields.window import sliding
    >>> bin(read_mask(sliding(kernel=1, stride=2, before=0), size=5, outputs=3))
    '0b10101'
    """
    if window is None or size is None or size > MAX_MASK_PIXELS:
        return None
    if window is WHOLE:
        return (1 << size) - 1
    if outputs is None:
        return None
    read = over_all_units(through(origin(), window, size), outputs)
    if read.extent is None:
        return 0 if read.known else None
    first, last, units = read.extent
    if units == UNCOUNTED:
        return None
    if units is None:
        ahead, end = max(first, 0), min(last, size - 1)
        return (1 << (end + 1)) - (1 << ahead) if ahead <= end else 0
    if first >= size:
        return 0
    return (units << first if first >= 0 else units >> -first) & ((1 << size) - 1)


def in_none(masks: Iterable[tuple[int, ...]], sizes: Sequence[int]) -> int:
    """Units of a map that none of its readers reads, from the readers' masks per axis.

    A reader reads the units whose places are in its masks on all axes. Places that the same
    readers read are counted together, so the map's units are never gone through.

    >>> in_none([(0b0101, 0b0101), (0b1010, 0b1010)], (4, 4))
    8
    """
    readers = set(masks)
    if not readers:
        return prod(sizes)
    if not sizes:
        return 0
    places = {(1 << sizes[0]) - 1: set[tuple[int, ...]]()}
    for reader in readers:
        places = _split(places, reader)
    return sum(place.bit_count() * in_none(rest, sizes[1:]) for place, rest in places.items())


def _split(
    places: dict[int, set[tuple[int, ...]]], reader: tuple[int, ...]
) -> dict[int, set[tuple[int, ...]]]:
    """The places by what their readers read on the other axes, with one more reader among them."""
    result: dict[int, set[tuple[int, ...]]] = {}
    for place, rest in places.items():
        result[place & reader[0]] = {*rest, reader[1:]}
        result[place & ~reader[0]] = rest
    result.pop(0, None)
    return result


def read_share(window: Window | None) -> tuple[int, int] | None:
    """How many of a period's units are read away from the borders, and how many there are.

    >>> from cnncalc.fields.window import sliding
    >>> read_share(sliding(kernel=3, stride=4, before=1))
    (3, 4)
    """
    if window is None or window is WHOLE or not window.reads:
        return None
    shift = window.shift
    if sum(min(count, shift) for _, _, count in window.reads) > MAX_MASK_PIXELS:
        return None
    read = {
        (first + tap * step) % shift
        for first, step, count in window.reads
        for tap in range(min(count, shift))
    }
    return len(read), shift


class Taps(Record):
    """How often a kernel's taps meet a unit of the map (`live`), of how many times (`all`).

    `idle` taps never meet one: they read padding for every unit.
    """

    live: int
    all: int
    idle: int


def live_taps(window: Window | None, size: Number, outputs: Number) -> Taps | None:
    """Over all units and taps, how often a tap meets a unit of the map.

    >>> from cnncalc.fields.window import sliding
    >>> live_taps(sliding(kernel=3, stride=1, before=4, dilation=4), size=5, outputs=5)
    Taps(live=7, all=15, idle=0)
    """
    if window is None or window is WHOLE or size is None or outputs is None:
        return None
    if window.period != 1 or not window.reads or window.floating is not None:
        return None
    stride = window.shift
    first, step, count = window.reads[0]
    if count > MAX_MASK_PIXELS:
        return None
    live = idle = 0
    for place in range(first, first + count * step, step):
        least, most = max(0, -(place // stride)), min(outputs - 1, (size - 1 - place) // stride)
        live += max(0, most - least + 1)
        idle += most < least
    return Taps(live, outputs * count, idle)
