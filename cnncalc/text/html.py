"""What notebooks show of a network, a report and an explanation: commands draw them otherwise."""

from __future__ import annotations

from ..exporters.folding import attributes
from ..exporters.yaml import value
from ..network.network import Network, Node
from ..report.report import Report
from ..studies.explain.records import Explanation
from ..wording import input_text
from .answer import Answer
from .explain import explain_answer
from .explain_text import explanation_grids
from .grid import Grid
from .report import report_answer
from .selection import VIEWS, select

HEADINGS = ("#", "layer", "type", "attributes", "from")


def summary_table(report: Report) -> Answer:
    """The summary of a report."""
    return report_answer(select(report, VIEWS["summary"]))


def explanation_tables(explanation: Explanation) -> Answer:
    """A table a layer."""
    answer = explain_answer(explanation, False)
    return answer.but(grids=lambda: explanation_grids(explanation, False))


def network_table(network: Network) -> Answer:
    """The layers with their attributes and what they read."""
    rows = [_row(network, node) for node in network.nodes]

    def grids() -> list[Grid]:
        title = f"{network.name} · input {input_text(network.input)} · {len(rows)} layers"
        return [Grid(title, HEADINGS, rows, HEADINGS[1:])]

    return Answer(HEADINGS, rows, dict, grids)


def _row(network: Network, node: Node) -> list[str]:
    written = [f"{name}: {value(given)}" for name, given in attributes(node).items()]
    sources = ", ".join(map(network.name_of, node.sources))
    return [str(node.index), node.name, node.type, ", ".join(written), sources]
