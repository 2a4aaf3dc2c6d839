"""The command that looks for design faults: lint."""

from __future__ import annotations

from typing import Any

import click

from ..studies.lint import WARNING, chosen_rules, lint
from ..text.lint import finding_answer, rule_answer
from . import options as shared
from .asked import Asked
from .grouping import GroupedCommand
from .output import Output
from .status import WRONG


def _words(ctx: click.Context, option: click.Parameter, given: tuple[str, ...]) -> list[str]:
    """Rules that an option names, comma between them or the option repeated."""
    words = [word.strip() for text in given for word in text.split(",")]
    if "" in words:
        raise click.BadParameter("names no rule; `cnncalc lint --rules` lists them")
    return words


@click.command("lint", cls=GroupedCommand, short_help="Design faults that the exact fields reveal.")
@shared.net_options
@shared.input_options()
@click.option(
    "--from",
    "from_layer",
    metavar="LAYER",
    shell_complete=shared.completer("layer"),
    help="Look at fields relative to its output.",
)
@click.option(
    "--select",
    multiple=True,
    metavar="RULES",
    shell_complete=shared.completer("rules"),
    callback=_words,
    help="Only these rules: codes, their beginnings or names, a comma between them.",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="RULES",
    shell_complete=shared.completer("rules"),
    callback=_words,
    help="All but these rules.",
)
@click.option("--strict", is_flag=True, help="Exit 1 if there is any warning.")
@click.option("--rules", is_flag=True, help="List the rules and exit.")
@shared.format_options
def command(asked: Asked, output: Output, **options: Any) -> None:
    """Find design faults: each with its place, a code, the evidence and the way out.

    Warnings are faults, information is what one should know. Gates that read the whole map, as in
    squeeze-and-excitation, are left out of fields.

    \b
    Examples:
      cnncalc lint mynet.yaml --strict
      cnncalc lint resnet50 --ignore field-beyond-input
    """
    choice = {name: options[name] for name in ("select", "ignore")}
    if options["rules"]:
        output.write(rule_answer(chosen_rules(**choice)))
        return
    findings = lint(asked.network_on_input(), from_layer=options["from_layer"], **choice)
    output.write(finding_answer(findings))
    if options["strict"] and any(finding.severity == WARNING for finding in findings):
        raise click.exceptions.Exit(WRONG)
