"""How much the fields of one analysis may take, so that no definition runs for hours."""

from __future__ import annotations

from collections.abc import Iterable

from .extent import UNCOUNTED, Extent, widest_mask

MOST_EXTENTS, EXTENTS_PER_LAYER = 2_500_000, 2
MOST_PIXELS = 1 << 28


class Effort:
    """Extents that may still be computed, and pixels that masks may still keep, of one analysis.

    Units that all read alike cost nothing: one extent a layer is within any bound.
    """

    __slots__ = ("extents", "pixels")

    def __init__(self, layers: int = 0) -> None:
        self.extents = MOST_EXTENTS + EXTENTS_PER_LAYER * layers
        self.pixels = MOST_PIXELS

    def take(self, extents: int) -> bool:
        """Take so many extents; False, and none taken, where fewer are left."""
        if extents > self.extents:
            return False
        self.extents -= extents
        return True

    def widest(self, phases: int) -> int:
        """Pixels up to which an extent of a field of so many phases keeps a mask."""
        return widest_mask(phases) if self.pixels > 0 else 0

    def keep(self, extents: Iterable[Extent | None]) -> None:
        """Take the pixels that the masks of a field keep."""
        for extent in extents:
            if extent is not None and extent[2] is not None and extent[2] != UNCOUNTED:
                self.pixels -= extent[1] - extent[0] + 1
