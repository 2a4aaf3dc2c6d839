"""How a layer's drawing is laid out: words, maps beside each other (rows below), the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from ...layers.formulas.sizes import SIZE
from ...record import Record
from ...text.explain_rows import Row
from .cells import BEYOND, EMPTY, MISSED, Looks, cells, cells_by_look, outline, weights
from .motion import Motion
from .scene import TAP, UNIT, Panel, Scene, Sizes
from .svg import LARGE, MARGIN, PITCH, SMALL, Theme, document, element, label, label_width, short

GUTTER, ROW_GUTTER, BETWEEN_INPUTS = 72, 40, 32
LINE, LEGEND, PARAGRAPH = 17, 21, 28
HEADING = 10  # of a map, above its cells
WIDEST_LINE, WIDEST_NOTE = 58, 44
SWATCH = 11

Rectangle = tuple[int, int, int, int]


class _Placed(Record):
    """A panel and where its first cell begins."""

    panel: Panel
    x: float
    y: float


def picture(scene: Scene, unit: Sizes | None, theme: Theme) -> str:
    """The drawing of a scene with the window of a unit, or, of None, with those of all in turn."""
    head = [label(scene.type, MARGIN, MARGIN + LARGE, "large")]
    if scene.details:
        head.append(label(scene.details, MARGIN, MARGIN + LARGE + LINE))
    top = MARGIN + LARGE + (LINE if scene.details else 0) + PARAGRAPH + HEADING
    placed, width, bottom = _places(scene, top)
    motion = Motion(scene.units)
    body: list[str] = []
    looks: Looks = {}
    for number, each in enumerate(placed):
        drawn = cells_by_look(each.panel, unit)
        looks |= drawn
        content = [*cells(drawn), *_marks(each.panel, unit, motion, f"c{number}")]
        at = f"translate({short(each.x)},{short(each.y)})"
        body.append(element("g", "".join(content), transform=at))
    body += [*_between(placed, unit, scene), *(_heading(each, scene) for each in placed)]
    legend, legend_width = _legend(scene, unit, looks, bottom + LEGEND)
    notes, notes_width, end = _numbers(scene, bottom + LEGEND + PARAGRAPH)
    widths = (label_width(scene.details), width, legend_width, notes_width)
    return document(
        f"{scene.type}: {scene.shapes}{', ' if scene.details else ''}{scene.details}",
        (max(widths) + 2 * MARGIN, end + MARGIN - SMALL / 2),
        theme,
        [*([_hatch(theme)] if MISSED in looks else []), *head, *body, *legend, *notes],
        _style(theme) + (motion.style if unit is None else ""),
        _description(scene, unit),
    )


def _places(scene: Scene, top: float) -> tuple[list[_Placed], float, float]:
    """Where the panels lie, how wide they are together and where they end."""
    if scene.one_axis:
        return _rows(scene.panels, top - HEADING)
    placed, at = [], float(MARGIN)
    sizes = [[len(axis.extent) * PITCH for axis in panel.axes] for panel in scene.panels]
    highest = max(height for height, _ in sizes)
    for left, panel, (height, width) in zip(range(len(sizes))[::-1], scene.panels, sizes):
        placed.append(_Placed(panel, at, top + (highest - height) / 2))
        at += width + (BETWEEN_INPUTS if left > 1 else GUTTER)
    return placed, at - GUTTER - MARGIN, top + highest


def _rows(panels: Sequence[Panel], top: float) -> tuple[list[_Placed], float, float]:
    """Maps of one axis: their first units lie below each other, what they are stands before."""
    before = max(-panel.axes[1].cells.start for panel in panels) * PITCH
    first = (
        MARGIN + max(label_width(f"{panel.role} {panel.size}") for panel in panels) + 14 + before
    )
    placed, ends = [], []
    for number, panel in enumerate(panels):
        x = first + panel.axes[1].cells.start * PITCH
        placed.append(_Placed(panel, x, top + number * (PITCH + ROW_GUTTER)))
        ends.append(x + len(panel.axes[1].extent) * PITCH)
    return placed, max(ends) - MARGIN, placed[-1].y + PITCH


def _heading(placed: _Placed, scene: Scene) -> str:
    """What the map is, and its size."""
    size = element("tspan", placed.panel.size, class_="number", dx=5)
    x, y = placed.x, placed.y - HEADING
    if scene.one_axis:
        x, y = MARGIN, placed.y + PITCH / 2 + 4
    return element("text", f"{placed.panel.role}{size}", x=short(x), y=short(y), class_="heading")


def _marks(panel: Panel, unit: Sizes | None, motion: Motion, clip: str) -> Iterator[str]:
    """What lies over the cells."""
    if unit is None:
        yield from motion.marks(panel, clip)
        if panel.mark == TAP:
            yield motion.outline(panel)
        return
    if panel.mark == TAP:
        yield from weights(panel, unit)
        frame = outline(panel, unit)
        if frame is not None:
            names = dict(zip(("x", "y", "width", "height"), frame))
            yield element("rect", **names, rx=4, class_="outline")


def _between(placed: Sequence[_Placed], unit: Sizes | None, scene: Scene) -> Iterator[str]:
    """From what is read to what comes out: rays between a unit and its window, else an arrow."""
    *_, before, last = placed
    if unit is not None and len(placed) == 2:
        one, other = (outline(each.panel, unit) for each in placed)
        if one is not None and other is not None:
            yield element("path", class_="rays", d=_rays(placed, one, other, scene.one_axis))
    elif not scene.one_axis:
        x, y = last.x - GUTTER / 2 - 14, before.y + len(before.panel.axes[0].extent) * PITCH / 2
        yield element("path", class_="arrow", d=f"M{short(x)} {short(y)}h26m-6 -5l6 5l-6 5")


def _rays(placed: Sequence[_Placed], one: Rectangle, other: Rectangle, one_axis: bool) -> str:
    """The path from the side of a rectangle to the side of the other that faces it."""
    (x, y, width, height), (u, v, far_width, far_height) = one, other
    before, last = placed
    if one_axis:
        ends = [((x, y + height), (u, v)), ((x + width, y + height), (u + far_width, v))]
    else:
        ends = [((x + width, y), (u, v)), ((x + width, y + height), (u, v + far_height))]
    return "".join(
        f"M{short(before.x + x)} {short(before.y + y)}L{short(last.x + u)} {short(last.y + v)}"
        for (x, y), (u, v) in ends
    )


def _legend(scene: Scene, unit: Sizes | None, looks: Looks, y: float) -> tuple[list[str], float]:
    """What the looks of cells mean that need a word, and how wide that is."""
    one = "unit" if unit is None else f"unit {_place(unit, scene)}"
    words = {UNIT: one, TAP: "its taps", EMPTY: scene.beyond, MISSED: scene.missed}
    looks = {**looks, UNIT: []}
    if unit is None:
        looks[TAP] = []
    if BEYOND in looks:
        looks = {**looks, EMPTY: []}
    parts, x = [], float(MARGIN)
    for look, word in words.items():
        if look in looks:
            box = f"M{short(x + 1)} {short(y - 8)}h9v9h-9z"
            parts += [element("path", class_=look, d=box), label(word, x + SWATCH + 6, y)]
            x += SWATCH + 6 + label_width(word) + 16
    return parts, x - MARGIN


def _numbers(scene: Scene, y: float) -> tuple[list[str], float, float]:
    """How the output's size comes about, how wide that is and where it ends."""
    names = max(label_width(step.quantity) for step in scene.steps) + 16
    parts, widest = [], 0.0
    for step in scene.steps:
        parts.append(label(step.quantity, MARGIN, y))
        for number, note in _lines(step):
            words = f"{number}   {note}".strip()
            widest = max(widest, label_width(words))
            if number:
                parts.append(label(number, MARGIN + names, y, "number"))
            if note:
                indent = label_width(words) - label_width(note)
                parts.append(label(note, MARGIN + names + indent, y))
            y += LINE
    return parts, names + widest, y - LINE


