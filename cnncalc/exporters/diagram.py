"""A network as a diagram, for Graphviz or Mermaid: a node a layer, coloured by stage."""

from __future__ import annotations

from ..network.network import Network
from ..record import Record
from ..report.layer import LayerReport
from ..report.report import Report
from ..wording import UNKNOWN, axes_once, number, shape_text

COLOURS = ("#dbeafe", "#dcfce7", "#fef9c3", "#ffedd5", "#fee2e2", "#f3e8ff", "#e0e7ff", "#ccfbf1")
MERMAID_SIGNS = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "#96;"}


class DiagramBox(Record):
    """A node: the lines of its text, its colour's place, and the indices of what it reads."""

    index: int
    lines: list[str]
    colour: int
    sources: tuple[int, ...]


def dot(network: Network, report: Report) -> str:
    """The graph in Graphviz's language: `dot -Tsvg` draws it."""
    boxes = _boxes(network, report)
    lines = [
        f"digraph {_dot_text(network.name)} {{",
        '  node [shape=box, style="filled,rounded", fontname="Helvetica", fontsize=10];',
    ]
    for box in boxes:
        label, colour = _dot_text("\n".join(box.lines)), COLOURS[box.colour]
        lines.append(f'  n{box.index} [label={label}, fillcolor="{colour}"];')
    lines += [f"  n{source} -> n{box.index};" for box in boxes for source in box.sources]
    return "\n".join([*lines, "}"]) + "\n"


def _dot_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def mermaid(network: Network, report: Report) -> str:
    """The flowchart in Mermaid's language, as GitHub draws it in Markdown."""
    boxes = _boxes(network, report)
    lines = ["flowchart TD"]
    for box in boxes:
        text = "<br/>".join(map(_mermaid_text, box.lines))
        lines.append(f'  n{box.index}["{text}"]:::stage{box.colour}')
    lines += [f"  n{source} --> n{box.index}" for box in boxes for source in box.sources]
    for place in sorted({box.colour for box in boxes}):
        lines.append(f"  classDef stage{place} fill:{COLOURS[place]},stroke:#555,color:#111")
    return "\n".join(lines) + "\n"


def _mermaid_text(text: str) -> str:
    return "".join(MERMAID_SIGNS.get(sign, sign) for sign in text)


def _boxes(network: Network, report: Report) -> list[DiagramBox]:
    """The input and every layer. Layers of one output size are a stage; colours come again."""
    stages: dict[tuple[int | None, ...], int] = {report.input[1:]: 0}
    boxes = [DiagramBox(0, ["input", shape_text(report.input)], 0, ())]
    for node, layer in zip(network.nodes, report.layers):
        stage = stages.setdefault(layer.out_shape[1:], len(stages))
        boxes.append(DiagramBox(node.index, _lines(layer), stage % len(COLOURS), node.sources))
    return boxes


def _lines(layer: LayerReport) -> list[str]:
    field = UNKNOWN if None in layer.rf else axes_once([number(value) for value in layer.rf])
    return [layer.layer, _window(layer), shape_text(layer.out_shape), f"rf {field}"]


def _window(layer: LayerReport) -> str:
    if layer.kernel is None:
        return layer.type
    text = f"{layer.type} {'×'.join(map(str, layer.kernel))}"
    strides = axes_once(layer.stride)
    return text if strides == "1" else f"{text} / {strides}"
