"""What is wrong with files, as tools of code review read it: a remark at a line of a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from ..errors import CnncalcError
from ..record import Record
from ..studies.check import Verdict
from ..studies.lint import Finding
from ..wording import number, quote

ERROR, WARNING, INFO = "error", "warning", "info"
DEFINITION, BUDGET = "definition", "budget"
GITHUB = {ERROR: "error", WARNING: "warning", INFO: "notice"}
GITLAB = {ERROR: "major", WARNING: "minor", INFO: "info"}


class Annotation(Record):
    """A remark: `rule` is its stable code, `title` what people call it, `layer` where it shows."""

    path: str
    line: int | None
    severity: str
    rule: str
    title: str
    layer: str | None
    message: str


def of_finding(finding: Finding) -> Annotation:
    """A fault that the linter found."""
    told = "; ".join(filter(None, [finding.found, finding.remedy]))
    return Annotation(
        finding.path,
        finding.line,
        finding.severity,
        finding.code,
        f"{finding.code} {finding.rule}",
        finding.layer,
        f"layer {quote(finding.layer)}: {told}",
    )


def of_error(error: CnncalcError, path: str) -> Annotation:
    """A definition that fails."""
    where = error.path or path
    layer = "" if error.layer is None else f"layer {quote(error.layer)}: "
    message = layer + error.message
    return Annotation(where, error.line, ERROR, DEFINITION, DEFINITION, error.layer, message)


def of_verdict(verdict: Verdict, path: str) -> Annotation:
    """A budget that is not kept, at its key's line; at the first where an option gives it."""
    sign = "over" if verdict.result == "exceeded" else "under"
    figure = "is not known" if verdict.figure is None else f"is {number(verdict.figure)}, {sign}"
    of = f" of {quote(verdict.layer)}" if verdict.layer else ""
    name = verdict.budget.partition("_")[2]
    bound = f"its budget of {number(verdict.bound)}"
    held = "held to " if verdict.figure is None else ""
    message = f"{name}{of} {figure}{', ' if held else ' '}{held}{bound}"
    line = verdict.line or 1
    return Annotation(path, line, ERROR, BUDGET, verdict.budget, verdict.layer, message)


def fingerprints(annotations: Iterable[Annotation]) -> list[str]:
    """A text for each that stays while lines move: of path, rule, layer, number among equals."""
    seen: dict[tuple[Any, ...], int] = {}
    prints = []
    for one in annotations:
        key = (one.path, one.rule, one.layer or one.title)
        seen[key] = seen.get(key, 0) + 1
        prints.append(sha256("\0".join(map(str, (*key, seen[key]))).encode()).hexdigest())
    return prints


def concise(annotations: Sequence[Annotation]) -> str:
    """A line each."""
    return "".join(
        f"{_place(one)}: {one.severity}: {one.title}: {one.message}\n" for one in annotations
    )


def _place(one: Annotation) -> str:
    return one.path if one.line is None else f"{one.path}:{one.line}"


def github(annotations: Sequence[Annotation]) -> str:
    """Workflow commands, which GitHub shows beside the lines of a pull request."""
    return "".join(map(_workflow_command, annotations))


def _workflow_command(one: Annotation) -> str:
    line = "" if one.line is None else f",line={one.line}"
    place = f"file={_property(one.path)}{line},title={_property(one.title)}"
    return f"::{GITHUB[one.severity]} {place}::{_data(one.message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def gitlab(annotations: Sequence[Annotation]) -> str:
    """A code quality report."""
    import json

    issues = [
        {
            "description": one.message,
            "check_name": one.title,
            "fingerprint": fingerprint,
            "severity": GITLAB[one.severity],
            "location": {"path": one.path, "lines": {"begin": one.line or 1}},
        }
        for one, fingerprint in zip(annotations, fingerprints(annotations))
    ]
    return json.dumps(issues, indent=2, ensure_ascii=False) + "\n"
