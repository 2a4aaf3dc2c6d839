"""How a layer's drawing is laid out: words, maps beside each other (rows below), the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from ...record import Record
from .cells import BEYOND, EMPTY, MISSED, Looks, cells, cells_by_look, outline, weights
from .motion import Motion
from .scene import TAP, Panel, Scene, Sizes
from .svg import LARGE, MARGIN, PITCH, SMALL, Theme, document, element, label, label_width, short

GUTTER, ROW_GUTTER, BETWEEN_INPUTS = 72, 40, 32
LINE, PARAGRAPH = 17, 28
HEADING = 10  # of a map, above its cells
WIDEST_NOTE = 66
SWATCH = 11

Point = tuple[float, float]


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
    top = MARGIN + LARGE + LINE + PARAGRAPH + HEADING
    placed, width, bottom = _places(scene, top)
    motion = Motion(scene.units)
    body: list[str] = []
    looks: Looks = {}
    for number, each in enumerate(placed):
        drawn = cells_by_look(each.panel, unit)
        looks |= drawn
        content = [*cells(drawn), *_marks(each.panel, unit, motion, f"c{number}")]
        at = f"translate({short(each.x)},{short(each.y)})"
        body += [_heading(each), element("g", "".join(content), transform=at)]
    body += _between(placed, unit, scene)
    legend, legend_width = _legend(scene, looks, bottom + LINE)
    notes, notes_width, end = _numbers(scene, bottom + (PARAGRAPH + LINE if legend else PARAGRAPH))
    widths = (label_width(scene.details), width, legend_width, notes_width)
    return document(
        f"{scene.type}: {scene.shapes}{', ' if scene.details else ''}{scene.details}",
        (max(widths) + 2 * MARGIN, end + MARGIN - SMALL / 2),
        theme,
        [*head, *body, *legend, *notes],
        _style(theme) + (motion.style if unit is None else ""),
        _description(scene, unit),
    )


def _places(scene: Scene, top: float) -> tuple[list[_Placed], float, float]:
    """Where the panels lie, how wide they are together and where they end."""
    sizes = [[len(axis.extent) * PITCH for axis in panel.axes] for panel in scene.panels]
    placed, at = [], 0.0
    highest = max(height for height, _ in sizes)
    for number, (panel, (height, width)) in enumerate(zip(scene.panels, sizes)):
        if scene.one_axis:
            placed.append(_Placed(panel, MARGIN, top + at))
            at += height + ROW_GUTTER + HEADING
        else:
            placed.append(_Placed(panel, MARGIN + at, top + (highest - height) / 2))
            inner = number < len(sizes) - 2
            at += width + (BETWEEN_INPUTS if inner else GUTTER)
    if scene.one_axis:
        return placed, max(width for _, width in sizes), top + at - ROW_GUTTER - HEADING
    return placed, at - GUTTER, top + highest


def _heading(placed: _Placed) -> str:
    """What the map is, and its size."""
    size = element("tspan", placed.panel.size, class_="number", dx=5)
    place = {"x": short(placed.x), "y": short(placed.y - HEADING)}
    return element("text", f"{placed.panel.role}{size}", **place)


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
    """An arrow from what is read to what comes out."""
    last, before = placed[-1], placed[-2]
    if scene.one_axis:
        return
    x, y = last.x - GUTTER / 2, before.y + len(before.panel.axes[0].extent) * PITCH / 2
    yield element("path", class_="arrow", d=f"M{short(x - 14)} {short(y)}h26m-6 -5l6 5l-6 5")


def _legend(scene: Scene, looks: Looks, y: float) -> tuple[list[str], float]:
    """What the looks of cells mean that need a word, and how wide that is."""
    words = {EMPTY: scene.beyond, MISSED: scene.missed}
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
        start = f"{step.symbol} = " if step.symbol else ""
        filled = " = ".join(part for part in (step.numbers or step.formula, step.result) if part)
        lines = [(step.formula, "")] if step.formula and step.numbers else []
        lines = [(f"{start}{words}", look) for words, look in (*lines, (filled, "number"))]
        lines += [(words, "") for words in wrap(step.note, WIDEST_NOTE)]
        for words, look in lines:
            parts.append(label(words, MARGIN + names, y, look or "small"))
            widest = max(widest, label_width(words))
            y += LINE
    return parts, names + widest, y - LINE


def _style(theme: Theme) -> str:
    return (
        f".missed{{fill:url(#hatch);stroke:{theme.line}}}"
        f".beyond{{fill:{theme.tint};fill-opacity:.35;stroke:{theme.accent};"
        f"stroke-dasharray:2 2.5}}"
        f".outline{{fill:none;stroke:{theme.accent};stroke-width:2;stroke-linejoin:round;"
        f"vector-effect:non-scaling-stroke}}.over{{opacity:.85}}"
        f".arrow{{fill:none;stroke:{theme.muted};stroke-width:1.5;stroke-linecap:round;"
        f"stroke-linejoin:round}}.weight{{font-size:8px;fill:{theme.ink}}}"
    )


def _description(scene: Scene, unit: Sizes | None) -> str:
    if unit is None:
        return "All units in turn, with what their windows reach."
    place = ", ".join(map(str, unit[1:] if scene.one_axis else unit))
    return f"Unit {place}, with what its window reaches."
