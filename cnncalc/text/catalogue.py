"""The list of built-in networks, in every format."""

from __future__ import annotations

from typing import Any

from ..report.report import CONVENTION
from ..studies.catalogue import Catalogue, CatalogueEntry
from ..wording import flat_shape, number, shape_text
from .answer import Answer
from .grid import Grid, heading

LEFT = ("network", "family", "source")


def catalogue_answer(entries: Catalogue) -> Answer:
    """The networks, a row for each."""
    names = CatalogueEntry._fields

    def plain() -> dict[str, Any]:
        networks = [{**entry.as_dict(), "input": list(entry.input)} for entry in entries]
        return {"convention": CONVENTION, "networks": networks}

    rows = ([*entry.but(input=flat_shape(entry.input))] for entry in entries)
    return Answer(names, rows, plain, lambda: [_grid(entries)])


def _grid(entries: Catalogue) -> Grid:
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
        [heading(name) for name in CatalogueEntry._fields],
        rows,
        LEFT,
        [CONVENTION, "rf: the widest receptive field of a layer that does not see the whole input"],
    )
