"""The command that writes a network as a page to look at."""

from __future__ import annotations

import sys
from typing import Any

import click

from ..pictures.page import page
from . import options as shared
from .asked import Asked
from .grouping import GroupedCommand
from .output import STANDARD_OUTPUT, write


def _networks(asked: Asked, other: str | None) -> tuple[Asked, str | None]:
    """What the first network is read from and the second's name.

    An option that names the first leaves NET for the second.
    """
    if asked.names_network and asked.net is not None:
        if other is not None:
            raise click.UsageError(f"Got an argument too many: {other!r}.")
        return asked.but(net=None), asked.net
    return asked, other


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
    the depth, and what lint finds. NET2 stands beside it, with what differs marked; --set and
    --input are for both. Up to the layer that fails where one does: the status is 1 then.

    \b
    Examples:
      cnncalc report resnet50 -o resnet50.html
      cnncalc report vgg16 vgg19 -o both.html
    """
    asked, net2 = _networks(asked, net2)
    if path in STANDARD_OUTPUT and sys.stdout.isatty():
        raise click.UsageError(
            "A page is for a browser: name its file with -o, as in -o network.html."
        )
    first = asked.network()
    other = None if net2 is None else asked.but(net=net2, yaml_file=None, spec=None).network()
    made = page(first, other, input=asked.input, channels_last=asked.channels_last, **how)
    write(made.html, path)
    if made.error is not None:
        raise made.error
