"""The command that holds a network to budgets: check."""

from __future__ import annotations

from typing import Any

import click

from ..definition.budgets import BUDGETS, RF_OF, whole_bound
from ..studies.check import check
from ..text.check import verdict_answer
from . import options as shared
from .asked import Asked
from .grouping import GroupedCommand
from .output import Output
from .status import WRONG

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


def _parse_bound(ctx: click.Context, option: click.Parameter, given: str | None) -> int | None:
    try:
        return None if given is None else whole_bound(given, option.name or "")
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _budget_options(command: Any) -> Any:
    options = [
        click.option(
            f"--{name.replace('_', '-')}", name, metavar="N", callback=_parse_bound, help=HELP[name]
        )
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
    "check", cls=GroupedCommand, short_help="Whether a network keeps its budgets, for CI."
)
@shared.net_options
@_budget_options
@shared.dtype_option()
@shared.analysis_options
@shared.format_options
def command(asked: Asked, output: Output, batch: int, **options: Any) -> None:
    """Hold a network to bounds on its figures; exit 1 if any is not kept or not known.

    Bounds are whole numbers, or with k, M, G or T behind them (1.5M = 1500000), of bytes with MiB
    and the like too. The definition may give them too, as
    `budgets: {max_params: 5M, min_rf: 224, rf_of: conv5}`; options override it. Those of bytes,
    the definition's too, hold for numbers of --dtype.

    \b
    Example:
      cnncalc check mobilenet_v2 --max-params 5M --max-macs 600M --min-rf 224
    """
    network = asked.network_on_input()
    wanted = {name: value for name, value in options.items() if value is not None}
    verdicts = check(network, batch=batch, **wanted)
    output.write(verdict_answer(verdicts, asked.channels_last))
    if not all(verdict.ok for verdict in verdicts):
        raise click.exceptions.Exit(WRONG)
