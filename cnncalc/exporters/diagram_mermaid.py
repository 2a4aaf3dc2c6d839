"""A network as a flowchart for Mermaid, within what Mermaid draws: blocks are subgraphs."""

from __future__ import annotations

from collections.abc import Sequence

from ..network.network import Network
from ..report.report import Report
from .diagram import (
    COLOURS,
    LINE_COLOUR,
    MOST_NESTED,
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

# Mermaid's own maxEdges and maxTextSize, which only the page that draws can raise.
MOST_EDGES, MOST_CHARACTERS = 500, 50_000
ARROW = " --> "
# What Mermaid takes as markup, entities, line breaks, directives, formulas and icons in a text.
SIGNS = {ord(sign): f"#{ord(sign)};" for sign in '#"<>&`\\%$:'}


def mermaid(
    network: Network, report: Report, depth: int | None = None, direction: str = TOP_DOWN
) -> Diagram:
    """The flowchart in Mermaid's language, as GitHub draws it in Markdown.

    What is over Mermaid's limits is folded to the greatest depth that fits where none is given.
    """
    whole = _flowchart(boxes(report, depth), direction)
    if _fits(whole):
        return Diagram(whole)
    excess = (
        f"{whole.count(ARROW):,} edges and {_characters(whole):,} characters are over Mermaid's "
        f"limits of {MOST_EDGES:,} and {MOST_CHARACTERS:,}"
    )
    for fewer in range(_levels(report), 0, -1) if depth is None else ():
        note = f"folded to --depth {fewer}: {excess}"
        folded = f"%% {note}\n" + _flowchart(boxes(report, fewer), direction)
        if _fits(folded):
            return Diagram(folded, note)
    less = "a smaller --depth folds more, or " if depth not in (None, 1) else ""
    return Diagram(whole, f"{excess}; {less}raise maxEdges and maxTextSize in mermaid.initialize")


def _levels(report: Report) -> int:
    """The most levels that a layer's name has, as far as blocks are drawn in blocks."""
    dots = max([layer.layer.count(".") for layer in report.layers], default=0)
    return min(dots, MOST_NESTED) + 1


def _fits(text: str) -> bool:
    return text.count(ARROW) <= MOST_EDGES and _characters(text) <= MOST_CHARACTERS


def _characters(text: str) -> int:
    """The text's length as JavaScript counts it: in units of UTF-16."""
    return len(text.encode("utf-16-le")) // 2


def _flowchart(drawn: Sequence[DiagramBox], direction: str) -> str:
    lines = [f"flowchart {direction}"]
    lines += ["  " + line for line in body(nest(drawn), _node, _opening, "end")]
    lines += edges(drawn, ARROW)
    families = {box.family for box in drawn}
    lines += [
        f"  classDef {family} fill:{colour},stroke:{LINE_COLOUR},color:{TEXT_COLOUR}"
        for family, colour in COLOURS.items()
        if family in families
    ]
    return "\n".join(lines) + "\n"


def _node(box: DiagramBox) -> str:
    text = "<br/>".join(line.translate(SIGNS) for line in box.lines)
    return f'{identifier(box.index)}["{text}"]:::{box.family}'


def _opening(block: DiagramBlock) -> str:
    return f'subgraph {block.key}["{block.name.translate(SIGNS)}"]'
