"""A unit's field as a drawing: its rectangle on the image, and which of its pixels are read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...record import Record
from ...studies.box import Side
from .svg import MARGIN, Theme, box_path, document, element, label, label_width, short
from .tones import BOLD, hatch, hatch_fill, mixture

HIGHEST, WIDEST, WIDEST_PIXEL = 470, 780, 36
STRIP = 72  # how high a map of one axis is drawn
TOP = 76
MOST_GAPS = 400
LEFT_OUT = re.compile("0+")

Span = tuple[float, float]


class FieldWords(Record):
    """What a drawing of a field says: above it, on the image, on the field, below it."""

    title: str
    subtitle: str
    image: str
    field: str
    notes: tuple[str, ...]


class _FieldAxis(Record):
    """An axis on the drawing: its pixel `first` begins at `start`; None for the side of a strip."""

    side: Side | None
    first: int
    pixels: int
    start: float
    scale: float

    @property
    def length(self) -> float:
        """How long it is on the drawing."""
        return self.pixels * self.scale

    def span(self, first: int, last: int) -> Span:
        """Where the pixels from first to last begin, and how long they are."""
        return self.start + (first - self.first) * self.scale, (last - first + 1) * self.scale

    @property
    def field(self) -> Span:
        """From the first pixel that is read to the last."""
        return self.span(self.side.first, self.side.last) if self.side else (self.start, self.scale)

    @property
    def image(self) -> Span | None:
        """The image, None where its size is not known."""
        if self.side is None:
            return self.start, self.scale
        return None if self.side.size is None else self.span(0, self.side.size - 1)

    def gaps(self) -> list[Span]:
        """Pixels within the field that are left out, in runs."""
        if self.side is None or self.side.mask is None:
            return []
        bits = f"{self.side.mask:b}"[::-1]
        first = self.side.first
        runs = [run.span() for run in LEFT_OUT.finditer(bits)]
        return [self.span(first + start, first + end - 1) for start, end in runs]


def field_drawing(
    sides: Sequence[Side], words: FieldWords, theme: Theme, photo: str | None = None
) -> str:
    """The drawing as SVG of a box' sides, one or two, with a picture's link beneath."""
    rows, columns = _axes(sides)
    image = _rectangle(rows.image, columns.image)
    field = _rectangle(rows.field, columns.field)
    content = [hatch(_hatch_colour(theme)), label(words.title, MARGIN, 38, "large")]
    content.append(label(words.subtitle, MARGIN, 55))
    content += _image(rows, columns, image, field, photo)
    content += _field(rows, columns, sides, image, field)
    content += _names(rows, columns, words)
    foot = TOP + rows.length + 26
    content += [label(note, MARGIN, foot + 16 * at) for at, note in enumerate(words.notes)]
    lines = (words.subtitle, *words.notes)
    widest = max(columns.length, label_width(words.title, BOLD), *map(label_width, lines))
    size = widest + 2 * MARGIN, foot + 16 * len(words.notes) + 8
    style = _style(theme, 30 if photo is None else 14)
    return document(words.title, size, theme, content, style, words.subtitle)


def gap_count(sides: Sequence[Side]) -> int:
    """How many runs of pixels are left out on all axes."""
    return sum(len(LEFT_OUT.findall(f"{side.mask:b}")) for side in sides if side.mask is not None)


def _axes(sides: Sequence[Side]) -> tuple[_FieldAxis, _FieldAxis]:
    """Rows and columns: both at one scale, at which image and field are in view."""
    spans = [(min(side.first, 0), max(side.last, (side.size or 0) - 1)) for side in sides]
    spans = [
        span if side.size is not None else (side.first, side.last)
        for side, span in zip(sides, spans)
    ]
    most = (HIGHEST, WIDEST)[-len(sides) :]
    counts = [last - first + 1 for first, last in spans]
    scale = min(WIDEST_PIXEL, *(room / count for room, count in zip(most, counts)))
    starts = (float(TOP), float(MARGIN))[-len(sides) :]
    axes = [
        _FieldAxis(side, first, count, start, scale)
        for side, (first, _), count, start in zip(sides, spans, counts, starts)
    ]
    rows, columns = axes if len(axes) == 2 else (_FieldAxis(None, 0, 1, float(TOP), STRIP), axes[0])
    return rows, columns


def _rectangle(rows: Span | None, columns: Span | None) -> str:
    """The path of so many rows and columns; empty where either is not known."""
    if rows is None or columns is None:
        return ""
    return box_path(columns[0], rows[0], columns[1], rows[1])


def _image(
    rows: _FieldAxis, columns: _FieldAxis, image: str, field: str, photo: str | None
) -> list[str]:
    if not image:
        return []
    if photo is None or rows.image is None or columns.image is None:
        return [element("path", class_="image", d=image)]
    (y, height), (x, width) = rows.image, columns.image
    corner = {"x": short(x), "y": short(y), "width": short(width), "height": short(height)}
    picture = element("image", **corner, href=photo, preserveAspectRatio="none")
    return [picture, element("path", class_="veil", d=image + field, fill_rule="evenodd")]


def _field(
    rows: _FieldAxis, columns: _FieldAxis, sides: Sequence[Side], image: str, field: str
) -> list[str]:
    """The rectangle, what is left out within it, what of it is outside the image, its centre."""
    down, across = rows.field, columns.field
    parts = [element("path", class_="read", d=field)]
    if gap_count(sides) <= MOST_GAPS:
        gaps = [_rectangle(down, gap) for gap in columns.gaps()]
        gaps += [_rectangle(gap, across) for gap in rows.gaps()]
        parts += [element("path", class_="gap", d="".join(gaps))] if gaps else []
    outside = field + _rectangle(_common(down, rows.image), _common(across, columns.image))
    if image and outside != field + field:
        parts.append(element("path", class_="outside", d=outside, fill_rule="evenodd"))
    places = {
        "data_first": ",".join(str(side.first) for side in sides),
        "data_last": ",".join(str(side.last) for side in sides),
    }
    parts += [element("path", class_="frame", d=image)] if image else []
    parts.append(element("path", class_="field", d=field, **places))
    x, y = (short(start + length / 2) for start, length in (across, down))
    return [*parts, element("circle", class_="centre", cx=x, cy=y, r="4")]


def _common(one: Span, other: Span | None) -> Span | None:
    """What two spans share, None where that is nothing."""
    if other is None:
        return None
    start, end = max(one[0], other[0]), min(sum(one), sum(other))
    return (start, end - start) if start < end else None


def _names(rows: _FieldAxis, columns: _FieldAxis, words: FieldWords) -> list[str]:
    """What image and field are called, each within its corner, or beside it where it is small."""
    names = []
    (top, height), (left, width) = rows.field, columns.field
    wide = label_width(words.field)
    middle = top + height / 2 + 4
    if width > wide + 16 and height > 26:
        names.append(label(words.field, left + 8, top + 17, "halo name"))
    elif left + width + 8 + wide < columns.start + columns.length:
        names.append(label(words.field, left + width + 8, middle, "halo name"))
    else:
        names.append(label(words.field, left - 8, middle, "halo name", "end"))
    if rows.image is not None and columns.image is not None:
        names.append(_image_name(words.image, rows, columns))
    return names


def _image_name(name: str, rows: _FieldAxis, columns: _FieldAxis) -> str:
    """The image's name in the first of its corners where no edge of the field crosses it."""
    assert rows.image is not None and columns.image is not None
    (top, height), (left, width) = rows.image, columns.image
    wide = label_width(name)
    corners = [
        (y, x) for y in (top + height - 10, top + 17) for x in (left + 8, left + width - 8 - wide)
    ]
    free = (
        (y, x)
        for y, x in corners
        if not _crosses((y - 12, 16), (x - 4, wide + 8), rows.field, columns.field)
    )
    y, x = next(free, corners[0])
    return label(name, x, y, "halo")


