"""The list of built-in networks, in every format."""

from __future__ import annotations

from typing import Any

from ..report.report import convention
from ..studies.catalogue import CatalogueEntry
from ..wording import flat_shape, number, shape_text
from .answer import Answer
from .grid import Grid, heading

NAMES = [name for name in CatalogueEntry._fields if name != "multiplies"]
LEFT = ("network", "family", "source")


def catalogue_answer(entries: list[CatalogueEntry]) -> Answer:
    """The networks, a row for each."""

    def plain() -> dict[str, Any]:
        networks = [{**_values(entry), "input": list(entry.input)} for entry in entries]
        return {"convention": _convention(entries), "networks": networks}

    rows = ([*_values(entry.but(input=flat_shape(entry.input))).values()] for entry in entries)
    return Answer(NAMES, rows, plain, lambda: [_grid(entries)])


def _values(entry: CatalogueEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in NAMES}


def _convention(entries: list[CatalogueEntry]) -> str:
    return convention(any(entry.multiplies for entry in entries))


def _grid(entries: list[CatalogueEntry]) -> Grid:
    rows = [
        [
            entry.network,
            entry.family,
            shape_text(entry.input),
            number(entry.params),
            number(entry.macs),
            number(entry.rf),
            entry.source or "",
        ]
        for entry in entries
    ]
    return Grid(
        f"{len(entries)} built-in networks",
        [heading(name) for name in NAMES],
        rows,
        LEFT,
        [
            _convention(entries),
            "rf: the widest receptive field of a layer that does not see the whole input",
        ],
    )
