"""Design faults that the exact fields of a network reveal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...analysis.analysis import traced
from ...network.network import Network
from .registry import RULES, chosen
from .rule import INFO, WARNING, Finding, Rule, Subject

__all__ = ["INFO", "RULES", "WARNING", "Finding", "Rule", "chosen", "lint"]


def lint(
    network: Network,
    input: Sequence[int | None] | str | int | None = None,
    *,
    from_layer: str | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
) -> tuple[Finding, ...]:
    """The design faults of a network, each once per cause, by the rules' codes.

    `input` and `from_layer` are those of `analyze`; fields leave out paths through layers that
    read a whole map, so that squeeze-and-excitation gates hide nothing. `select` and `ignore` take
    codes, beginnings of codes and names of rules. Raises what `analyze` raises, and UsageError for
    a rule that there is not.

    >>> import cnncalc
    >>> network = cnncalc.loads('''
    ... name: upper
    ... input: [8, 16, 16]
    ... layers:
    ...   - {name: up, type: conv_transpose, out_channels: 4, kernel_size: 3, stride: 2}
    ... ''')
    >>> for finding in lint(network):
    ...     print(finding.code, finding.rule, finding.evidence["together"])
    CNN101 checkerboard [1, 2, 4]
    """
    rules = chosen(select, ignore)
    trace = traced(network, input, from_layer=from_layer, ignore_global=True)
    subject = Subject(network, trace)
    return tuple(finding for rule in rules for finding in rule.findings(subject))
