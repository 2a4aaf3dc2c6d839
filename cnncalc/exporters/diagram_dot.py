"""A network as a graph for Graphviz: blocks are clusters."""

from __future__ import annotations

from ..network.network import Network
from ..report.report import Report
from .diagram import (
    COLOURS,
    LINE_COLOUR,
    TEXT_COLOUR,
    TOP_DOWN,
    Diagram,
    DiagramBlock,
    DiagramBox,
    body,
    boxes,
    edges,
    identifier,
    nest,
)

FONT = 'fontname="Helvetica", fontsize=10'


def dot(
    network: Network, report: Report, depth: int | None = None, direction: str = TOP_DOWN
) -> Diagram:
    """The graph in Graphviz's language: `dot -Tsvg` draws it."""
    drawn = boxes(report, depth)
    lines = [
        f"digraph {_quote(network.name)} {{",
        f"  rankdir={'LR' if direction == 'LR' else 'TB'};",
        f'  graph [{FONT}, style=rounded, labeljust=l, color="{LINE_COLOUR}"];',
        f'  node [shape=box, style="filled,rounded", {FONT}, fontcolor="{TEXT_COLOUR}"];',
    ]
    lines += ["  " + line for line in body(nest(drawn), _node, _opening, "}")]
    lines += [f"{edge};" for edge in edges(drawn, " -> ")]
    return Diagram("\n".join([*lines, "}"]) + "\n")


def _node(box: DiagramBox) -> str:
    label, colour = _quote("\n".join(box.lines)), COLOURS[box.family]
    return f'{identifier(box.index)} [label={label}, fillcolor="{colour}"];'


def _opening(block: DiagramBlock) -> str:
    return f"subgraph cluster_{block.key} {{ label={_quote(block.name)};"


def _quote(text: str) -> str:
    """The text in quotes; an ampersand would begin an entity of HTML in labels too."""
    escaped = text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n") + '"'
