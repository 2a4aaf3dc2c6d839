"""The commands about the built-in networks and definitions themselves: list and show."""

from __future__ import annotations

import os
from itertools import starmap

import click

from ..errors import UsageError
from ..exporters.yaml import flat_definition
from ..studies.catalogue import Catalogue, entry, members, ordered_entries
from ..text.catalogue import COLUMNS, NAMES, catalogue_answer
from ..wording import did_you_mean
from . import options as shared
from .asked import Asked
from .grouping import GroupedCommand
from .output import Output, write
from .status import DONE

FEW = 8  # networks that are computed before a second process has begun


@click.command("list", cls=GroupedCommand, short_help="The built-in networks with their figures.")
@click.argument("pattern", required=False, shell_complete=shared.completer("net"))
@click.option("--columns", metavar="A,B,C", help="These columns; memory is one, too.")
@click.option("--family", metavar="NAME", help="Only networks for classification, detection, ….")
@shared.table_options
@shared.format_options
def list_networks(
    pattern: str | None,
    columns: str | None,
    family: str | None,
    sort: str | None,
    top: int | None,
    output: Output,
) -> None:
    """The built-in networks with input, parameters, MACs and widest receptive field.

    PATTERN is a part of their names, or a glob.

    \b
    Example:
      cnncalc list resnet --sort macs
    """
    asked = members(pattern, family)
    found = _entries_of_two(asked) if _can_share(asked) else Catalogue(starmap(entry, asked))
    if sort is not None:
        found = ordered_entries(found, sort)
    names = NAMES if columns is None else _chosen_columns(columns, output.form)
    output.write(catalogue_answer(Catalogue(found[:top]), sort is None, names))


def _chosen_columns(text: str, form: str) -> list[str]:
    """The columns that are asked for."""
    if form == "json":
        raise click.UsageError("--columns does not go with JSON, which has every key")
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise click.UsageError("--columns names no column")
    for name in names:
        if name not in COLUMNS:
            raise UsageError(f"no column is named {name!r}; {did_you_mean(name, COLUMNS)}")
    return names


def _can_share(asked: list[tuple[str, str]]) -> bool:
    return hasattr(os, "fork") and (os.cpu_count() or 1) > 1 and len(asked) > FEW


def _entries_of_two(asked: list[tuple[str, str]]) -> Catalogue:
    """The catalogue, every other network computed by a second process: it takes half the time."""
    import pickle

    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            with open(writing, "wb") as pipe:
                pickle.dump([entry(*each) for each in asked[1::2]], pipe)
        finally:
            os._exit(DONE)
    os.close(writing)
    found = dict(zip(asked[::2], starmap(entry, asked[::2])))
    with open(reading, "rb") as pipe:
        try:
            others = pickle.load(pipe)
        except EOFError:  # it was ended from outside
            others = list(starmap(entry, asked[1::2]))
    os.waitpid(child, 0)
    found |= zip(asked[1::2], others)
    return Catalogue(found[each] for each in asked)


@click.command("show", cls=GroupedCommand, short_help="A network's definition.")
@shared.net_options
@shared.input_option()
@click.option("--expand", is_flag=True, help="Flat: blocks, arguments and repeats resolved.")
@shared.file_option
def show(asked: Asked, expand: bool, path: str | None) -> None:
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
