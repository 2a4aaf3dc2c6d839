"""A cone as a drawing: a row of units per layer, over the pixels that they read."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby

from ...wording import number
from .cone_rows import Cone, ConeRow
from .cone_sheet import TOP, ConeSheet, edge, row_name, sheet_of, units_between
from .svg import (
    MARGIN,
    MOST_BYTES,
    Theme,
    box_path,
    document,
    element,
    label,
    label_width,
    short,
)
from .tones import BOLD, TONES, accents, hatch, hatch_fill, mixture, place_text

MOST_LINES = 450
LEAST_CELL = 4  # wide, to be told from the next
FINEST, COARSEST = Fraction(3, 4), 64  # how wide what is drawn as one is at least
LARGEST_COUNT = 10**15
Runs = list[tuple[int, int, int]]


def cone_drawing(cone: Cone, title: str, subtitle: str, theme: Theme) -> str:
    """The drawing as SVG, as fine as its largest size allows."""
    sheet, finest = sheet_of(cone), FINEST
    lines = _tap_lines(sheet) if len(sheet.rows) == len(cone.rows) else []
    while True:
        drawing = _document(cone, sheet, lines, finest, (title, subtitle), theme)
        if len(drawing.encode()) <= MOST_BYTES or finest > COARSEST:
            return drawing
        finest, lines = finest * 2, []


def tones(row: ConeRow, together: int) -> Runs:
    """Runs of units of one tone: first, units, tone from 1 to 8, by the row's largest number.

    So many units are `together` where each would be too narrow, with their mean.
    """
    sums = [sum(row.paths[at : at + together]) for at in range(0, len(row.paths), together)]
    most = max(sums)
    levels = [-(-TONES * each // most) for each in sums]
    runs, at = [], row.first
    for level, alike in groupby(levels):
        units = len([*alike]) * together
        if level:
            runs.append((at, min(units, row.last + 1 - at), level))
        at += units
    return runs


def _document(
    cone: Cone,
    sheet: ConeSheet,
    lines: Sequence[str],
    finest: Fraction,
    head: tuple[str, str],
    theme: Theme,
) -> str:
    title, subtitle = head
    together = {row.index: _together(row, sheet, finest) for row in sheet.rows}
    content = [
        hatch(theme.ground),
        label(title, MARGIN, 38, "large"),
        label(subtitle, MARGIN, 55),
        _silhouette(sheet),
        *lines,
    ]
    words = [*map(_words, sheet.rows)]
    for row, top, count, is_break in zip(sheet.rows, sheet.tops, words, sheet.breaks):
        content += [_units(row, sheet, top, together[row.index]), *_padding(row, sheet, top)]
        content += _names(row, sheet, top, count)
        if is_break:
            content.append(label("⋮", sheet.left - 16, top - 4, anchor="end"))
    if sheet.units is not None:
        words.append(_range_words(sheet.units))
        content.append(_units(sheet.units, sheet, TOP, together[sheet.units.index], "units"))
        content += _names(sheet.units, sheet, TOP, words[-1])
    notes = _notes(cone, sheet, together[sheet.rows[-1].index])
    content += _ends(sheet)
    content += _legend(sheet, notes)
    side = max(map(label_width, words)) + 12
    widths = (label_width(title, BOLD), *map(label_width, (*notes, subtitle)))
    widest = max(sheet.right + side, MARGIN + max(widths))
    size = widest + MARGIN, sheet.bottom + 58 + 16 * len(notes) + 10
    return document(title, size, theme, content, _style(theme), subtitle)


def _style(theme: Theme) -> str:
    strokes = "".join(f".t{at}{{stroke:{hue}}}" for at, hue in enumerate(accents(theme), 1))
    lines = mixture(theme.ground, theme.accent, 42)
    return (
        f".row,.units{{fill:none}}.map{{stroke:{theme.cell}}}{strokes}"
        f".cone{{fill:{mixture(theme.ground, theme.accent, 9)}}}"
        f".taps{{fill:none;stroke:{lines};stroke-width:.8}}"
        f".hatch{{fill:{hatch_fill(theme.ground)}}}"
    )


def _together(row: ConeRow, sheet: ConeSheet, finest: Fraction) -> int:
    """How many units are drawn as one: a power of two."""
    together = 1
    while float(row.step) * sheet.scale * together < finest and together < len(row.paths):
        together *= 2
    return together


def _silhouette(sheet: ConeSheet) -> str:
    """What lies between the rows, as wide as all above it."""
    left: list[str] = []
    right: list[str] = []
    spans = [sheet.span(row) for row in sheet.rows]
    for at, top in enumerate(sheet.tops):
        start = short(min(first for first, _ in spans[: at + 1]))
        end = short(max(last for _, last in spans[: at + 1]))
        for y in (short(top), short(top + sheet.height)):
            left.append(f"{start} {y}")
            right.insert(0, f"{end} {y}")
    return element("path", class_="cone", d=f"M{'L'.join([*left, *right])}z")


def _tap_lines(sheet: ConeSheet) -> list[str]:
    """What reads what, a line for every tap, where these are few."""
    tops = {row.index: (row, top) for row, top in zip(sheet.rows, sheet.tops)}
    paths, count = [], 0
    for row, top in tops.values():
        path = ""
        units = [row.first + at for at, each in enumerate(row.paths) if each]
        for link in row.links:
            if link.index not in tops:  # its units read nothing there
                continue
            below, end = tops[link.index]
            for unit in units:
                first, step, taps = link.window.read(unit)
                count += taps
                if count > MOST_LINES:
                    return []
                start = f"M{_middle(sheet, row, unit)} {short(top + sheet.height)}L"
                for tap in range(first, first + step * taps, step):
                    path += f"{start}{_middle(sheet, below, tap)} {short(end)}"
        if path:
            paths.append(element("path", class_="taps", d=path))
    return paths


def _middle(sheet: ConeSheet, row: ConeRow, unit: int) -> str:
    return short(sheet.x(edge(row, unit) + row.step / 2))


def _units(row: ConeRow, sheet: ConeSheet, top: float, together: int, role: str = "row") -> str:
    """A layer's units: its map as far as in view, those that paths reach.

    Its own lengths are units along it, from unit 0 on, and its height across it.
    """
    wide = float(row.step) * sheet.scale
    by_tone: dict[int, str] = {}
    place: dict[int, int] = {}
    for first, units, tone in tones(row, together):
        before = by_tone.get(tone)
        move = f"m{first - place[tone]} 0" if before else f"M{first} .5"
        by_tone[tone] = f"{before or ''}{move}h{units}"
        place[tone] = first + units
    parts = [element("path", class_="map", d=_map_path(row, sheet))] if row.size else []
    parts += [element("path", class_=f"t{tone}", d=path) for tone, path in by_tone.items()]
    about = {"data_layer": row.layer, "data_first": row.first, "data_last": row.last}
    x = short(sheet.x(edge(row, 0)))
    matrix = f"matrix({wide:.6g} 0 0 {short(sheet.height)} {x} {short(top)})"
    dash = _dash(wide, together)
    return element("g", "".join(parts), class_=role, transform=matrix, **about, **dash)


def _dash(wide: float, together: int) -> dict[str, str]:
    """What tells wide cells apart: half a gap on each side of them."""
    if wide * together < LEAST_CELL:
        return {}
    gap = min(1.2 / (wide * together), 0.2) * together
    return {
        "stroke_dasharray": f"{together - gap:.4g} {gap:.4g}",
        "stroke_dashoffset": f"{-gap / 2:.4g}",
    }


def _names(row: ConeRow, sheet: ConeSheet, top: float, words: str) -> list[str]:
    """A row's name before it, and words behind it."""
    middle = top + sheet.height / 2 + 4
    name = label(row_name(row), sheet.left - 12, middle, "number", "end")
    return [name, label(words, sheet.right + 12, middle)]


