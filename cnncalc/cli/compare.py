"""The command that puts networks side by side: compare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ..network.network import Network
from . import options as shared
from .output import terminal_width, write

F = TypeVar("F", bound=Callable[..., Any])


def _named(name: str) -> str | Network:
    if name != "-" and not shared.reads_otherwise():
        return name
    return Network(**{**shared.loaded(name, None, {}).as_dict(), "name": name})


def _chain(spec: str) -> Network:
    from ..loading import from_spec

    return Network(**{**from_spec(spec).as_dict(), "name": spec})


def _readers(command: F) -> F:
    return shared.apply(command, shared.reader_options)


@click.command("compare", short_help="Networks side by side, in ratio to the first.")
@click.argument("nets", metavar="NET…", nargs=-1)
@click.option(
    "--spec",
    "specs",
    metavar="K,S,P,D …",
    multiple=True,
    help='A chain of windows as a NET: "3,1,1 3,1,1".',
)
@_readers
@click.option("--by-layer", is_flag=True, help="Layer by layer too, where layers correspond.")
@shared.input_option("Input of those without one of their own: 3x320x320, 320x480 or 320.")
@click.option(
    "--batch",
    type=click.IntRange(1, 10**9),
    default=1,
    metavar="N",
    help="Scale MACs, FLOPs and activations.",
)
@shared.ignore_global_option
@shared.format_options
def run(**asked: Any) -> None:
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
    from ..studies.compare import compare
    from ..text.answer import rendered
    from ..text.compare import comparison_answer

    form, path = shared.chosen_format(asked), asked["output"]
    networks = [*map(_named, asked["nets"]), *map(_chain, asked["specs"])]
    if not networks:
        raise click.UsageError("Give the networks to compare, as in: cnncalc compare vgg16 vgg19")
    comparison = compare(
        *networks,
        input=asked["input_shape"],
        batch=asked["batch"],
        ignore_global=asked["ignore_global"],
    )
    answer = comparison_answer(comparison, asked["by_layer"])
    write(rendered(answer, form, None if path else terminal_width()), path)


def command(name: str) -> click.Command:
    """The command `compare`."""
    return run
