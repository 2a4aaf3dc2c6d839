"""Commands that look at several networks, one after the other, whatever is wrong with one."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import click

from .. import zoo
from ..errors import BlocksAlone, CnncalcError, UsageError
from ..text.outcome import REVIEW_FORMATS, Outcome, failure, outcome_answer
from . import options as shared
from .asked import Asked
from .output import Output, complain, tell
from .status import DONE, MISUSED, WRONG

FULL = "full"  # the table by the name that other linters give it
FORMATS = (*shared.FORMATS, FULL, *REVIEW_FORMATS)

exit_zero_option = click.option(
    "--exit-zero", is_flag=True, help="Exit 0 whatever is found; wrong calls still exit 2."
)


def write_outcomes(
    asked: Sequence[Asked],
    look: Callable[[Asked], Outcome | None],
    output: Output,
    columns: Sequence[str],
    rules: dict[str, str],
) -> int:
    """Look at every network and write what comes of it; the status of those that fail.

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
    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    if form not in REVIEW_FORMATS:
        for wrong in errors:
            complain(wrong)
    if any(isinstance(wrong, UsageError) for wrong in errors):
        return MISUSED
    return WRONG if errors else DONE


def _is_missing(asked: Asked) -> bool:
    return not os.path.exists(asked.title) and zoo.path(asked.title) is None