def _map_path(row: ConeRow, sheet: ConeSheet) -> str:
    """The map's own units in view."""
    first, end = units_between(row, sheet.first, sheet.last)
    return f"M{first} .5h{end - first}"


def _outside(row: ConeRow) -> list[tuple[int, int]]:
    """Units reached that are before the map and behind it, each as the first and the end."""
    spans = [(row.first, min(row.last + 1, 0))]
    if row.size is not None:
        spans.append((max(row.first, row.size), row.last + 1))
    return [(first, end) for first, end in spans if first < end]


def _padding(row: ConeRow, sheet: ConeSheet, top: float) -> list[str]:
    """A hatch over units outside the map."""
    path = ""
    for first, end in _outside(row):
        width = float((end - first) * row.step) * sheet.scale
        path += box_path(sheet.x(edge(row, first)), top, width, sheet.height)
    return [element("path", class_="hatch", d=path)] if path else []


def _ends(sheet: ConeSheet) -> list[str]:
    """The first and the last pixel, numbered below their places."""
    row, y = sheet.rows[-1], sheet.bottom + 15
    first, last = sheet.span(row)
    texts = [*dict.fromkeys((place_text(row.first), place_text(row.last)))]
    if len(texts) == 1 or last - first < label_width("  ".join(texts)):
        return [label("…".join(texts), (first + last) / 2, y, "number", "middle")]
    return [label(texts[0], first, y, "number"), label(texts[1], last, y, "number", "end")]


