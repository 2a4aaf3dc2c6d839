"""The commands about the built-in networks and definitions themselves: list and show."""

from __future__ import annotations

import os

import click

from .. import zoo
from ..errors import UsageError
from ..exporters.yaml import flat_definition
from ..studies.catalogue import Catalogue, entries
from ..text.catalogue import catalogue_answer
from . import options as shared
from .output import Output, write
from .status import DONE


@click.command("list", short_help="The built-in networks with their figures.")
@shared.format_options
def list_networks(output: Output) -> None:
    """The built-in networks with input, parameters, MACs and widest receptive field.

    \b
    Example:
      cnncalc list --csv
    """
    output.write(catalogue_answer(_entries_of_two() if _can_fork() else entries()))


def _can_fork() -> bool:
    return hasattr(os, "fork") and (os.cpu_count() or 1) > 1


def _entries_of_two() -> Catalogue:
    """The catalogue, every other network computed by a second process: it takes half the time."""
    import pickle

    networks = zoo.by_family()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            with open(writing, "wb") as pipe:
                pickle.dump(entries(networks[1::2]), pipe)
        finally:
            os._exit(DONE)
    os.close(writing)
    both = dict(zip(networks[::2], entries(networks[::2])))
    with open(reading, "rb") as pipe:
        try:
            others = pickle.load(pipe)
        except EOFError:  # it was ended from outside
            others = entries(networks[1::2])
    os.waitpid(child, 0)
    both |= zip(networks[1::2], others)
    return Catalogue(both[network] for network in networks)


@click.command("show", short_help="A network's definition.")
@shared.net_options
@shared.input_option()
@click.option("--expand", is_flag=True, help="Flat: blocks, arguments and repeats resolved.")
@shared.file_option
def show(asked: shared.Asked, expand: bool, path: str | None) -> None:
    """A network's definition, as its file has it or expanded.

    \b
    Example:
      cnncalc show vgg16 --expand
    """
    if expand:
        write(flat_definition(asked.network_on_input()), path)
    elif asked.arguments or asked.input is not None:
        raise click.UsageError("--set and --input go with --expand; the file itself stays as it is")
    else:
        text = asked.definition().text
        if text is None:
            raise UsageError("a model file has no definition to show; use --expand, or convert")
        write(text, path)


def command(name: str) -> click.Command:
    """The command of a name."""
    return {"list": list_networks, "show": show}[name]
