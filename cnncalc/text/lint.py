"""What the linter found, and the rules that it has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..studies.lint import WARNING, Finding, Findings, Rule
from ..wording import plain_input
from .annotation import Annotation, of_finding
from .answer import Answer
from .excerpt import excerpt, name_parts
from .grid import Grid
from .outcome import Outcome
from .sheet import Line
from .table_fit import word_wrap
from .terminal import Terminal

COLUMNS = (
    *("code", "rule", "severity", "path", "line", "layer", "layers"),
    *("found", "remedy", "source"),
)
SHOWN = ("code", "rule", "severity", "place", "layer", "found", "remedy", "source")
INDENT = "  "
RULE_COLUMNS = ("code", "rule", "severity", "finds", "remedy", "source")


def _lines(findings: Findings) -> str:
    """The findings for people: a line each, the way out below it, and how many there are."""
    lines = []
    for finding in findings:
        lines += [str(finding), f"    {_remedy(finding)}"]
    return "\n".join([*lines, _count(findings)]) + "\n"


def _remedy(finding: Finding, sign: str = "") -> str:
    """The way out, where there is one, and the source."""
    source = f"[{finding.source}]" if finding.source else ""
    return " ".join(filter(None, [finding.remedy and sign + finding.remedy, source]))


def _styled_lines(findings: Findings, terminal: Terminal) -> Iterator[Line]:
    """The findings as a terminal shows them: with their line of the definition, and in colour."""
    for finding in findings:
        severity = "bad" if finding.severity == WARNING else "field"
        yield [
            (finding.severity, severity),
            (f" {finding.code} {finding.rule}", "title"),
            (f" at {finding.layer}", ""),
        ]
        yield [(finding.place, "note")]
        words = name_parts(finding.layer)
        yield from excerpt(finding.file, finding.line, words, terminal.width)
        for text, style in ((finding.found, ""), (_remedy(finding, "→ "), "good")):
            lines = word_wrap(text, terminal.width - len(INDENT)).split("\n")
            yield from ([(INDENT + line, style)] for line in lines if line)
        yield []
    style = "doubtful" if findings else "good"
    yield [(_count(findings), style)]


def _count(findings: Findings) -> str:
    looked = f"{findings.rules} rule{'' if findings.rules == 1 else 's'}"
    warnings = sum(finding.severity == WARNING for finding in findings)
    parts = [f"{warnings:,} warning{'' if warnings == 1 else 's'}"] if warnings else []
    if len(findings) > warnings:
        parts.append(f"{len(findings) - warnings:,} information")
    return f"{findings.network}: {', '.join(parts) or 'nothing'} found by {looked}"


def finding_answer(findings: Findings) -> Answer:
    """The findings, a row for each."""

    def plain() -> dict[str, Any]:
        return {
            "network": findings.network,
            "input": plain_input(findings.input),
            "findings": [finding.to_dict() for finding in findings],
        }

    def grids() -> list[Grid]:
        rows = [[getattr(finding, name) for name in SHOWN] for finding in findings]
        return [_grid(_count(findings), SHOWN, rows)]

    return Answer(
        COLUMNS,
        [_row(finding) for finding in findings],
        plain,
        grids,
        {"table": lambda: _lines(findings)},
        lines=lambda terminal: _styled_lines(findings, terminal),
    )


def finding_outcome(path: str, findings: Findings, rules: Sequence[Rule]) -> Outcome:
    """The findings of one of several networks, by the rules that were looked for."""
    cases: dict[str, list[Annotation]] = {f"{rule.code} {rule.name}": [] for rule in rules}
    for finding in findings:
        cases[f"{finding.code} {finding.rule}"].append(of_finding(finding))
    return Outcome(path, finding_answer(findings), None, cases)


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
