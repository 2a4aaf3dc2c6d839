"""How something is distributed over the pixels of one axis: whole numbers of a common total."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd, lcm

from ...record import Record

WIDER = 2  # for how many more bytes than it takes a number is given room, as one in so many


class Distribution:
    """Whole numbers for `pixels` pixels from the `first` on, which add up to `total`.

    They are packed into one integer, `width` bytes each, the first pixel's lowest: what is moved,
    scaled and added is then all pixels at once.
    """

    __slots__ = ("first", "packed", "pixels", "total", "width")

    def __init__(self, first: int, pixels: int, total: int, width: int, packed: int) -> None:
        self.first = first
        self.pixels = pixels
        self.total = total
        self.width = width
        self.packed = packed

    def numbers(self) -> list[int]:
        """The number of each pixel, in order."""
        return [int.from_bytes(each, "little") for each in self._chunks()]

    def packed_in(self, width: int) -> int:
        """The packed numbers, of at least as many bytes each."""
        if width == self.width:
            return self.packed
        room = bytes(width - self.width)
        return int.from_bytes(b"".join([each + room for each in self._chunks()]), "little")

    def _chunks(self) -> list[bytes]:
        width, size = self.width, self.pixels * self.width
        data = self.packed.to_bytes(size, "little")
        return [data[start : start + width] for start in range(0, size, width)]


POINT = Distribution(0, 1, 1, 1, 1)
EMPTY = Distribution(0, 0, 0, 1, 0)


class Portion(Record):
    """So many copies of a distribution, the first moved by some pixels, each by `distance` more."""

    distribution: Distribution
    weight: int
    move: int
    distance: int
    count: int

    def is_whole(self, shares: bool) -> bool:
        """Whether it is its distribution as it is; shares alone need no weight."""
        return self.count == 1 and self.move == 0 and (shares or self.weight == 1)

    @property
    def first(self) -> int:
        """The first pixel of all copies."""
        return self.distribution.first + self.move

    @property
    def end(self) -> int:
        """The pixel after the last one of all copies."""
        return self.first + self.distribution.pixels + self.distance * (self.count - 1)


class Sum:
    """What parts add up to, as far as it takes little: its total and its pixels.

    Shares are brought to a common total before, so that a part counts by its weight alone.
    """

    def __init__(self, parts: Sequence[Portion], shares: bool) -> None:
        scales = [part.weight for part in parts]
        if shares:
            common = gcd(*scales)
            total = lcm(*[part.distribution.total for part in parts])
            pairs = zip(scales, parts)
            scales = [scale // common * (total // part.distribution.total) for scale, part in pairs]
        self.parts = list(zip(parts, scales))
        self.first = min(part.first for part in parts)
        self.pixels = max(part.end for part in parts) - self.first
        self.total = sum(s * part.distribution.total * part.count for part, s in self.parts)
        needed = (self.total.bit_length() + 7) // 8
        widest = max(part.distribution.width for part in parts)
        self.width = widest if needed <= widest else needed + needed // WIDER

    @property
    def size(self) -> int:
        """Bytes of the sum."""
        return self.pixels * self.width

    def distribution(self) -> Distribution:
        """The sum itself."""
        packed = 0
        for part, scale in self.parts:
            copies = _copies(part.distribution.packed_in(self.width), part, 8 * self.width)
            packed += copies * scale << 8 * self.width * (part.first - self.first)
        return Distribution(self.first, self.pixels, self.total, self.width, packed)


def _copies(packed: int, part: Portion, bits: int) -> int:
    """The sum of a part's copies, by doubling."""
    distance, left = part.distance * bits, part.count
    result, placed, power = 0, 0, packed
    have = 1
    while left:
        if left & 1:
            result += power << distance * placed
            placed += have
        left >>= 1
        if left:
            power += power << distance * have
            have *= 2
    return result
