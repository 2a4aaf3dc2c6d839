"""The units of one axis that one unit reads through, layer by layer, and the paths to each.

A tap that is read is a path, and a merge hands a path to each of its inputs. Borders are ignored,
as in every field: units beyond them, which padding stands for, hand on what they are reached by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from ...analysis.trace import Trace
from ...arithmetic import Number
from ...errors import UsageError
from ...fields.composition import AxisField
from ...fields.field import Field
from ...fields.unit_field import UnitField
from ...fields.window import IDENTITY, Window
from ...record import Record
from ...studies.box import known_field
from ...studies.erf.sources import local_places
from ...wording import quote

MOST_READS = 4_000_000
MOST_PHASES, FEW_READS = 64, 50_000  # of units whose paths are all counted
Places = tuple[Fraction, Fraction]


class Link(Record):
    """A layer whose units are read, by its index, and how."""

    index: int
    window: Window


class ConeRow(Record):
    """The units of a layer's map on one axis that paths reach.

    `paths` are how many reach each unit from `first` on, 0 for one that is left out; `size` is the
    map's. Unit u is centred at pixel `centre` + `step`·u of the origin. `links` are the rows that
    it reads, past layers that leave units as they are.
    """

    index: int
    layer: str
    size: Number
    first: int
    paths: tuple[int, ...]
    centre: Fraction
    step: Fraction
    links: tuple[Link, ...]

    @property
    def last(self) -> int:
        """The last unit that a path reaches."""
        return self.first + len(self.paths) - 1


class Cone(Record):
    """What a unit reads through on one axis: its row first, the origin's last.

    `passed` is how many layers between leave every unit as it is, and have no row. `phases` are how
    many paths in all each of the layer's units has, by its phase; empty where all have as many, or
    where that takes too much to tell.
    """

    axis: str
    unit: int
    rows: tuple[ConeRow, ...]
    passed: int
    phases: tuple[int, ...] = ()


def cone_of(trace: Trace, index: int, axis: int, unit: int) -> Cone:
    """The cone of a layer's unit on an axis.

    Raises UsageError where it is not known what units read, or where they are too many.
    """
    name = trace.name(index)
    if index <= 0:
        raise UsageError("the input reads nothing; name a layer")
    field = known_field(trace.fields[index][axis], name, trace.axes[axis], trace)
    if not isinstance(field, (Field, UnitField)):
        whole = "reads a whole map" if not hasattr(field, "row") else "has tokens"
        raise UsageError(
            f"layer {quote(name)} {whole}: no unit of it has a place on axis {trace.axes[axis]}; "
            "draw the cone of a layer before it"
        )
    counts, reads = _paths(trace, index, axis, unit)
    shown = [each for each in counts if each in (index, trace.origin) or _moves(trace, each, axis)]
    rows = tuple(_row(trace, each, axis, counts[each]) for each in shown)
    phases: tuple[int, ...] = ()
    if isinstance(field, Field) and 1 < field.period <= MOST_PHASES // (1 + reads // FEW_READS):
        every = [_paths(trace, index, axis, phase)[0] for phase in range(field.period)]
        phases = tuple(each.get(trace.origin, Counter()).total() for each in every)
    alike = len({*phases}) < 2
    passed = len(counts) - len(rows)
    return Cone(trace.axes[axis], unit, rows, passed, () if alike else phases)


def _paths(trace: Trace, index: int, axis: int, unit: int) -> tuple[dict[int, Counter[int]], int]:
    """By layers' indices, from the cone's own down, how many paths reach each unit; reads taken."""
    waiting = {index: Counter({unit: 1})}
    known: dict[int, Counter[int]] = {}
    reads = MOST_READS
    while waiting:
        here = max(waiting) if max(waiting) > trace.origin else trace.origin
        units = known[here] = waiting.pop(here)
        if here == trace.origin:
            continue
        for source in _sources(trace, here, axis):
            below = waiting.setdefault(source.index, Counter())
            for place, paths in units.items():
                first, step, count = source.window.read(place)
                reads -= count * (1 + paths.bit_length() // 1000)
                if reads < 0:
                    raise UsageError(
                        f"the cone of layer {quote(trace.name(index))} has over {MOST_READS:,} "
                        "reads of units, too many to draw"
                    )
                for tap in range(first, first + step * count, step):
                    below[tap] += paths
    return {here: units for here, units in known.items() if units}, MOST_READS - reads


def _sources(trace: Trace, index: int, axis: int) -> list[Link]:
    """The inputs of a layer that its field comes from, an input that is merged twice twice."""
    node, windows = trace.node(index), trace.windows[index]
    links = []
    for place in local_places(trace, index):
        window = windows[place][axis]
        assert window is not None, "its field would not be known"
        links.append(Link(node.sources[place], window))
    return links


def _moves(trace: Trace, index: int, axis: int) -> bool:
    """Whether a layer's units are others than those that it reads, on an axis."""
    return any(source.window != IDENTITY for source in _sources(trace, index, axis))


def _links(trace: Trace, index: int, axis: int) -> tuple[Link, ...]:
    """What a layer reads, past layers that leave units as they are."""
    links = []
    for source in _sources(trace, index, axis) if index != trace.origin else ():
        waiting, seen = [source.index], set()
        while waiting:
            below = waiting.pop()
            if below in seen:
                continue
            seen.add(below)
            if below == trace.origin or _moves(trace, below, axis):
                links.append(Link(below, source.window))
            else:
                waiting += [each.index for each in _sources(trace, below, axis)]
    return tuple(links)


def _row(trace: Trace, index: int, axis: int, units: Counter[int]) -> ConeRow:
    first, last = min(units), max(units)
    size = trace.shape(index)[1 + axis]
    field = trace.fields[index][axis]
    centre, step = _places(field, size, trace.origin_sizes[axis])
    paths = tuple(units[unit] for unit in range(first, last + 1))
    links = _links(trace, index, axis)
    return ConeRow(index, trace.name(index), size, first, paths, centre, step, links)


def _places(field: AxisField, size: Number, pixels: Number) -> Places:
    """Where unit 0 is centred, and how far each is from the last: on average, over its phases."""
    if isinstance(field, Field) and field.shift and field.extents is not None:
        step = Fraction(field.shift, field.period)
        extents = enumerate(field.extents)
        offsets = [Fraction(e[0] + e[1], 2) - step * unit for unit, e in extents if e]
        if offsets:
            return _mean(offsets), step
    step = Fraction(pixels, size) if size and pixels else Fraction(1)
    return (step - 1) / 2, step


def _mean(numbers: Sequence[Fraction]) -> Fraction:
    return sum(numbers, Fraction(0)) / len(numbers)
