"""The command that puts networks side by side: compare."""

from __future__ import annotations

from typing import Any

import click

from ..definition.inputs import asked_notes
from ..loading import from_spec
from ..network.network import Network
from ..studies.compare import compare
from ..text.compare import comparison_answer
from . import options as shared
from .asked import Asked
from .grouping import GroupedCommand
from .output import Output, tell


@click.command(
    "compare", cls=GroupedCommand, short_help="Networks side by side, in ratio to the first."
)
@click.argument("nets", metavar="NET…", nargs=-1, shell_complete=shared.completer("net"))
@click.option(
    "--spec",
    "specs",
    metavar="K,S,P,D …",
    multiple=True,
    help='A chain of windows as a NET: "3,1,1 3,1,1".',
)
@shared.reader_options
@click.option("--by-layer", is_flag=True, help="Layer by layer too, where layers correspond.")
@shared.input_options("Input of those without one of their own: 3x320x320, 320x480 or 320.")
@shared.batch_option
@shared.with_global_option
@shared.format_options
def command(asked: Asked, output: Output, **options: Any) -> None:
    """Totals of networks side by side, in exact ratio to the first.

    A NET is a built-in network, a path, - for YAML on standard input, or a variant of one:
    vgg16@320 for another input, mobilenet_v1:alpha=0.5 for other arguments, or both,
    net.yaml:alpha=0.5,b=2@3x64x64. It is read so only where no file has that name, and neither
    --reader nor --unknown is given.

    \b
    Examples:
      cnncalc compare mobilenet_v1 mobilenet_v1:alpha=0.5 mobilenet_v1@160
      cnncalc compare vgg16 vgg19 --by-layer
    """
    networks = [_network(asked.but(net=name)) for name in options["nets"]]
    networks += [from_spec(spec).but(name=spec) for spec in options["specs"]]
    if not networks:
        raise click.UsageError("Give the networks to compare, as in: cnncalc compare vgg16 vgg19")
    comparison = compare(
        *networks,
        input=asked.input,
        batch=options["batch"],
        with_global=options["with_global"],
    )
    if asked.input is not None:
        for note in asked_notes(asked.input, comparison.networks[0].report.inputs):
            tell(note)
    output.write(comparison_answer(comparison, options["by_layer"], asked.channels_last))


def _network(asked: Asked) -> str | Network:
    """The network of a name; a variant of one is for the comparison to read."""
    if asked.net != "-" and not asked.reads_otherwise:
        return str(asked.net)
    return asked.network().but(name=asked.net)
