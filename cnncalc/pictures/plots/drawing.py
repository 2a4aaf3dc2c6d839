"""Charts drawn with matplotlib."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.ticker import (
    EngFormatter,
    FuncFormatter,
    LogLocator,
    MaxNLocator,
    MultipleLocator,
    NullFormatter,
    StrMethodFormatter,
)

from .charts import Chart, DepthChart, HeatChart, ScatterChart, Spot
from .style import COLOURS, DASHES, MAPS, MUTED, settings

DPI = 200
WIDTH, HEIGHT = 7.2, 4.2  # inches: a slide's width, a column's and a half
MOST_TICKS = 8
MARKED = 30  # points up to which each is marked on a line
LINE_HEIGHT = 0.055  # of a label at a line's end, as a share of the axes
LARGEST_SPOT, LEAST_SPOT = 420, 20  # points²


def drawn_bytes(chart: Chart, suffix: str, theme: str) -> bytes:
    """A chart as a file's content, without a date."""
    with matplotlib.rc_context(settings(theme)), warnings.catch_warnings():  # type: ignore[arg-type]
        warnings.filterwarnings("ignore", "Glyph")  # a name's letters that the font lacks
        figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
        FigureCanvasAgg(figure)
        DRAWERS[type(chart)](figure, chart, theme)
        figure.suptitle(chart.title, x=0.01, ha="left", fontsize=13, fontweight="bold")
        stream = io.BytesIO()
        about: dict[str, Any] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(
            suffix, {}
        )
        figure.savefig(stream, format=suffix, dpi=DPI, metadata=about)
    return stream.getvalue()


def _with_labels(axes: Axes, chart: Chart) -> Axes:
    axes.set_xlabel(chart.x)
    axes.set_ylabel(chart.y)
    return axes


