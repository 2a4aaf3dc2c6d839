"""What the linter found, and the rules that it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..network.network import Network
from ..studies.lint import WARNING, Finding, Rule
from .answer import Answer
from .grid import Grid

COLUMNS = (
    *("code", "rule", "severity", "path", "line", "layer", "layers"),
    *("found", "remedy", "source"),
)
SHOWN = ("code", "rule", "severity", "place", "layer", "found", "remedy", "source")
RULE_COLUMNS = ("code", "rule", "severity", "finds", "remedy", "source")


def _lines(findings: Sequence[Finding], network: Network, rules: Sequence[Rule]) -> str:
    """The findings for people: a line each, the way out below it, and how many there are."""
    lines = []
    for finding in findings:
        source = f"[{finding.source}]" if finding.source else ""
        lines += [str(finding), f"    {' '.join(filter(None, [finding.remedy, source]))}"]
    return "\n".join([*lines, f"{network.name}: {_count(findings, rules)}"]) + "\n"


def _count(findings: Sequence[Finding], rules: Sequence[Rule]) -> str:
    looked = f"{len(rules)} rule{'' if len(rules) == 1 else 's'}"
    warnings = sum(finding.severity == WARNING for finding in findings)
    parts = [f"{warnings:,} warning{'' if warnings == 1 else 's'}"] if warnings else []
    if len(findings) > warnings:
        parts.append(f"{len(findings) - warnings:,} information")
    return f"{', '.join(parts) or 'nothing'} found by {looked}"


def finding_answer(findings: Sequence[Finding], network: Network, rules: Sequence[Rule]) -> Answer:
    """The findings, a row for each."""

    def plain() -> dict[str, Any]:
        return {
            "network": network.name,
            "input": list(network.input),
            "findings": [finding.to_dict() for finding in findings],
        }

    def grids() -> list[Grid]:
        rows = [[getattr(finding, name) for name in SHOWN] for finding in findings]
        return [_grid(f"{network.name}: {_count(findings, rules)}", SHOWN, rows)]

    texts = {"table": lambda: _lines(findings, network, rules)}
    return Answer(COLUMNS, [_row(finding) for finding in findings], plain, grids, texts)


def _row(finding: Finding) -> list[Any]:
    values = [getattr(finding, name) for name in COLUMNS]
    return [list(value) if isinstance(value, tuple) else value for value in values]


def rule_answer(rules: Sequence[Rule]) -> Answer:
    """The rules, a row for each."""
    rows = [
        [rule.code, rule.name, rule.severity, rule.finds, rule.remedy, rule.source]
        for rule in rules
    ]

    def plain() -> dict[str, Any]:
        return {"rules": [dict(zip(RULE_COLUMNS, row)) for row in rows]}

    return Answer(
        RULE_COLUMNS, rows, plain, lambda: [_grid(f"{len(rows)} rules", RULE_COLUMNS, rows)]
    )


def _grid(title: str, names: Sequence[str], rows: list[list[str]]) -> Grid:
    return Grid(title, names, rows, names)
