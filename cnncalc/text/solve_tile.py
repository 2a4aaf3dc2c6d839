"""Tiles for seamless inference, in every format."""

from __future__ import annotations

from typing import Any

from ..report.columns import decimal
from ..studies.solve.tile import AxisTiling, Tiling
from ..studies.solve.tile_stitching import Tile
from ..wording import number
from .answer import Answer
from .grid import Grid
from .ratios import times

COLUMNS = (*("axis", "tile", "start", "size", "keep_from", "keep_to", "output_from", "output_to"),)
PLAN = ("axis", "tile", "image", "aligned to", "step", "halo before", "halo after", "tiles")
KINDS = ("axis", "tile", "starts at", "size", "keeps its units", "as the output's")


def tiling_answer(tiling: Tiling) -> Answer:
    """The tiles, a row for each along each axis."""
    rows = [
        (axis.axis, place, *_figures(tile))
        for axis in tiling.axes
        for place, tile in enumerate(axis.tiles, start=1)
    ]

    def plain() -> dict[str, Any]:
        return {
            "network": tiling.network,
            "layer": tiling.layer,
            "macs_ratio": decimal(tiling.macs),
            "axes": [_axis(axis) for axis in tiling.axes],
        }

    return Answer(COLUMNS, rows, plain, lambda: [_plan(tiling), _tiles(tiling)])


def _figures(tile: Tile) -> tuple[int, ...]:
    return (*tile, tile.output_to)


def _axis(axis: AxisTiling) -> dict[str, Any]:
    return {
        "axis": axis.axis,
        "tile": axis.tile,
        "image": axis.image,
        "alignment": axis.alignment,
        "units_per_alignment": axis.units,
        "step": axis.step,
        "halo": axis.halo and [decimal(side) for side in axis.halo],
        "reach": [decimal(side) for side in axis.reach],
        "tiles": [dict(zip(COLUMNS[2:], _figures(tile))) for tile in axis.tiles],
    }


def _plan(tiling: Tiling) -> Grid:
    rows = []
    for axis in tiling.axes:
        image = number(axis.image) if axis.image else f"{axis.tile} + {axis.step}·i"
        halo = [number(side) for side in axis.halo] if axis.halo else ["", ""]
        step = "" if axis.step is None else number(axis.step)
        count = number(len(axis.tiles)) if axis.image else "i + 1"
        row = [axis.axis, number(axis.tile), image, number(axis.alignment), step, *halo, count]
        rows.append(row)
    notes = ["in pixels; a tile starts at a multiple of what it is aligned to"]
    if tiling.macs is not None:
        given = tiling.axes[0].image is not None
        images = "" if given else ", of an image with i = 2 on every axis,"
        notes.append(f"the tiles{images} take {times(tiling.macs)} the MACs of the whole image")
    title = f"{tiling.network} · tiles for the output of {tiling.layer}"
    return Grid(title, PLAN, rows, ["axis"], notes)


def _tiles(tiling: Tiling) -> Grid:
    rows = []
    for axis in tiling.axes:
        first, last = axis.tiles[0], axis.tiles[-1]
        shown = [("whole" if len(axis.tiles) == 1 else "first", "0", first)]
        if len(axis.tiles) > 2:
            shown.append(("next", f"{axis.step}·i", axis.tiles[1]))
        if len(axis.tiles) > 1:
            start = number(last.start) if axis.image else "image − tile"
            shown.append(("last", start, last))
        rows += [[axis.axis, kind, start, *_kept_units(tile, start)] for kind, start, tile in shown]
    note = "units from the first to the last, both counted; side by side they are the whole output"
    return Grid("what to keep of each tile", KINDS, rows, ["axis", "tile"], [note])


def _kept_units(tile: Tile, start: str) -> list[str]:
    own = f"{number(tile.keep_from)}…{number(tile.keep_to - 1)}"
    out = f"{number(tile.output_from)}…{number(tile.output_to - 1)}"
    return [number(tile.size), own, out]
