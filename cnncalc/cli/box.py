"""The command about what one unit reads: box."""

from __future__ import annotations

from typing import Any

import click

from . import options as shared
from .output import terminal_width, write


def _place(given: str) -> int | tuple[int, ...]:
    """A place as the command line writes it: `7,7` per axis, or `7` for every axis."""
    parts = given.lower().replace("x", ",").split(",")
    numbers = [part.strip() for part in parts]
    if not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in numbers):
        raise click.BadParameter(f"{given!r} must be whole numbers joined by commas, as in 7,7")
    return int(numbers[0]) if len(numbers) == 1 else tuple(map(int, numbers))


def _words(asked: dict[str, Any]) -> tuple[str, str | None]:
    """LAYER and UNIT, which come first where an option names the network."""
    if asked["net"] is not None and shared.names_network(asked["yaml_file"]):
        if asked["unit"] is not None:
            raise click.UsageError(f"Got an argument too many: {asked['unit']!r}.")
        asked["net"], asked["layer"], asked["unit"] = None, asked["net"], asked["layer"]
    if asked["layer"] is None:
        raise click.UsageError("Give the LAYER whose unit is meant.")
    if (asked["unit"] is None) == (asked["pixel"] is None):
        raise click.UsageError("Give either UNIT, as in 7,7, or --pixel ROW,COLUMN.")
    return asked["layer"], asked["unit"]


@click.command("box", short_help="The input rectangle that one unit reads.")
@shared.net_options
@click.argument("layer", required=False)
@click.argument("unit", required=False)
@click.option("--pixel", metavar="ROW,COLUMN", help="Which units of the layer read it.")
@shared.input_option()
@click.option("--from", "from_layer", metavar="LAYER", help="The units of that layer, not pixels.")
@shared.ignore_global_option
@shared.format_options
def run(**asked: Any) -> None:
    """The rectangle of input pixels that a UNIT of LAYER reads, as it is and within the image.

    UNIT is a place on the layer's map, counted from 0: 7,7 (rows, columns) or 7 on every axis. With
    --pixel in its place, the units that read that pixel.

    \b
    Examples:
      cnncalc box vgg16 conv5_3 7,7
      cnncalc box vgg16 conv5_3 --pixel 100,120
    """
    from ..studies.box import unit_box, units_reading
    from ..text.answer import rendered
    from ..text.box import box_answer, readers_answer

    form, path = shared.chosen_format(asked), asked["output"]
    layer, unit = _words(asked)
    network = shared.loaded(asked["net"], asked["yaml_file"], asked["arguments"])
    options = {
        "input": asked["input_shape"],
        "from_layer": asked["from_layer"],
        "ignore_global": asked["ignore_global"],
    }
    if unit is not None:
        answer = box_answer(unit_box(network, layer, _place(unit), **options))
    else:
        pixel = _place(asked["pixel"])
        answer = readers_answer(units_reading(network, layer, pixel, **options))
    write(rendered(answer, form, None if path else terminal_width()), path)


def command(name: str) -> click.Command:
    """The command `box`."""
    return run
