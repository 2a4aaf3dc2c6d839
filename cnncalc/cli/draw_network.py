"""What `cnncalc draw NET LAYER` draws: a unit's field on the input, or its cone along an axis."""

from __future__ import annotations

import sys
from typing import Any

import click

from ..pictures.drawings.networks import draw_cone, draw_field
from ..pictures.drawings.svg import THEMES
from . import options as shared
from .asked import Asked
from .box import BoxCommand, place, words_of
from .output import STANDARD_OUTPUT, write


@click.command("draw", cls=BoxCommand)
@shared.net_options
@click.argument("layer", required=False, shell_complete=shared.completer("layer"))
@click.argument("unit", required=False)
@click.option("--cone", is_flag=True, help="One axis, layer by layer, shaded by paths.")
@click.option("--axis", metavar="NAME", help="The axis of the cone; the first if none is given.")
@click.option("--image", metavar="FILE", help="A picture to lie beneath the field.")
@shared.input_options()
@shared.from_option("On that layer's map, not on the input.")
@shared.with_global_option
@click.option("--theme", type=click.Choice(tuple(THEMES)), default="light", help="Light or dark.")
@shared.file_option
def command(
    asked: Asked,
    layer: str | None,
    unit: str | None,
    cone: bool,
    axis: str | None,
    image: str | None,
    from_layer: str | None,
    with_global: bool,
    theme: str,
    path: str | None,
) -> None:
    """What a UNIT of LAYER reads, as SVG: its rectangle on the input, or with --cone every unit
    that it reads through, a row for each layer of one axis.

    UNIT is a place on the layer's map, counted from 0, as in box; left out, it is the middle.

    \b
    Examples:
      cnncalc draw vgg16 conv5_3 7,7 --image photo.png -o field.svg
      cnncalc draw deeplab_v2 aspp --cone -o cone.svg
    """
    asked, layer, unit = words_of(asked, layer, unit)
    if layer is None:
        raise click.UsageError("Give the LAYER whose unit is meant.")
    if cone and (image is not None or with_global):
        option = "--image" if image is not None else "--with-global"
        raise click.UsageError(
            f"{option} is for a field; a cone is of one axis, without whole maps."
        )
    if axis is not None and not cone:
        raise click.UsageError("--axis is for --cone; a field is drawn on all axes.")
    network, at = asked.network(), None if unit is None else place(unit)
    how: dict[str, Any] = {"input": asked.input, "from_layer": from_layer, "theme": theme}
    if cone:
        drawing = draw_cone(network, layer, at, axis=axis, **how)
    else:
        drawing = draw_field(network, layer, at, with_global=with_global, image=image, **how)
    # In its own encoding, whatever standard output's; a terminal takes a text.
    on_terminal = path in STANDARD_OUTPUT and sys.stdout.isatty()
    write(drawing.svg if on_terminal else drawing.svg.encode(), path)
