"""The command that holds a network to budgets: check."""

from __future__ import annotations

from typing import Any

import click

from ..definition.budgets import BUDGETS, RF_OF, bound_of
from ..studies.check import check
from ..text.annotation import BUDGET
from ..text.check import COLUMNS, verdict_outcome
from ..text.outcome import Outcome
from . import options as shared
from .asked import Asked
from .grouping import GroupedCommand
from .outcomes import FORMATS, exit_with, exit_zero_option, nets_options, write_outcomes
from .output import Output, tell
from .revision import baseline_network

HELP = {
    "max_params": "Most trainable parameters.",
    "max_macs": "Most multiply–accumulates.",
    "max_flops": "Most floating-point operations; 1 MAC = 2 FLOPs.",
    "max_activations": "Most output elements of all layers.",
    "max_buffers": "Most running statistics.",
    "max_memory": "Most bytes that are live at once; 64MiB are 64·2²⁰.",
    "max_weight_memory": "Most bytes of parameters.",
    "min_rf": "Least receptive field in pixels, on every axis.",
    "max_rf": "Largest receptive field in pixels, on every axis.",
}


def _checked_bound(ctx: click.Context, option: click.Parameter, given: str | None) -> str | None:
    try:
        if given is not None:
            bound_of(given, option.name or "")
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    return given


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _budget_options(command: Any) -> Any:
    options = [
        click.option(_flag(name), name, metavar="N", callback=_checked_bound, help=HELP[name])
        for name in BUDGETS
    ]
    layer = click.option(
        "--rf-of",
        RF_OF,
        metavar="LAYER",
        shell_complete=shared.completer("layer"),
        help="Whose field is meant; else the widest not global.",
    )
    return shared.apply(command, [*options, layer])


@click.command(
    "check", cls=GroupedCommand, short_help="Whether networks keep their budgets, for CI."
)
@nets_options
@_budget_options
@click.option(
    "--baseline",
    metavar="FILE|REV:FILE",
    help="What relative budgets (+5%) are of; REV: alone is NET itself at a git revision.",
)
@click.option("--if-budgets", is_flag=True, help="Pass over a network without budgets.")
@exit_zero_option
@shared.dtype_option()
@shared.analysis_options
@shared.format_options_of(FORMATS)
def command(asked: list[Asked], output: Output, batch: int, **options: Any) -> None:
    """Hold networks to bounds on their figures; exit 1 if any is not kept or not known.

    Bounds are whole numbers, or with k, M, G or T behind them (1.5M = 1500000), of bytes with MiB
    and the like too, or relative to a baseline's figure (+5%, which exactly +5 % keeps). The
    definition may give them too, as
    `budgets: {max_params: 5M, min_rf: 224, rf_of: conv5}`; options override it. Those of bytes,
    the definition's too, hold for numbers of --dtype.

    \b
    Examples:
      cnncalc check mobilenet_v2 --max-params 5M --max-macs 600M --min-rf 224
      cnncalc check net.yaml --max-macs +5% --baseline main:net.yaml
    """
    passes = options.pop("if_budgets") or len(asked) > 1
    baseline, exit_zero = options.pop("baseline"), options.pop("exit_zero")
    wanted = {name: value for name, value in options.items() if value is not None}

    def look(one: Asked) -> Outcome | None:
        network = one.network_on_input()
        if passes and not (network.definition.budgets or set(BUDGETS) & set(wanted)):
            tell(f"{one.title} has no budgets")
            return None
        other = baseline and baseline_network(baseline, one)
        verdicts = check(network, batch=batch, baseline=other, **wanted)
        return verdict_outcome(one.title, verdicts, one.channels_last)

    written = write_outcomes(asked, look, output, COLUMNS, {BUDGET: "a budget that is not kept"})
    exit_with(written, exit_zero)
