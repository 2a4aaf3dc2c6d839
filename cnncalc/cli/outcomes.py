"""Commands that look at several networks, one after the other, whatever is wrong with one."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import click

from .. import zoo
from ..errors import BlocksAlone, CnncalcError, UsageError
from ..text.annotation import ERROR, WARNING
from ..text.outcome import REVIEW_FORMATS, Outcome, failure, outcome_answer
from . import options as shared
from .asked import Asked, each_asked
from .output import Output, complain, tell
from .status import MISUSED, WRONG

FULL = "full"  # the table by the name that other linters give it
FORMATS = (*shared.FORMATS, FULL, *REVIEW_FORMATS)

NETS = click.argument("nets", metavar="[NET]...", nargs=-1, shell_complete=shared.completer("net"))
exit_zero_option = click.option(
    "--exit-zero", is_flag=True, help="Exit 0 whatever is found; wrong calls still exit 2."
)


def nets_options(command: shared.F) -> shared.F:
    """Like `net_options` for several NETs: the command is given one `asked` of each."""

    @wraps(command)
    def with_each(asked: Asked, nets: tuple[str, ...], **options: Any) -> Any:
        return command(asked=each_asked(asked, nets), **options)

    handed: Any = shared.hands_over((*shared.WHAT, *shared.HOW), with_each)
    return shared.apply(handed, [NETS, *shared.NET_OPTIONS])  # type: ignore[no-any-return]


def write_outcomes(
    asked: Sequence[Asked],
    look: Callable[[Asked], Outcome | None],
    output: Output,
    columns: Sequence[str],
    rules: dict[str, str],
) -> list[Outcome]:
    """Look at every network, write what comes of it and give it.

    A single one that fails is an error as with any command, unless a form for reviews is asked for.
    None stands for one that there is nothing to say of.
    """
    outcomes = []
    for one in asked:
        try:
            outcome = look(one)
        except BlocksAlone:
            tell(f"{one.title} has blocks alone, for networks to include")
            continue
        except CnncalcError as error:
            if isinstance(error, UsageError) and not (_is_missing(one) and len(asked) > 1):
                raise
            if len(asked) == 1 and output.form not in REVIEW_FORMATS:
                raise
            outcome = failure(one.title, error)
        if outcome is not None:
            outcomes.append(outcome)
    form = "table" if output.form == FULL else output.form
    output.but(form=form).write(outcome_answer(outcomes, columns, rules))
    for outcome in outcomes:
        if outcome.error is not None and form not in REVIEW_FORMATS:
            complain(outcome.error)
    return outcomes


def exit_with(outcomes: Sequence[Outcome], exit_zero: bool, strict: bool = False) -> None:
    """End with the status of errors, and of warnings where `strict`."""
    if any(isinstance(outcome.error, UsageError) for outcome in outcomes):
        raise click.exceptions.Exit(MISUSED)
    wrong = (ERROR, WARNING) if strict else (ERROR,)
    found = (one.severity for outcome in outcomes for one in outcome.annotations)
    if not exit_zero and any(severity in wrong for severity in found):
        raise click.exceptions.Exit(WRONG)


def _is_missing(asked: Asked) -> bool:
    return not os.path.exists(asked.title) and zoo.path(asked.title) is None
