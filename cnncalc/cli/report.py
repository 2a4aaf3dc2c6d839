"""The command that writes a network as a page to look at."""

from __future__ import annotations

import sys
from typing import Any

import click

from ..network.network import Network
from ..pictures.page import page
from ..studies.compare import variant
from . import options as shared
from .asked import Asked
from .grouping import GroupedCommand
from .output import STANDARD_OUTPUT, warn, write


def _networks(asked: Asked, other: str | None) -> tuple[Asked, str | None]:
    """What the first network is read from and the second's name.

    An option that names the first leaves NET for the second.
    """
    if asked.names_network and asked.net is not None:
        if other is not None:
            raise click.UsageError(f"Got an argument too many: {other!r}.")
        return asked.but(net=None), asked.net
    return asked, other


def _network(asked: Asked) -> Network:
    """The network on its input: that of a name, or a variant of one, which is called as asked."""
    if asked.net is None or asked.net == "-" or asked.reads_otherwise:
        return asked.network_on_input()
    name, arguments, own_input = variant(asked.net)
    arguments, shape = {**asked.arguments, **arguments}, own_input or asked.input
    network = asked.but(net=name, arguments=arguments, input=shape).network_on_input()
    return network if name == asked.net else network.but(name=asked.net)


@click.command(
    "report", cls=GroupedCommand, short_help="A page that shows fields, graph and figures."
)
@shared.net_options
@click.argument("net2", required=False, shell_complete=shared.completer("net"))
@shared.analysis_options
@shared.file_option
def command(asked: Asked, net2: str | None, path: str | None, **how: Any) -> None:
    """A network as one HTML page, which fetches nothing: point at a unit, see what it reads.

    With the graph, the figures of every layer and how each comes about, costs and live memory along
    the depth, and what lint finds. NET2 stands beside it, with what differs marked; either may be a
    variant, as compare takes them: vgg16@320, mobilenet_v1:alpha=0.5. A network with a layer that
    fails is shown up to it, and the status is 1.

    \b
    Examples:
      cnncalc report resnet50 -o resnet50.html
      cnncalc report mobilenet_v1 mobilenet_v1:alpha=0.5 -o both.html
    """
    asked, net2 = _networks(asked, net2)
    if path in STANDARD_OUTPUT and sys.stdout.isatty():
        raise click.UsageError(
            "A page is for a browser: name its file with -o, as in -o network.html."
        )
    first = _network(asked)
    other = None if net2 is None else _network(asked.but(net=net2, yaml_file=None, spec=None))
    made = page(first, other, channels_last=asked.channels_last, **how)
    write(made.html.encode(), path)  # in the page's own encoding, whatever standard output's
    warn(made.warnings)
    if made.error is not None:
        raise made.error
