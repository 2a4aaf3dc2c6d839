"""Marks that step through all units of a layer: along columns first, then to the next row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .reach import Reach
from .scene import TAP, Panel, Sizes, require_small
from .svg import PITCH, box_path, element, run, short

STEP = 0.6  # seconds that a unit is shown
AWAY = "translate(-9999px)"

Move = tuple[int, int]  # by so many cells, so many times as long


class Motion:
    """How marks move over so many units, rows and columns; ways that are alike are one rule."""

    def __init__(self, units: Sizes) -> None:
        self.units = units
        self.names: dict[tuple[str, str], str] = {}

    @property
    def style(self) -> str:
        """The rules of all ways; who asks for less motion sees the first unit."""
        rules = "".join(
            f"@keyframes {name}{{{frames}}}.{name}{{animation:{name} {timing} infinite}}"
            for (frames, timing), name in self.names.items()
        )
        return f"{rules}@media(prefers-reduced-motion:reduce){{svg *{{animation:none!important}}}}"

    def marks(self, panel: Panel, clip: str) -> Iterator[str]:
        """The marks of what units reach on a map, a group a row; `clip` names where they show."""
        rows, columns = panel.axes
        taps = [max(map(len, axis.runs)) for axis in panel.axes]
        require_small(taps[0] * taps[1], "taps")
        tap, look = ("", f"{TAP} over") if panel.mark == TAP else (None, panel.mark)
        groups = []
        for row, row_way in self._ways(rows, 0, taps[0]):
            members = [
                element("path", d=run(column, row), data_tap=tap, **way)
                for column, way in self._ways(columns, 1, taps[1])
            ]
            groups.append(element("g", "".join(members), **row_way))
        content = "".join(groups)
        if all(map(_stays_on_cells, panel.axes)):
            yield element("g", content, class_=look)
            return
        size = (len(columns.cells) * PITCH, len(rows.cells) * PITCH)
        yield element("clipPath", element("path", d=box_path(0, 0, *size)), id=clip)
        content = element("g", content, class_=look)
        yield element("g", content, clip_path=f"url(#{clip})")

    def _ways(self, axis: Reach, number: int, count: int) -> list[tuple[int, dict[str, object]]]:
        """Where each tap of an axis is first, and the attributes that move it."""
        ways = []
        for tap in range(count):
            places = [run[tap] if tap < len(run) else None for run in axis.runs]
            first = next(place for place in places if place is not None)
            moves = [None if place is None else (place - first, 1) for place in places]
            ways.append((first - axis.cells.start, self._way(moves, number)))
        return ways

    def outline(self, panel: Panel) -> str:
        """The outline of what units reach."""
        sides, ways = [], []
        for number, axis in enumerate(panel.axes):
            spans = [axis.outline(unit) for unit in range(len(axis.runs))]
            lengths = {len(span) for span in spans if span is not None}
            length = lengths.pop() if len(lengths) == 1 else 1
            start = axis.cells.start
            moves = [None if s is None else (s.start - start, len(s) // length) for s in spans]
            sides.append(length * PITCH)
            ways.append(self._way(moves, number))
        frame = element("path", d=box_path(0, 0, sides[1], sides[0]), class_="outline")
        return element("g", element("g", frame, **ways[1]), **ways[0])

    def _way(self, moves: Sequence[Move | None], axis: int) -> dict[str, object]:
        """The attributes that move an element so from unit to unit of an axis."""
        first = moves[0]
        still = None if first == (0, 1) else _transform(first, axis).replace("px", "")
        if len(set(moves)) == 1:
            return {"transform": still}
        seconds = short(STEP * len(moves) * (self.units[1] if axis == 0 else 1))
        end = _even_end(moves)
        if end is None:
            way = "".join(_frames(moves, axis)), f"{seconds}s step-end"
        else:
            frames = f"to{{transform:{_transform((end, 1), axis)}}}"
            way = frames, f"{seconds}s steps({len(moves)})"
        return {"class_": self.names.setdefault(way, f"k{len(self.names)}"), "transform": still}


def _stays_on_cells(axis: Reach) -> bool:
    return all(run[0] in axis.cells and run[-1] in axis.cells for run in axis.runs if run)


def _even_end(moves: Sequence[Move | None]) -> int | None:
    """Where a way that begins at its place would go on to, if all of its steps are equal."""
    if None in moves or moves[0] != (0, 1):
        return None
    step = moves[1][0]  # type: ignore[index]
    even = all(move == (step * unit, 1) for unit, move in enumerate(moves))
    return step * len(moves) if even else None


def _frames(moves: Sequence[Move | None], axis: int) -> Iterator[str]:
    """A keyframe for every unit at which the mark moves."""
    for unit, move in enumerate(moves):
        if not unit or move != moves[unit - 1]:
            share = f"{100 * unit / len(moves):.4f}".rstrip("0").rstrip(".")
            yield f"{share}%{{transform:{_transform(move, axis)}}}"


def _transform(move: Move | None, axis: int) -> str:
    if move is None:
        return AWAY
    cells, times = move
    along, scale = f"{cells * PITCH}px", str(times)
    pair, scales = (f"0,{along}", f"1,{scale}") if axis == 0 else (f"{along},0", f"{scale},1")
    return f"translate({pair})" + (f" scale({scales})" if times != 1 else "")
