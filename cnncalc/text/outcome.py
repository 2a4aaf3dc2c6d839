"""What was found in each of several networks, in the forms that they share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import CnncalcError
from ..record import Record
from .annotation import (
    DEFINITION,
    ERROR,
    INFO,
    WARNING,
    Annotation,
    concise,
    github,
    gitlab,
    of_error,
)
from .answer import Answer, Texts, render
from .sheet import Line
from .terminal import Terminal

REVIEW_FORMATS = ("concise", "github", "gitlab", "sarif", "junit")


class Outcome(Record):
    """One network's answer, or the error that it fails with; `path` is as it was given.

    `cases` has, by what was looked at, the remarks to it.
    """

    path: str
    answer: Answer | None
    error: CnncalcError | None
    cases: Mapping[str, list[Annotation]]

    @property
    def annotations(self) -> list[Annotation]:
        """All remarks."""
        return [one for found in self.cases.values() for one in found]


def failure(path: str, error: CnncalcError) -> Outcome:
    """The outcome of a network that fails."""
    return Outcome(path, None, error, {DEFINITION: [of_error(error, path)]})


def outcome_answer(
    outcomes: Sequence[Outcome], columns: Sequence[str], rules: dict[str, str]
) -> Answer:
    """The answer of one network as it is, those of several together; `rules` is for SARIF."""
    texts = _review_texts(outcomes, rules)
    if len(outcomes) == 1 and outcomes[0].answer is not None:
        one = outcomes[0].answer
        return one.but(texts={**one.texts, **texts})
    answers = [(outcome, outcome.answer) for outcome in outcomes if outcome.answer is not None]

    def plain() -> dict[str, Any]:
        networks = [_with_path(outcome.path, answer.plain()) for outcome, answer in answers]
        return {
            "networks": networks,
            "errors": [_plain_error(one) for one in outcomes if one.error],
        }

    def lines(terminal: Terminal) -> list[Line]:
        shown: list[Line] = []
        for _, answer in answers:
            assert answer.lines is not None
            shown += [*answer.lines(terminal), []]
        return [*shown, [(count(outcomes), "title")]]

    def table(terminal: Terminal | None = None) -> str:
        parts = [render(answer, "table", terminal) for _, answer in answers]
        return "\n".join([*parts, count(outcomes) + "\n"])

    return Answer(
        columns,
        [row for _, answer in answers for row in answer.rows],
        plain,
        lambda: [grid for _, answer in answers for grid in answer.grids()],
        {**texts, "table": table},
        lines=lines if all(answer.lines for _, answer in answers) else None,
    )


def _with_path(path: str, plain: dict[str, Any]) -> dict[str, Any]:
    return {"network": plain.pop("network"), "path": path, **plain}


def _plain_error(outcome: Outcome) -> dict[str, Any]:
    error = outcome.error
    assert error is not None
    return {
        "path": error.path or outcome.path,
        "line": error.line,
        "layer": error.layer,
        "message": error.message,
    }


def count(outcomes: Sequence[Outcome]) -> str:
    """How many networks were looked at, and how many remarks there are of each kind."""
    found = [one.severity for outcome in outcomes for one in outcome.annotations]
    parts = [
        f"{number:,} {word}{'' if number == 1 or word == 'information' else 's'}"
        for severity, word in ((ERROR, "error"), (WARNING, "warning"), (INFO, "information"))
        if (number := found.count(severity))
    ]
    networks = f"{len(outcomes):,} network{'' if len(outcomes) == 1 else 's'}"
    return f"{networks}: {', '.join(parts) or 'nothing wrong'}"


def _review_texts(outcomes: Sequence[Outcome], rules: dict[str, str]) -> Texts:
    found = [one for outcome in outcomes for one in outcome.annotations]

    def as_sarif() -> str:
        from .sarif import sarif

        return sarif(found, rules)

    def as_junit() -> str:
        from .junit import Suite, junit

        return junit([Suite(outcome.path, dict(outcome.cases)) for outcome in outcomes])

    texts: dict[str, Callable[[], str]] = {
        "concise": lambda: f"{concise(found)}{count(outcomes)}\n",
        "github": lambda: github(found),
        "gitlab": lambda: gitlab(found),
        "sarif": as_sarif,
        "junit": as_junit,
    }
    return texts
