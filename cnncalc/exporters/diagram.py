"""What diagrams show of a network: a node a layer, its stage, and what each layer reads."""

from __future__ import annotations

from ..network.network import Network
from ..record import Record
from ..report.layer import LayerReport
from ..report.report import Report
from ..wording import UNKNOWN, axes_once, number, shape_text

COLOURS = ("#dbeafe", "#dcfce7", "#fef9c3", "#ffedd5", "#fee2e2", "#f3e8ff", "#e0e7ff", "#ccfbf1")


class Box(Record):
    """A node: the lines of its text, its stage from 0, and the indices of what it reads."""

    index: int
    lines: list[str]
    stage: int
    sources: tuple[int, ...]

    @property
    def colour(self) -> str:
        """The stage's colour; they come again after eight stages."""
        return COLOURS[self.stage % len(COLOURS)]


def boxes(network: Network, report: Report) -> list[Box]:
    """The input and every layer. Layers of one output size are a stage."""
    stages: dict[tuple[int | None, ...], int] = {report.input[1:]: 0}
    drawn = [Box(0, ["input", shape_text(report.input)], 0, ())]
    for node, layer in zip(network.nodes, report.layers):
        stage = stages.setdefault(layer.out_shape[1:], len(stages))
        drawn.append(Box(node.index, _lines(layer), stage, node.sources))
    return drawn


def _lines(layer: LayerReport) -> list[str]:
    return [layer.layer, _window(layer), shape_text(layer.out_shape), f"rf {_field(layer)}"]


def _window(layer: LayerReport) -> str:
    if layer.kernel is None:
        return layer.type
    text = f"{layer.type} {'×'.join(map(str, layer.kernel))}"
    strides = axes_once(layer.stride)
    return text if strides == "1" else f"{text} / {strides}"


def _field(layer: LayerReport) -> str:
    if None in layer.rf:
        return UNKNOWN
    return axes_once([number(value) for value in layer.rf])
