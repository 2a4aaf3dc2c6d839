"""The command that draws: a layer's arithmetic, from its type, and what a network's unit reads."""

from __future__ import annotations

import os
import sys
from typing import Any

import click
from click.shell_completion import CompletionItem

from .. import zoo
from ..definition.shape import asked_numbers
from ..errors import UsageError
from ..layers import KINDS, kind
from ..layers.base import Layer
from ..pictures.drawings.layer import draw
from ..pictures.drawings.svg import THEMES
from ..wording import did_you_mean, nearest, quote
from . import options as shared
from .box import place
from .draw_network import command as network_command
from .grouping import GroupedCommand
from .layer import attribute_option, attribute_values
from .output import STANDARD_OUTPUT, write

HOW = ("unit", "stretched", "animate", "theme")
STRETCHED = [
    click.option(
        "--stretched",
        is_flag=True,
        help="A window that slides over the input with zeros in it, not units spread over windows.",
    )
]
HELP_OPTIONS = ("-h", "--help")


class DrawnTypes(click.Group):
    """The layer types, each a command; help lists those with windows of their own.

    Any other first word begins NET LAYER UNIT.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in KINDS if kind(name).windowed]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return type_command(name) if name in KINDS else None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Types, built-in networks and files."""
        networks = shared.completer("net")(ctx, None, incomplete)
        return [*super().shell_complete(ctx, incomplete), *networks]

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """That of the drawing of a network where the first word is no layer type."""
        if args and args[0] not in (*KINDS, *HELP_OPTIONS):
            if not extra.get("resilient_parsing"):
                _hint_at_type(args[0])
            return network_command.make_context(info_name, args, parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


def _hint_at_type(word: str) -> None:
    """Refuse a word that is almost a layer type's name, and neither names a network nor almost."""
    if word.startswith("-") or ":" in word or os.path.exists(word):
        return
    hint = did_you_mean(word, KINDS, "", topic="type")
    networks = zoo.names()
    if hint and zoo.path(word) is None and not {*nearest(word, [*KINDS, *networks])} & {*networks}:
        raise UsageError(f"no layer type and no network is named {quote(word)}; {hint}")


def _unit(
    ctx: click.Context, option: click.Parameter, given: str | None
) -> int | tuple[int, ...] | None:
    return None if given is None else place(given)


def _options(cls: type[Layer], window: type[Layer]) -> list[Any]:
    attributes = [
        attribute_option(name, declared)
        for name, declared in window.attributes.items()
        if name != window.reference
    ]
    return [
        click.option(
            "--input",
            "inputs",
            metavar="AXES",
            multiple=True,
            required=True,
            help=f"What {window.type} reads, axes alone: 5x5, or 9 in 1-D; once per input.",
        ),
        *attributes,
        click.option(
            "--unit",
            metavar="I[xJ]",
            callback=_unit,
            help="The unit whose window is shown, from 0 on; if not given, one in the middle.",
        ),
        *(STRETCHED if cls.spreads and not cls.undoes else []),
        click.option("--animate", is_flag=True, help="Step through all units."),
        click.option("--theme", type=click.Choice([*THEMES]), help="On white or on black."),
        shared.file_option,
    ]


def type_command(name: str) -> click.Command:
    """The command that draws a layer of a type."""
    cls = kind(name)
    window = kind(cls.undoes) if cls.undoes else cls

    def callback(inputs: tuple[str, ...], path: str | None, **options: Any) -> None:
        given = attribute_values(window, options, len(asked_numbers(inputs[0])))
        how = {each: options[each] for each in HOW if options.get(each) is not None}
        svg = draw(name, *inputs, **how, **given).svg
        # In its own encoding, whatever standard output's; a terminal takes a text.
        on_terminal = path in STANDARD_OUTPUT and sys.stdout.isatty()
        write(svg if on_terminal else svg.encode(), path)

    callback.__doc__ = f"{cls.__doc__}\n\nDrawn as SVG, on standard output without -o.\n"
    made = click.command(name, cls=GroupedCommand, short_help=cls.__doc__)
    return made(shared.apply(callback, _options(cls, window)))


command = DrawnTypes(
    "draw",
    short_help="A layer's arithmetic, or what a unit reads, as SVG.",
    options_metavar="",
    subcommand_metavar="TYPE --input AXES [OPTIONS] | NET LAYER …",
    help="""The arithmetic of one layer as SVG, on maps of one axis or two: the padded input, the
    window's taps, the output with its unit. At most 30 kB, animated too.

    With a network in place of TYPE, what a unit reads of its input: cnncalc draw vgg16 --help.

    \b
    Examples:
      cnncalc draw conv --input 5x5 --kernel-size 3 --stride 2 --padding 1 -o conv.svg --animate
      cnncalc draw conv_transpose --input 3x3 --kernel-size 3 --stride 2 --padding 1 -o spread.svg
      cnncalc draw conv --input 9 --kernel-size 3 --dilation 2 --padding 4:0 -o causal.svg
    """,
)
