"""A network as a Mermaid flowchart, coloured by stage."""

from __future__ import annotations

from ..network.network import Network
from ..report.report import Report
from .diagram import COLOURS, boxes


def export(network: Network, report: Report) -> str:
    """The flowchart in Mermaid's language, as GitHub draws it in Markdown."""
    drawn = boxes(network, report)
    lines = ["flowchart TD"]
    for box in drawn:
        text = "<br/>".join(map(_escaped, box.lines))
        lines.append(f'  n{box.index}["{text}"]:::stage{box.stage % len(COLOURS)}')
    for box in drawn:
        lines += [f"  n{source} --> n{box.index}" for source in box.sources]
    for number in sorted({box.stage % len(COLOURS) for box in drawn}):
        lines.append(f"  classDef stage{number} fill:{COLOURS[number]},stroke:#555,color:#111")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    signs = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "#96;"}
    return "".join(signs.get(sign, sign) for sign in text)
