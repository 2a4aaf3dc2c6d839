"""What charts show: figures of reports and studies, as they are plotted."""

from __future__ import annotations

from collections.abc import Sequence

from ...arithmetic import Number
from ...errors import UsageError
from ...record import Record
from ...report.report import Report
from ...studies.erf import EffectiveFields
from ...studies.memory import Memory

NUMBER_BYTES = 4  # of float32


class Chart(Record):
    """What every chart has: its title, and what its axes are."""

    title: str
    x: str
    y: str


class Line(Record):
    """A network's figure at layers' indices; None where it is not known, which breaks the line."""

    name: str
    indices: tuple[int, ...]
    values: tuple[Number, ...]


class DepthChart(Chart):
    """A figure along the depth, a line a network.

    Numbers are bytes where `binary`; they lie apart by many times where `logarithmic`.
    """

    lines: tuple[Line, ...]
    binary: bool = False
    logarithmic: bool = False


class HeatMap(Record):
    """Per layer the share that each pixel of its field has, around the field's middle.

    `rows` are relative to the largest of each, `layers` their names.
    """

    name: str
    layers: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]


class HeatChart(Chart):
    """The effective fields of networks along one axis, a map each."""

    maps: tuple[HeatMap, ...]


class Spot(Record):
    """A point of a scatter; `size` is a third figure of it, None where it is not known."""

    name: str
    x: int
    y: int
    size: Number = None
    best: bool = False


class ScatterChart(Chart):
    """Points by two figures, and by a third where they differ in it.

    `front` says whether the best of them are marked, and joined by a line whose `steps` come after
    each (post), or before it (pre) where the first figure is better larger.
    """

    spots: tuple[Spot, ...]
    size: str = ""
    front: bool = False
    steps: str = "post"


# Per figure along the depth: what it is called, and which values are left out.
TITLES = {
    "rf": ("Receptive field", "receptive field (pixels)"),
    "params": ("Parameters", "parameters of the layer"),
    "macs": ("Multiply–accumulates", "MACs of the layer"),
    "memory": ("Output of every layer", "bytes, float32"),
    "live": ("Live memory", "live bytes while the layer runs, float32"),
}
DEPTH = "layer, from the input on"


def depth_chart(figure: str, lines: Sequence[Line]) -> DepthChart:
    """The chart of a figure along the depth; raises UsageError where a network has none known."""
    title, y = TITLES[figure]
    for line in lines:
        if all(value is None for value in line.values):
            raise UsageError(f"no {figure} of {line.name} is known, so there is nothing to draw")
    binary, logarithmic = figure in ("memory", "live"), figure in ("params", "macs")
    return DepthChart(title, DEPTH, y, tuple(lines), binary, logarithmic)


def report_line(name: str, report: Report, figure: str) -> Line:
    """A figure of a report's layers: of rf those that see no whole map, of costs those with any."""
    if figure == "rf":
        layers = [layer for layer in report.layers if not layer.is_global]
        values = [max((rf for rf in layer.rf if rf is not None), default=None) for layer in layers]
    elif figure == "memory":
        layers = [*report.layers]
        values = [a if (a := layer.activations) is None else a * NUMBER_BYTES for layer in layers]
    else:
        layers = [layer for layer in report.layers if getattr(layer, figure) != 0]
        values = [getattr(layer, figure) for layer in layers]
    return Line(name, tuple(layer.index for layer in layers), tuple(values))


def memory_line(name: str, memory: Memory) -> Line:
    """What is live while each layer runs, in the order that runs."""
    return Line(
        name,
        tuple(range(1, len(memory.layers) + 1)),
        tuple(layer.live for layer in memory.layers),
    )


def heat_chart(maps: Sequence[HeatMap]) -> HeatChart:
    """The chart of effective fields."""
    x = "pixels from the middle of the field"
    return HeatChart("Effective receptive field at initialization", x, DEPTH, tuple(maps))


def heat_map(name: str, found: EffectiveFields) -> HeatMap:
    """The shares along the last axis, of layers whose distribution is known.

    Raises UsageError where there is none.
    """
    known = [(layer.layer, layer.shares[-1]) for layer in found.layers if layer.shares]
    rows = [(layer, numbers) for layer, numbers in known if numbers]
    if not rows:
        raise UsageError(f"no layer of {name} has a known effective field")
    shares = (tuple(number / max(numbers) for number in numbers) for _, numbers in rows)
    return HeatMap(name, tuple(layer for layer, _ in rows), tuple(shares))


def cost_chart(spots: Sequence[Spot]) -> ScatterChart:
    """Networks by their parameters, MACs and receptive field."""
    labels = ("parameters", "multiply–accumulates")
    return ScatterChart("Cost and receptive field", *labels, tuple(spots), "receptive field")
