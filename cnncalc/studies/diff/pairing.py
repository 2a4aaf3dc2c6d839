"""Which layers of two networks correspond: an alignment of both lists with the fewest edits.

The edit distance of Levenshtein (1966), with what a pair costs by how alike its layers are; within
a band that is widened until the distance is proven (Ukkonen 1985, Algorithms for approximate
string matching).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...exporters.folding import attributes
from ...network.network import Network, Node
from ...record import Record

WIDEST_BAND = 400
PAIR, ONLY_OLD, ONLY_NEW = 1, 2, 3


class Item(Record):
    """What is compared of a layer; a name of its type's with a number is `automatic`."""

    type: str
    attributes: str
    name: str
    automatic: bool

    def is_called_as(self, other: Item) -> bool:
        """Whether the names are equal, or neither was given."""
        return self.name == other.name or (self.automatic and other.automatic)


def items(network: Network) -> list[Item]:
    """What is compared of every layer."""
    return [_item(node) for node in network.nodes]


def _item(node: Node) -> Item:
    own = node.name.rpartition(".")[2]
    automatic = re.fullmatch(rf"{re.escape(node.type)}\d+", own) is not None
    shown = repr(sorted(attributes(node).items(), key=lambda pair: pair[0]))
    return Item(node.type, shown, node.name, automatic)


def distance(old: Item, new: Item) -> tuple[int, int] | None:
    """Edits that make a layer the other, and how unlike they are; None where they do not pair."""
    renamed = not old.is_called_as(new)
    if old.type != new.type:
        return None if renamed else (1, 9)
    edited = old.attributes != new.attributes
    return int(renamed or edited), renamed + 2 * edited


def pairs(old: Sequence[Item], new: Sequence[Item]) -> list[tuple[int | None, int | None]]:
    """Places in both lists, None where a layer has no counterpart, in order."""
    start = 0
    while start < min(len(old), len(new)) and distance(old[start], new[start]) == (0, 0):
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and distance(old[-1 - end], new[-1 - end]) == (
        0,
        0,
    ):
        end += 1
    head: list[tuple[int | None, int | None]] = [(place, place) for place in range(start)]
    middle = _alignment(old[start : len(old) - end], new[start : len(new) - end])
    shifted = [(_plus(one, start), _plus(two, start)) for one, two in middle]
    tail = [(len(old) - back, len(new) - back) for back in range(end, 0, -1)]
    return [*head, *shifted, *tail]


def _plus(place: int | None, shift: int) -> int | None:
    return None if place is None else place + shift


def _alignment(old: Sequence[Item], new: Sequence[Item]) -> list[tuple[int | None, int | None]]:
    """The alignment of the fewest edits; of very unlike lists the best within a wide band."""
    band = max(8, 2 * abs(len(old) - len(new)))
    while True:
        edits, moves = _within(old, new, band)
        if edits <= band or band >= min(max(len(old), len(new)), WIDEST_BAND):
            return moves
        band *= 2


def _within(
    old: Sequence[Item], new: Sequence[Item], band: int
) -> tuple[int, list[tuple[int | None, int | None]]]:
    """Edits of the best alignment whose places differ by no more than the band, and its pairs."""
    # Unlikeness decides among alignments of equally many edits.
    unit = 10 * (len(old) + len(new) + 1)
    band = max(band, abs(len(old) - len(new)))
    infinite = unit * unit
    steps: list[bytearray] = []
    above: list[int] = []
    for row in range(len(old) + 1):
        low = max(row - band, 0)
        costs: list[int] = []
        taken = bytearray()
        for column in range(low, min(row + band, len(new)) + 1):
            best, step = (0, 0) if row == column == 0 else (infinite, 0)
            place = column - max(row - 1 - band, 0)
            if row and place < len(above) and above[place] + unit < best:
                best, step = above[place] + unit, ONLY_OLD
            if column > low and costs[-1] + unit < best:
                best, step = costs[-1] + unit, ONLY_NEW
            if row and column and 1 <= place <= len(above):
                apart = distance(old[row - 1], new[column - 1])
                if apart is not None:
                    cost = above[place - 1] + apart[0] * unit + apart[1]
                    if cost <= best:
                        best, step = cost, PAIR
            costs.append(best)
            taken.append(step)
        above = costs
        steps.append(taken)
    return above[-1] // unit, _walk(steps, len(old), len(new), band)


def _walk(
    steps: Sequence[bytearray], row: int, column: int, band: int
) -> list[tuple[int | None, int | None]]:
    found: list[tuple[int | None, int | None]] = []
    while row or column:
        step = steps[row][column - max(row - band, 0)]
        row, column = row - (step != ONLY_NEW), column - (step != ONLY_OLD)
        found.append((row if step != ONLY_NEW else None, column if step != ONLY_OLD else None))
    return found[::-1]