def _crosses(rows: Span, columns: Span, down: Span, across: Span) -> bool:
    """Whether an edge of a rectangle goes through another, or the other begins where it does."""
    if _common(rows, down) is None or _common(columns, across) is None:
        return False
    within = all(
        outer[0] < inner[0] and sum(inner) < sum(outer)
        for inner, outer in ((rows, down), (columns, across))
    )
    return not within or rows[0] < down[0] + 22


def _hatch_colour(theme: Theme) -> str:
    return mixture(theme.ground, theme.accent, 60)


def _style(theme: Theme, filled: int) -> str:
    return (
        f".image{{fill:{theme.cell}}}.veil{{fill:{theme.ground};fill-opacity:.62}}"
        f".frame{{fill:none;stroke:{theme.line};stroke-width:1.2}}"
        f".read{{fill:{theme.accent};fill-opacity:.{filled}}}"
        f".gap{{fill:{mixture(theme.ground, theme.cell, 60)}}}"
        f".outside{{fill:{hatch_fill(_hatch_colour(theme))}}}"
        f".field{{fill:none;stroke:{theme.accent};stroke-width:2}}"
        f".centre{{fill:{theme.accent};stroke:{theme.ground};stroke-width:2}}"
        f".halo{{paint-order:stroke;stroke:{theme.ground};stroke-width:2.5;stroke-linejoin:round}}"
        f".name{{fill:{theme.accent};font-weight:600}}"
    )
