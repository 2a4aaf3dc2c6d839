"""The command that tells what makes one network another: diff."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click

from ..errors import CnncalcError
from ..network.network import Network
from ..readers import SUFFIXES
from ..studies.check import Verdicts, check
from ..studies.diff import Difference, diff
from ..text.answer import Answer, render
from ..text.diff import COLUMNS, difference_answer, json_list
from . import options as shared
from .asked import Asked
from .grouping import GroupedCommand
from .output import Output, tell, write
from .revision import both_states
from .status import WRONG


@click.command(
    "diff", cls=GroupedCommand, short_help="What makes one network another, for reviews."
)
@click.argument(
    "nets", metavar="OLD NEW | [PATH]...", nargs=-1, shell_complete=shared.completer("net")
)
@click.option(
    "--git",
    "revisions",
    metavar="REV|A..B",
    help="Compare PATHs, or all below this folder, at a revision with now, or at two revisions.",
)
@click.option("--all", "every", is_flag=True, help="Also layers whose figures merely moved.")
@click.option("--exit-code", is_flag=True, help="Exit 1 if anything differs.")
@shared.reader_options
@shared.input_options()
@shared.format_options
def command(
    asked: Asked, output: Output, nets: tuple[str, ...], revisions: str | None, **how: Any
) -> None:
    """Layers that were added, removed, renamed or changed, and totals old and new.

    Layers are paired by their structure first and by name second. What merely follows from an edit
    before it is told with --all. With --markdown it is a comment for a pull request, with the new
    network's budgets.

    \b
    Examples:
      cnncalc diff resnet18 resnet34
      cnncalc diff --git main..HEAD nets/ --markdown
    """
    if revisions is None:
        if len(nets) != 2:
            raise click.UsageError("Give two networks, OLD and NEW, or --git REV.")
        old, new = (asked.but(net=net).network_on_input() for net in nets)
        found = [(diff(old, new, every=how["every"]), _budgets(new))]
        output.write(difference_answer(*found[0]))
    else:
        found = [*_between(revisions, nets, asked, how["every"])]
        if output.form == "json":
            write(json_list([difference for difference, _ in found]), output.path)
        else:
            _write_each(output, found)
    if how["exit_code"] and any(_differs(difference) for difference, _ in found):
        raise click.exceptions.Exit(WRONG)


def _differs(difference: Difference) -> bool:
    return bool(difference.layers) or any(old != new for old, new in difference.totals.values())


def _budgets(network: Network) -> Verdicts | None:
    """What becomes of the network's own budgets; None where it has none, or they are relative."""
    budgets = network.definition.budgets
    relative = any(
        isinstance(bound.value, str) and "%" in bound.value for bound in budgets.values()
    )
    return check(network) if budgets and not relative else None


def _between(
    revisions: str, paths: Sequence[str], asked: Asked, every: bool
) -> Iterator[tuple[Difference, Verdicts | None]]:
    """The differences of the files that are not the same, but of those that are no networks."""
    for path, old_file, new_file in both_states(revisions, paths, tuple(SUFFIXES)):
        try:
            old, new = (
                None if file is None else asked.but(net=file).network_on_input()
                for file in (old_file, new_file)
            )
        except CnncalcError as error:
            tell(f"{path} is passed over: {error.message}")
            continue
        difference = diff(old, new, every=every)
        if _differs(difference):
            yield difference, None if new is None else _budgets(new)


def _write_each(output: Output, found: Sequence[tuple[Difference, Verdicts | None]]) -> None:
    answers = [difference_answer(*each) for each in found]
    texts = {"markdown": lambda: "\n".join(render(answer, "markdown") for answer in answers)}
    rows = [row for answer in answers for row in answer.rows]
    grids = [grid for answer in answers for grid in answer.grids()]
    output.write(Answer(COLUMNS, rows, dict, lambda: grids, texts))