def _lines(step: Row) -> Iterator[tuple[str, str]]:
    """A step's lines, what is in ink and what is muted: a size's formula, numbers, the note.

    A short note stands beside the numbers, a long one below.
    """
    start = f"{step.symbol} = " if step.symbol else ""
    if step.formula and step.numbers and step.quantity.startswith(SIZE):
        yield "", f"{start}{step.formula}"
    filled = " = ".join(part for part in (step.numbers or step.formula, step.result) if part)
    beside = len(filled) + len(step.note) < WIDEST_LINE
    yield f"{start}{filled}", step.note if beside else ""
    for line in [] if beside else wrap(step.note, WIDEST_NOTE):
        yield "", line


def _hatch(theme: Theme) -> str:
    """The pattern of cells that no window reaches."""
    stripes = element("path", d="M0 4L4 0", stroke=theme.muted, stroke_width=0.9)
    how = {"patternUnits": "userSpaceOnUse", "width": 4, "height": 4}
    return element("pattern", stripes, id="hatch", **how)


def _style(theme: Theme) -> str:
    return (
        f".missed{{fill:url(#hatch);stroke:{theme.line}}}"
        f".beyond{{fill:{theme.tint};fill-opacity:.35;stroke:{theme.accent};"
        f"stroke-dasharray:2 2.5}}"
        f".outline{{fill:none;stroke:{theme.accent};stroke-width:2;stroke-linejoin:round;"
        f"vector-effect:non-scaling-stroke}}.over{{opacity:.85}}"
        f".heading{{stroke:{theme.ground};stroke-width:4;paint-order:stroke;stroke-linejoin:round}}"
        f".rays{{fill:none;stroke:{theme.accent};opacity:.5}}"
        f".arrow{{fill:none;stroke:{theme.muted};stroke-width:1.5;stroke-linecap:round;"
        f"stroke-linejoin:round}}.weight{{font-size:8px;fill:{theme.ink}}}"
    )


def _description(scene: Scene, unit: Sizes | None) -> str:
    if unit is None:
        return "All units in turn, with what their windows reach."
    return f"Unit {_place(unit, scene)}, with what its window reaches."


def _place(unit: Sizes, scene: Scene) -> str:
    return ", ".join(map(str, unit[1:] if scene.one_axis else unit))
