"""The command that tells what memory a network takes."""

from __future__ import annotations

from typing import Any

import click

from ..errors import UsageError
from ..studies.memory import OPTIMIZERS, ORDERS, memory
from ..studies.memory.storages import RUNTIMES
from ..text.memory import Rows, memory_answer
from . import options as shared
from .asked import Asked
from .grouping import GroupedCommand
from .output import Output

CHOICES = [
    shared.dtype_option(),
    click.option(
        "--in-place",
        is_flag=True,
        help="Activations, batch norms, dropouts and additions write over what nobody reads later.",
    ),
    click.option(
        "--runtime",
        type=click.Choice(RUNTIMES),
        default=RUNTIMES[0],
        help="pytorch: with the indices that max pooling computes.",
    ),
    click.option(
        "--order",
        type=click.Choice(ORDERS),
        default=ORDERS[0],
        help="best: the order of layers whose peak is least.",
    ),
    click.option(
        "--train", type=click.Choice(tuple(OPTIMIZERS)), help="What training with it holds, too."
    ),
    click.option("--plan", is_flag=True, help="The offsets of all storages in one arena."),
    shared.LAYERS_OPTION,
    shared.COLUMNS_OPTION,
    shared.DEPTH_OPTION,
]


@click.command(
    "memory", cls=GroupedCommand, short_help="Bytes that a network takes to run and to train."
)
@shared.net_options
@shared.input_options()
@shared.batch_option
@lambda command: shared.apply(command, CHOICES)
@shared.table_options
@shared.format_options
def command(asked: Asked, output: Output, **options: Any) -> None:
    """Bytes that are live while each layer runs, their peak, and what autograd keeps of each.

    An output is live until the last layer that reads it has run. Weights are told apart; what is
    counted and what is not: cnncalc help memory.

    \b
    Examples:
      cnncalc memory mobilenet_v2 --dtype int8 --order best
      cnncalc memory resnet50 --batch 32 --train adamw
    """
    options["columns"] = shared.column_names(options["columns"], output.form)
    rows = Rows(**{name: options.pop(name) for name in Rows._fields})
    if rows.plan and rows.depth:
        raise UsageError("--depth folds layers, --plan shows storages: they do not go together")
    found = memory(asked.network_on_input(), **options)
    if rows.plan and found.arena is None and output.form != "json":
        raise UsageError(f"{found.network} has no plan: sizes are unknown, or storages too many")
    output.write(memory_answer(found, rows, asked.channels_last))