def _legend(sheet: ConeSheet, notes: Sequence[str]) -> list[str]:
    """What the tones and the hatch stand for, and what is left out."""
    y, x = sheet.bottom + 43, MARGIN + label_width("fewest paths ")
    parts = [label("fewest paths", MARGIN, y + 4)]
    for tone in range(1, TONES + 1):
        parts.append(_swatch(x, y, 11, tone))
        x += 12
    parts.append(label("most of the row", x + 7, y + 4))
    if any(map(_outside, sheet.rows)):
        x += label_width("most of the row ") + 24
        square = element("path", class_="hatch", d=box_path(x, y - 5.5, 22, 11))
        parts += [_swatch(x, y, 22, TONES // 2), square, label("padding", x + 30, y + 4)]
    return parts + [label(note, MARGIN, y + 23 + 16 * at) for at, note in enumerate(notes)]


def _swatch(x: float, y: float, width: int, tone: int) -> str:
    path = f"M{short(x)} {short(y)}h{width}"
    return element("path", class_=f"t{tone}", d=path, stroke_width=11)


def _notes(cone: Cone, sheet: ConeSheet, together: int) -> list[str]:
    most = max(cone.rows[-1].paths)
    notes = [f"most paths to one {_unit_word(cone.rows[-1])} of the axis: {count_text(most)}"]
    if sheet.units is not None:
        notes.append(f"first row: how many paths each unit of {row_name(sheet.units)} has in all")
    if together > 1:
        notes[0] += f"; {together} of its row are drawn as one"
    left_out = []
    if cone.passed:
        layers = "layers that keep" if cone.passed > 1 else "layer that keeps"
        left_out.append(
            f"{number(cone.passed)} {layers} every unit of the axis (1×1, norms, sums …)"
        )
    if len(sheet.rows) < len(cone.rows):
        left_out.append(f"{len(cone.rows) - len(sheet.rows)} rows where ⋮ stands")
    return notes + [f"left out: {' and '.join(left_out)}"] * bool(left_out)


def count_text(paths: int) -> str:
    """So many paths; of very many, a power of ten that they reach."""
    if paths < LARGEST_COUNT:
        return number(paths)
    return f"≥10^{(paths.bit_length() - 1) * 30_102 // 100_000}"  # log 2 is more than 0.30102


def _unit_word(row: ConeRow) -> str:
    return "pixel" if row.index <= 0 else "unit"


def _words(row: ConeRow) -> str:
    """How many of a row's units are reached."""
    count = sum(map(bool, row.paths))
    return f"{number(count)} {_unit_word(row)}{'s' if count > 1 else ''}"


def _range_words(units: ConeRow) -> str:
    """How many paths units have in all, the fewest and the most."""
    return f"{count_text(min(units.paths))}–{count_text(max(units.paths))} paths"
