"""Tiles of an image whose outputs, cut and put side by side, are those of the whole image."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import product
from math import prod
from os import PathLike

from ...analysis.analysis import analyze
from ...arithmetic import AXES, Exact, ratio, total
from ...definition.arguments import along_axes
from ...definition.inputs import AskedInput
from ...errors import UsageError
from ...loading import network_of
from ...network.network import Network
from ...record import Record
from ...report.display import Displayed
from .tile_least import fitting, least_tile
from .tile_stitching import Misfit, Stitching, Tile


class AxisTiling(Record):
    """Tiles along one axis; sizes in pixels, unless units are named.

    Tiles start at multiples of `alignment`, by which the output moves by `units` units; each
    starts `step` after the one before, but the last, which ends with the image. `halo` is what a
    tile in the middle has before and after the pixels that its kept units stand for, `reach` how
    far beyond them the units read. `image` is None where any image of `tile` + i·`step` is meant;
    the tiles are those of i = 2 then. One tile that holds the whole axis has no step and halo.
    """

    axis: str
    tile: int
    image: int | None
    alignment: int
    units: int
    step: int | None
    halo: tuple[Exact, Exact] | None
    reach: tuple[Exact, Exact]
    tiles: tuple[Tile, ...]


class Tiling(Displayed, Record):
    """Tiles of an image for one layer's output: all combinations of the axes' tiles.

    `macs` is what all tiles take, in ratio to the whole image, of the layers that are needed.
    """

    network: str
    layer: str
    axes: tuple[AxisTiling, ...]
    macs: Exact | None


def tiling(
    network: Network | str | PathLike[str],
    tile: Sequence[int] | int,
    *,
    layer: str | None = None,
    image: AskedInput | None = None,
) -> Tiling:
    """Tiles for seamless inference: halo, step and what to keep of each, per axis.

    `layer` is the one whose output is wanted, by default the last; `image` the whole input, by
    default any of the tile's size and so many steps. Every unit that is kept reads the same units
    through the same windows as in the whole image, in every layer up to the input.

    Raises UsageError where a layer needs the whole map, where tiles are too small, or where a
    window depends on the image's size, so that tiles cannot agree with the whole.
    """
    network = network_of(network)
    network.check_one_input(
        "solve tile", "write what lies behind one of them as a definition of its own"
    )
    if image is not None:
        network = network.with_input(image)
    whole = _sizes(network.first_input[1:], "image", network) if image is not None else None
    sizes = _sizes(along_axes(tile, AXES[network.axes], "tile"), "tile", network)
    try:
        stitching, covered = fitting(network, layer, sizes, whole)
    except Misfit as misfit:
        hint = least_tile(network, layer, sizes, whole)
        raise UsageError(f"{misfit}; {hint}" if hint else str(misfit)) from None
    tiles = stitching.tiles(covered)
    axes = [
        AxisTiling(
            stitching.names[axis],
            stitching.sizes[axis],
            whole[axis] if whole else None,
            stitching.alignments[axis],
            stitching.units[axis],
            stitching.step(axis) if len(along) > 1 else None,
            stitching.halo(axis) if len(along) > 1 else None,
            stitching.reach(axis),
            tuple(along),
        )
        for axis, along in enumerate(tiles)
    ]
    return Tiling(network.name, stitching.layer, tuple(axes), _macs(stitching, tiles, covered))


def _sizes(asked: Sequence[int | None], what: str, network: Network) -> tuple[int, ...]:
    sizes = tuple(size for size in asked if size is not None and size >= 1)
    if len(asked) != network.axes or len(sizes) != network.axes:
        axes = ", ".join(AXES[network.axes])
        raise UsageError(f"{what} must be one size, or one per axis ({axes}), of at least 1 pixel")
    return sizes


def _macs(
    stitching: Stitching, tiles: Sequence[Sequence[Tile]], image: tuple[int, ...]
) -> Exact | None:
    def cost(sizes: Sequence[int]) -> int | None:
        network = stitching.network
        report = analyze(network, sizes)
        return total(report.layers[index - 1].macs for index in stitching.needed)

    counts = [Counter(tile.size for tile in along) for along in tiles]
    costs = {sizes: cost(sizes) for sizes in product(*counts)}
    tiled = total(
        each and each * prod(count[size] for count, size in zip(counts, sizes))
        for sizes, each in costs.items()
    )
    whole = cost(image)
    return ratio(tiled, whole) if whole and tiled is not None else None
