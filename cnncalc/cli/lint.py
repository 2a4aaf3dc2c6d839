"""The command that looks for design faults: lint."""

from __future__ import annotations

from typing import Any

import click

from ..studies.lint import chosen_rules, lint
from ..text.lint import COLUMNS, finding_outcome, rule_answer
from ..text.outcome import Outcome
from . import options as shared
from .asked import Asked
from .fixing import difference, fix
from .grouping import GroupedCommand
from .outcomes import FORMATS, exit_with, exit_zero_option, nets_options, write_outcomes
from .output import Output, write


def _words(ctx: click.Context, option: click.Parameter, given: tuple[str, ...]) -> list[str]:
    """Rules that an option names, comma between them or the option repeated."""
    words = [word.strip() for text in given for word in text.split(",")]
    if "" in words:
        raise click.BadParameter("names no rule; `cnncalc lint --rules` lists them")
    return words


@click.command("lint", cls=GroupedCommand, short_help="Design faults that the exact fields reveal.")
@nets_options
@shared.input_options()
@shared.from_option("Look at fields relative to its output.")
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
@exit_zero_option
@click.option("--fix", "fixes", is_flag=True, help="Write what is certain into the YAML file.")
@click.option("--diff", is_flag=True, help="Show what --fix would write, and write nothing.")
@click.option("--rules", is_flag=True, help="List the rules and exit.")
@shared.format_options_of(FORMATS)
def command(asked: list[Asked], output: Output, **options: Any) -> None:
    """Find design faults: each with its place, a code, the evidence and the way out.

    Warnings are faults, information is what one should know. Gates that read the whole map, as in
    squeeze-and-excitation, are left out of fields. Of several networks, or patterns of files, all
    are looked at. `# cnncalc: ignore CNN103` at the end of a layer's line lets that pass.

    \b
    Examples:
      cnncalc lint mynet.yaml --strict
      cnncalc lint resnet50 --ignore field-beyond-input
      cnncalc lint 'nets/*.yaml' --format github
    """
    choice = {name: options[name] for name in ("select", "ignore")}
    rules = chosen_rules(**choice)
    if options["rules"]:
        output.write(rule_answer(rules))
        return
    if options["diff"]:
        networks = [(one, one.network_on_input()) for one in asked]
        write((difference(one, net, lint(net, **choice)) for one, net in networks), output.path)
        return

    def look(one: Asked) -> Outcome:
        network = one.network_on_input()
        findings = lint(network, from_layer=options["from_layer"], **choice)
        if options["fixes"] and fix(one, network, findings):
            network = one.network_on_input()
            findings = lint(network, from_layer=options["from_layer"], **choice)
        return finding_outcome(one.title, findings, rules)

    told = {rule.code: f"{rule.name}: {rule.finds}" for rule in rules}
    written = write_outcomes(asked, look, output, COLUMNS, told)
    exit_with(written, options["exit_zero"], options["strict"])
