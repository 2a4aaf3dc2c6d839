"""The command that looks for design faults: lint."""

from __future__ import annotations

from typing import Any

import click

from . import options as shared
from .output import terminal_width, write
from .status import WRONG


def _words(ctx: click.Context, option: click.Parameter, given: tuple[str, ...]) -> list[str]:
    """Rules that an option names, comma between them or the option repeated."""
    words = [word.strip() for text in given for word in text.split(",")]
    if "" in words:
        raise click.BadParameter("names no rule; `cnncalc lint --rules` lists them")
    return words


@click.command("lint", short_help="Design faults that the exact fields reveal.")
@shared.net_options
@shared.input_option()
@click.option(
    "--from", "from_layer", metavar="LAYER", help="Look at fields relative to its output."
)
@click.option(
    "--select",
    multiple=True,
    metavar="RULES",
    callback=_words,
    help="Only these rules: codes, their beginnings or names, a comma between them.",
)
@click.option(
    "--ignore", multiple=True, metavar="RULES", callback=_words, help="All but these rules."
)
@click.option("--strict", is_flag=True, help="Exit 1 if there is any warning.")
@click.option("--rules", is_flag=True, help="List the rules and exit.")
@shared.format_options
def run(**asked: Any) -> None:
    """Find design faults: each with its place, a code, the evidence and the way out.

    Warnings are faults, information is what one should know. Gates that read the whole map, as in
    squeeze-and-excitation, are left out of fields.

    \b
    Examples:
      cnncalc lint mynet.yaml --strict
      cnncalc lint resnet50 --ignore field-beyond-input
    """
    from ..studies.lint import WARNING, chosen, lint
    from ..text.answer import rendered
    from ..text.lint import finding_answer, finding_lines, rule_answer

    form, path = shared.chosen_format(asked), asked["output"]
    width = None if path else terminal_width()
    rules = chosen(asked["select"], asked["ignore"])
    if asked["rules"]:
        write(rendered(rule_answer(rules), form, width), path)
        return
    network = shared.loaded(asked["net"], asked["yaml_file"], asked["arguments"])
    if asked["input_shape"] is not None:
        network = network.with_input(asked["input_shape"])
    codes = [rule.code for rule in rules]
    findings = lint(network, from_layer=asked["from_layer"], select=codes) if codes else ()
    if form == "table":
        write(finding_lines(findings, network, rules), path)
    else:
        write(rendered(finding_answer(findings, network, rules), form, width), path)
    if asked["strict"] and any(finding.severity == WARNING for finding in findings):
        raise click.exceptions.Exit(WRONG)


def command(name: str) -> click.Command:
    """The command `lint`."""
    return run
