"""The commands that look for what gives a figure: solve padding, input, field and tile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ..studies.solve.field import field_changes
from ..studies.solve.input import input_sizes
from ..studies.solve.padding import paddings
from ..studies.solve.tile import tiling
from ..text.solve_field import field_answer
from ..text.solve_input import input_answer
from ..text.solve_padding import padding_answer
from ..text.solve_tile import tiling_answer
from . import options as shared
from .asked import Asked
from .grouping import GroupedCommand
from .options import F
from .output import Output

LARGEST = 10**9


def _numbers(ctx: click.Context, option: click.Parameter, given: str | None) -> Any:
    """`256`, or a number per axis: `256x512`."""
    if given is None:
        return None
    parts = given.lower().replace("×", "x").split("x")
    if not all(map(_is_number, parts)):
        raise click.BadParameter(f"{given!r} must be a whole number, or one per axis: 256x512")
    return int(parts[0]) if len(parts) == 1 else tuple(map(int, parts))


def _range(ctx: click.Context, option: click.Parameter, given: str) -> tuple[int, int]:
    """`64:1024`, both ends counted."""
    parts = given.split(":")
    if len(parts) != 2 or not all(map(_is_number, parts)):
        raise click.BadParameter(f"{given!r} must be the first and the last size, as in 64:1024")
    return int(parts[0]), int(parts[1])


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST))


def _size(*names: str, text: str, **more: Any) -> Callable[[F], F]:
    return click.option(*names, type=click.IntRange(1, LARGEST), metavar="N", help=text, **more)


# Every other command's --output is a file; here it goes on being a size.
WANTED = ("--output-size", "--output", "size_wanted")
_formats = shared.format_options_of(shared.FORMATS, shared.short_file_option)


@click.group("solve", short_help="What padding, input, change or tile gives what is wanted.")
def command() -> None:
    """What gives what is wanted: paddings, input sizes, changes of a network, tiles.

    \b
    Examples:
      cnncalc solve padding --size 224 --kernel-size 7 --stride 2 --output-size 112
      cnncalc solve input unet --range 64:1024
      cnncalc solve field vgg16 --rf 224
      cnncalc solve tile vgg16 --layer pool5 --tile 512
    """


@command.command(
    "padding", cls=GroupedCommand, short_help="Every padding that gives an output size."
)
@_size("--size", text="Size of the input on the axis.", required=True)
@_size("--kernel-size", text="Kernel size.", required=True)
@_size("--stride", text="Stride.", default=1, show_default=True)
@_size("--dilation", text="Dilation.", default=1, show_default=True)
@_size(*WANTED, text="The output size that is wanted.", required=True)
@click.option("--transposed", is_flag=True, help="Of a transposed convolution.")
@click.option("--symmetric", is_flag=True, help="Only paddings that are equal on both sides.")
@_formats
def padding(output: Output, size_wanted: int, **question: Any) -> None:
    """Every padding of one axis with which a window gives an output size, symmetric or not.

    Of convolutions, which floor, and of poolings in all their roundings; each side up to
    dilation·(kernel − 1), poolings' up to half the kernel. With --transposed, output_padding too.

    \b
    Example:
      cnncalc solve padding --size 224 --kernel-size 7 --stride 2 --output-size 112
    """
    output.write(padding_answer(paddings(output=size_wanted, **question)))


@command.command("input", cls=GroupedCommand, short_help="The input sizes that a network takes.")
@shared.net_options
@click.option(
    "--range",
    "between",
    metavar="A:B",
    callback=_range,
    default="1:1024",
    show_default=True,
    help="The sizes to try, both ends counted.",
)
@click.option("--axis", metavar="AXIS", help="Size this axis only (h, say); others keep theirs.")
@click.option(
    "--layer",
    metavar="LAYER",
    shell_complete=shared.completer("layer"),
    help="Sizes at which this layer gives --output-size.",
)
@_size(*WANTED, text="The output size of --layer that is wanted.")
@shared.input_options("Input whose channels, and with --axis other axes, are kept.")
@_formats
def smallest_input(asked: Asked, output: Output, **options: Any) -> None:
    """The smallest input that works, the sizes that do, and those at which nothing is dropped.

    A size works where no layer refuses; it is exact where no window drops pixels either. Every
    axis has the size. Linear layers take any size, as their parameters adapt: a note tells of it.

    \b
    Examples:
      cnncalc solve input unet --range 64:1024
      cnncalc solve input vgg16 --layer pool5 --output-size 7
    """
    sizes = input_sizes(
        asked.network(),
        options["between"],
        input=asked.input,
        axis=options["axis"],
        layer=options["layer"],
        output=options["size_wanted"],
    )
    output.write(input_answer(sizes, asked.channels_last))


@command.command(
    "field", cls=GroupedCommand, short_help="Which layer sees enough, and what would make one."
)
@shared.net_options
@click.option(
    "--rf", metavar="N", callback=_numbers, help="Pixels to see, by default the whole input."
)
@click.option(
    "--layer",
    metavar="LAYER",
    shell_complete=shared.completer("layer"),
    help="The layer that is to see them.",
)
@shared.input_options("Input as 3x320x320, 320x480 (axes only) or 320 (every axis).")
@shared.with_global_option
@shared.format_options
def field(asked: Asked, output: Output, **options: Any) -> None:
    """The first layers that see so many pixels, and what would make the last one see them.

    Proposed are more layers like the last convolution, dilations of the last stage (alike, or
    doubling from layer to layer) and a larger stride: the least of each that is enough.

    \b
    Example:
      cnncalc solve field vgg16 --rf 224
    """
    changes = field_changes(
        asked.network(),
        options["rf"],
        layer=options["layer"],
        input=asked.input,
        with_global=options["with_global"],
    )
    output.write(field_answer(changes, asked.channels_last))


@command.command(
    "tile", cls=GroupedCommand, short_help="Halo and step for seamless tiled inference."
)
@shared.net_options
@click.option(
    "--tile", metavar="N", callback=_numbers, required=True, help="Size of a tile: 256 or 256x512."
)
@click.option(
    "--layer",
    metavar="LAYER",
    shell_complete=shared.completer("layer"),
    help="The output that is wanted; else the last layer's.",
)
@shared.input_options("The whole image; without it, any of the tile's size and so many steps.")
@shared.format_options
def tile(asked: Asked, output: Output, tile: Any, layer: str | None) -> None:
    """Tiles whose outputs, cut and put side by side, are exactly those of the whole image.

    Where tiles start, and which units to keep of each. Refused for layers that need the whole map:
    a global pooling, a linear layer, statistics over the map.

    \b
    Examples:
      cnncalc solve tile unet --tile 572
      cnncalc solve tile vgg16 --layer pool5 --tile 512 --input 2048x3072
    """
    output.write(tiling_answer(tiling(asked.network(), tile, layer=layer, image=asked.input)))