def depth(figure: Figure, chart: DepthChart, theme: str) -> None:
    """A line a network, called by its name at its end."""
    axes = _with_labels(figure.add_subplot(), chart)
    colours = COLOURS[theme]
    for place, line in enumerate(chart.lines):
        marked = chart.logarithmic or len(line.indices) <= MARKED
        axes.plot(
            line.indices,
            [float("nan") if value is None else value for value in line.values],
            color=colours[place % len(colours)],
            linestyle=DASHES[place // len(colours) % len(DASHES)],
            linewidth=0.7 if chart.logarithmic else None,
            marker="o" if marked else "",
            label=f" {line.name}",  # matplotlib leaves names out that begin with _
            gid=line.name,
        )
    axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if chart.logarithmic:
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
    if chart.binary:
        axes.yaxis.set_major_locator(
            MultipleLocator(_power_of_two(axes.get_ylim()[1] / MOST_TICKS))
        )
    axes.yaxis.set_major_formatter(FORMATTERS[chart.binary, chart.logarithmic])
    if len(chart.lines) == 1:
        axes.set_title(chart.lines[0].name, loc="left")
    else:
        axes.legend(loc="best")


def _power_of_two(least: float) -> int:
    """The least power of two that is as large, which bytes are even in."""
    return 1 << max(int(least), 1).bit_length()


def _bytes(value: float, _: int | None = None) -> str:
    for power, unit in ((3, "GiB"), (2, "MiB"), (1, "KiB")):
        if value >= 1024**power:
            return f"{value / 1024**power:.3g} {unit}"
    return f"{value:.3g} B"


FORMATTERS = {
    (False, False): StrMethodFormatter("{x:,.0f}"),
    (False, True): EngFormatter(sep=" "),
    (True, False): FuncFormatter(_bytes),
}


def heat(figure: Figure, chart: HeatChart, theme: str) -> None:
    """A panel a network: layers downwards, pixels across, as bright as their share."""
    panels = figure.subplots(1, len(chart.maps), squeeze=False)[0]
    for axes, each in zip(panels, chart.maps):
        widest = max(map(len, each.rows))
        for at, row in enumerate(each.rows):
            half = len(row) / 2
            axes.imshow(
                [row],
                extent=(-half, half, at + 1.5, at + 0.5),
                aspect="auto",
                cmap=MAPS[theme],
                vmin=0,
                vmax=1,
                interpolation="nearest",
            )
        halves = [len(row) / 2 for row in each.rows]
        for side in (-1, 1):
            edge = [side * half for half in halves for _ in (0, 1)]
            steps = [at + half for at in range(1, len(halves) + 1) for half in (-0.5, 0.5)]
            axes.plot(edge, steps, color=MUTED[theme], linewidth=0.8)
        axes.set_xlim(-widest / 2, widest / 2)
        axes.set_ylim(len(each.rows) + 0.5, 0.5)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_title(each.name, loc="left")
        axes.set_xlabel(chart.x)
        axes.grid(False)
    panels[0].set_ylabel(chart.y)
    bar = figure.colorbar(ScalarMappable(cmap=MAPS[theme]), ax=list(panels), shrink=0.8, pad=0.02)
    bar.set_label("share, relative to the layer's largest")
    bar.outline.set_visible(False)


def scatter(figure: Figure, chart: ScatterChart, theme: str) -> None:
    """A point a network, with its name beside it; a third figure is its area."""
    axes = _with_labels(figure.add_subplot(), chart)
    largest = max((spot.size or 0 for spot in chart.spots), default=0)
    discs = []
    for spot in chart.spots:
        best = spot.best or not chart.front
        area = max(LARGEST_SPOT * spot.size / largest if spot.size else 0, LEAST_SPOT)
        axes.scatter(
            [spot.x],
            [spot.y],
            s=area,
            color=COLOURS[theme][0] if best else MUTED[theme],
            alpha=0.75 if best else 0.5,
            linewidths=0,
            marker="D" if chart.size and spot.size is None else "o",
            gid=spot.name,
            zorder=3 if best else 2,
        )
        discs.append((spot, area**0.5 / 2))
    _scale(axes.set_xscale, axes.xaxis, [spot.x for spot in chart.spots])
    _scale(axes.set_yscale, axes.yaxis, [spot.y for spot in chart.spots])
    axes.margins(0.08)
    if chart.front:
        front = sorted((spot.x, spot.y) for spot in chart.spots if spot.best)
        axes.plot(
            *zip(*front),
            color=COLOURS[theme][0],
            linewidth=1.2,
            zorder=1,
            drawstyle=f"steps-{chart.steps}",
        )
    if chart.size and largest:
        _explain_sizes(axes, chart, largest, theme)
    _name(figure, axes, discs, chart.front)


def _scale(scale: Callable[[str], None], axis: Any, values: list[int]) -> None:
    """A logarithmic axis where figures lie apart by more than ten times, with units of 1000."""
    if min(values) > 0 and max(values) > 10 * min(values):
        scale("log")
        axis.set_minor_formatter(NullFormatter())
        if max(values) < 1000 * min(values):
            axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(EngFormatter(sep=" "))


def _explain_sizes(axes: Axes, chart: ScatterChart, largest: int, theme: str) -> None:
    shown = [largest, -(-largest // 2), -(-largest // 4)]
    handles = [
        axes.scatter([], [], s=LARGEST_SPOT * size / largest, color=COLOURS[theme][0], alpha=0.75)
        for size in shown
    ]
    axes.legend(
        handles,
        [f"{size:,} pixels" for size in shown],
        title=chart.size,
        loc="upper left",
        bbox_to_anchor=(1.01, 1),
        labelspacing=1.4,
        borderaxespad=0,
    )


# Where a name may stand beside its point: how far to the right and up, in radii, and its alignment.
SIDES = (
    (1, 0, "left", "center"),
    (-1, 0, "right", "center"),
    (0, 1, "center", "bottom"),
    (0, -1, "center", "top"),
    (0.75, 0.75, "left", "bottom"),
    (0.75, -0.75, "left", "top"),
    (-0.75, -0.75, "right", "top"),
    (-0.75, 0.75, "right", "bottom"),
)
MOST_NAMES = 40
Box = tuple[float, float, float, float]


def _name(figure: Figure, axes: Axes, discs: Sequence[tuple[Spot, float]], front: bool) -> None:
    """Names beside points, on a side where they hide nothing; left out where there is none.

    Of a front those of its points alone, off its line first.
    """
    figure.canvas.draw()
    pixels = figure.dpi / 72
    taken = [_disc(axes, spot, radius * pixels) for spot, radius in discs]
    spots = [disc for disc in discs if disc[0].best or not front]
    frame = axes.get_window_extent()
    for spot, radius in spots[:MOST_NAMES]:
        for right, up, horizontal, vertical in SIDES[::-1] if front else SIDES:
            away = radius + 3
            text = axes.annotate(
                spot.name,
                (spot.x, spot.y),
                (right * away, up * away),
                textcoords="offset points",
                ha=horizontal,
                va=vertical,
                fontsize=8,
                zorder=4,
            )
            box = text.get_window_extent()
            corners = (box.x0, box.y0, box.x1, box.y1)
            inside = frame.x0 <= box.x0 and box.x1 <= frame.x1
            inside = inside and frame.y0 <= box.y0 and box.y1 <= frame.y1
            if inside and not any(_overlap(corners, each) for each in taken):
                taken.append(corners)
                break
            text.remove()


def _disc(axes: Axes, spot: Spot, radius: float) -> Box:
    x, y = axes.transData.transform((spot.x, spot.y))
    return x - radius, y - radius, x + radius, y + radius


def _overlap(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


DRAWERS: dict[type[Chart], Callable[[Figure, Any, str], None]] = {
    DepthChart: depth,
    HeatChart: heat,
    ScatterChart: scatter,
}
