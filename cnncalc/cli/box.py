"""The command about what one unit reads: box."""

from __future__ import annotations

import re
from typing import Any

import click

from ..studies.box import unit_box, units_reading
from ..text.box import box_answer, readers_answer
from . import options as shared
from .asked import Asked
from .grouping import GroupedCommand
from .output import Output

MINUS = "−"
NEGATIVE = re.compile(r"-\d[\d,x-]*", re.IGNORECASE)


class BoxCommand(GroupedCommand):
    """A command with places among its words, which are no options where they begin with a minus."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words = [MINUS + word[1:] if NEGATIVE.fullmatch(word) else word for word in args]
        return super().parse_args(ctx, words)


def place(given: str) -> int | tuple[int, ...]:
    """A place as the command line writes it: `7,7` per axis, or `7` for every axis."""
    given = given.replace(MINUS, "-")
    parts = given.lower().replace("x", ",").split(",")
    numbers = [part.strip() for part in parts]
    digits = [number.removeprefix("-") for number in numbers]
    if not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in digits):
        raise click.BadParameter(f"{given!r} must be whole numbers joined by commas, as in 7,7")
    return int(numbers[0]) if len(numbers) == 1 else tuple(map(int, numbers))


def words_of(
    asked: Asked, layer: str | None, unit: str | None
) -> tuple[Asked, str | None, str | None]:
    """LAYER and UNIT, which come first where an option names the network."""
    if asked.net is not None and asked.names_network:
        if unit is not None:
            raise click.UsageError(f"Got an argument too many: {unit!r}.")
        return asked.but(net=None), asked.net, layer
    return asked, layer, unit


@click.command("box", cls=BoxCommand, short_help="The input rectangle that one unit reads.")
@shared.net_options
@click.argument("layer", required=False, shell_complete=shared.completer("layer"))
@click.argument("unit", required=False)
@click.option("--pixel", metavar="ROW,COLUMN", help="Which units of the layer read it.")
@shared.input_options()
@shared.from_option("The units of that layer, not pixels.")
@shared.with_global_option
@shared.format_options
def command(
    asked: Asked,
    output: Output,
    layer: str | None,
    unit: str | None,
    pixel: str | None,
    **how: Any,
) -> None:
    """The rectangle of input pixels that a UNIT of LAYER reads, as it is and within the image.

    UNIT is a place on the layer's map, counted from 0: 7,7 (rows, columns) or 7 on every axis. With
    --pixel in its place, the units that read that pixel.

    \b
    Examples:
      cnncalc box vgg16 conv5_3 7,7
      cnncalc box vgg16 conv5_3 --pixel 100,120
    """
    asked, layer, unit = words_of(asked, layer, unit)
    if layer is None:
        raise click.UsageError("Give the LAYER whose unit is meant.")
    if (unit is None) == (pixel is None):
        raise click.UsageError("Give either UNIT, as in 7,7, or --pixel ROW,COLUMN.")
    network = asked.network()
    if unit is not None:
        box = unit_box(network, layer, place(unit), input=asked.input, **how)
        answer = box_answer(box, asked.channels_last)
    else:
        readers = units_reading(network, layer, place(str(pixel)), input=asked.input, **how)
        answer = readers_answer(readers, asked.channels_last)
    output.write(answer)
