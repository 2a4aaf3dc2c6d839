"""The commands that look for what gives a figure: solve padding, input, field and tile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ..network.network import Network
from ..text.answer import Answer, rendered
from . import options as shared
from .options import F
from .output import terminal_width, write

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


def _size(name: str, text: str, **more: Any) -> Callable[[F], F]:
    return click.option(name, type=click.IntRange(1, LARGEST), metavar="N", help=text, **more)


def _formats(command: F) -> F:
    """The formats where --output is a size: a file is given by -o alone."""
    flags = [
        click.option(f"--{name}", f"as_{name}", is_flag=True, help=f"Short for --format {name}.")
        for name in shared.FORMATS
    ]
    form = click.option("--format", "form", type=click.Choice(shared.FORMATS), help="Format.")
    file = click.option("-o", "file", metavar="FILE", help="Write to a file, whole or not at all.")
    return shared.apply(command, [form, *flags, file])


def _write(answer: Answer, form: str, path: str | None) -> None:
    write(rendered(answer, form, None if path else terminal_width()), path)


def _loaded(asked: dict[str, Any]) -> Network:
    return shared.loaded(asked["net"], asked["yaml_file"], asked["arguments"])


@click.group("solve", short_help="What padding, input, change or tile gives what is wanted.")
def solve() -> None:
    """What gives what is wanted: paddings, input sizes, changes of a network, tiles.

    \b
    Examples:
      cnncalc solve padding --size 224 --kernel-size 7 --stride 2 --output 112
      cnncalc solve input unet --range 64:1024
      cnncalc solve field vgg16 --rf 224
      cnncalc solve tile vgg16 --layer pool5 --tile 512
    """


@solve.command("padding", short_help="Every padding that gives an output size.")
@_size("--size", "Size of the input on the axis.", required=True)
@_size("--kernel-size", "Kernel size.", required=True)
@_size("--stride", "Stride.", default=1, show_default=True)
@_size("--dilation", "Dilation.", default=1, show_default=True)
@_size("--output", "The output size that is wanted.", required=True)
@click.option("--transposed", is_flag=True, help="Of a transposed convolution.")
@click.option("--symmetric", is_flag=True, help="Only paddings that are equal on both sides.")
@_formats
def padding(**asked: Any) -> None:
    """Every padding of one axis with which a window gives an output size, symmetric or not.

    Of convolutions, which floor, and of poolings in all their roundings; each side up to
    dilation·(kernel − 1), poolings' up to half the kernel. With --transposed, output_padding too.

    \b
    Example:
      cnncalc solve padding --size 224 --kernel-size 7 --stride 2 --output 112
    """
    from ..studies.solve.padding import paddings
    from ..text.solve_padding import padding_answer

    form, path = shared.chosen_format(asked), asked.pop("file")
    _write(padding_answer(paddings(**asked)), form, path)


@solve.command("input", short_help="The input sizes that a network takes.")
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
@click.option("--layer", metavar="LAYER", help="Sizes at which this layer gives --output.")
@_size("--output", "The output size of --layer that is wanted.")
@shared.input_option("Input whose channels, and with --axis other axes, are kept.")
@_formats
def input_sizes(**asked: Any) -> None:
    """The smallest input that works, the sizes that do, and those at which nothing is dropped.

    A size works where no layer refuses; it is exact where no window drops pixels either. Every
    axis has the size. Linear layers take any size, as their parameters adapt: a note tells of it.

    \b
    Examples:
      cnncalc solve input unet --range 64:1024
      cnncalc solve input vgg16 --layer pool5 --output 7
    """
    from ..studies.solve.input import input_sizes as solution
    from ..text.solve_input import input_answer

    form = shared.chosen_format(asked)
    answer = solution(
        _loaded(asked),
        asked["between"],
        input=asked["input_shape"],
        axis=asked["axis"],
        layer=asked["layer"],
        output=asked["output"],
    )
    _write(input_answer(answer), form, asked["file"])


@solve.command("field", short_help="Which layer sees enough, and what would make one.")
@shared.net_options
@click.option(
    "--rf", metavar="N", callback=_numbers, help="Pixels to see, by default the whole input."
)
@click.option("--layer", metavar="LAYER", help="The layer that is to see them.")
@shared.input_option("Input as 3x320x320, 320x480 (axes only) or 320 (every axis).")
@shared.ignore_global_option
@shared.format_options
def field(**asked: Any) -> None:
    """The first layers that see so many pixels, and what would make the last one see them.

    Proposed are more layers like the last convolution, dilations of the last stage (alike, or
    doubling from layer to layer) and a larger stride: the least of each that is enough.

    \b
    Example:
      cnncalc solve field vgg16 --rf 224
    """
    from ..studies.solve.field import field_changes
    from ..text.solve_field import field_answer

    form = shared.chosen_format(asked)
    answer = field_changes(
        _loaded(asked),
        asked["rf"],
        layer=asked["layer"],
        input=asked["input_shape"],
        ignore_global=asked["ignore_global"],
    )
    _write(field_answer(answer), form, asked["output"])


@solve.command("tile", short_help="Halo and step for seamless tiled inference.")
@shared.net_options
@click.option(
    "--tile", metavar="N", callback=_numbers, required=True, help="Size of a tile: 256 or 256x512."
)
@click.option("--layer", metavar="LAYER", help="The output that is wanted; else the last layer's.")
@shared.input_option("The whole image; without it, any of the tile's size and so many steps.")
@shared.format_options
def tile(**asked: Any) -> None:
    """Tiles whose outputs, cut and put side by side, are exactly those of the whole image.

    Where tiles start, and which units to keep of each. Refused for layers that need the whole map:
    a global pooling, a linear layer, statistics over the map.

    \b
    Examples:
      cnncalc solve tile unet --tile 572
      cnncalc solve tile vgg16 --layer pool5 --tile 512 --input 2048x3072
    """
    from ..studies.solve.tile import tiling
    from ..text.solve_tile import tiling_answer

    form = shared.chosen_format(asked)
    image = asked["input_shape"]
    answer = tiling(_loaded(asked), asked["tile"], layer=asked["layer"], image=image)
    _write(tiling_answer(answer), form, asked["output"])


def command(name: str) -> click.Command:
    """The group `solve`."""
    return solve
