"""A network as a Graphviz graph, coloured by stage."""

from __future__ import annotations

from ..network.network import Network
from ..report.report import Report
from .diagram import boxes


def export(network: Network, report: Report) -> str:
    """The graph in Graphviz's language: `dot -Tsvg` draws it."""
    lines = [
        f"digraph {_quoted(network.name)} {{",
        '  node [shape=box, style="filled,rounded", fontname="Helvetica", fontsize=10];',
    ]
    drawn = boxes(network, report)
    for box in drawn:
        label = _quoted("\n".join(box.lines))
        lines.append(f'  n{box.index} [label={label}, fillcolor="{box.colour}"];')
    for box in drawn:
        lines += [f"  n{source} -> n{box.index};" for source in box.sources]
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
