"""What was looked at and what is wrong, as test results in JUnit's XML, which CI servers show."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from ..record import Record
from .annotation import ERROR, INFO, Annotation


class Suite(Record):
    """A network's tests: by rule or budget what is wrong, nothing where it passes."""

    path: str
    cases: dict[str, list[Annotation]]


def junit(suites: Sequence[Suite]) -> str:
    """A suite for each network; information is no failure."""
    parts = [_suite(suite) for suite in suites]
    tests = sum(len(suite.cases) for suite in suites)
    head = f'<testsuites name="cnncalc" tests="{tests}" failures="{sum(map(_failures, suites))}">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *parts, "</testsuites>", ""])


def _failures(suite: Suite) -> int:
    return sum(any(one.severity != INFO for one in found) for found in suite.cases.values())


def _suite(suite: Suite) -> str:
    counts = f'tests="{len(suite.cases)}" failures="{_failures(suite)}"'
    lines = [f"  <testsuite name={quoteattr(_legal(suite.path))} {counts}>"]
    for name, found in suite.cases.items():
        case = f"classname={quoteattr(_legal(suite.path))} name={quoteattr(_legal(name))}"
        inner = "".join(map(_remark, found))
        lines.append(f"    <testcase {case}>{inner}</testcase>")
    return "\n".join([*lines, "  </testsuite>"])


def _remark(one: Annotation) -> str:
    place = one.path if one.line is None else f"{one.path}:{one.line}"
    text = escape(_legal(f"{place}: {one.message}"))
    if one.severity == INFO:
        return f"<system-out>{text}</system-out>"
    kind = "error" if one.severity == ERROR else "warning"
    return f'<failure message={quoteattr(_legal(one.message))} type="{kind}">{text}</failure>'


def _legal(text: str) -> str:
    """The text without what XML 1.0 has no way to write."""
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "\ufffd" for sign in text)
