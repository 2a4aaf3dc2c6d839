"""The list of built-in networks, in every format."""

from __future__ import annotations

from ..report.report import CONVENTION, SCHEMA
from ..studies.catalogue import CatalogueEntry
from ..wording import number, shape
from .grid import HEADINGS, LEFT, Grid


def rendered(entries: list[CatalogueEntry], form: str, width: int | None) -> str:
    """The entries in a format; `width` is the terminal's for a table, None for a file."""
    if form == "json":
        from .json import json_text

        networks = [{**entry.as_dict(), "input": list(entry.input)} for entry in entries]
        return json_text({"schema": SCHEMA, "convention": CONVENTION, "networks": networks})
    if form in ("csv", "tsv"):
        from .delimited import delimited_rows

        return delimited_rows(list(CatalogueEntry._fields), map(_flat, entries), form)
    if form == "markdown":
        from .markdown import markdown

        return markdown(_grid(entries))
    from .table import table

    return table(_grid(entries), width)


def _flat(entry: CatalogueEntry) -> list[str]:
    size = "x".join("" if value is None else str(value) for value in entry.input)
    rest = (entry.params, entry.macs, entry.rf, entry.source)
    texts = ["" if value is None else str(value) for value in rest]
    return [entry.network, entry.family, size, *texts]


def _grid(entries: list[CatalogueEntry]) -> Grid:
    rows = [
        [
            entry.network,
            entry.family,
            shape(entry.input),
            number(entry.params),
            number(entry.macs),
            number(entry.rf),
            entry.source or "",
        ]
        for entry in entries
    ]
    return Grid(
        f"{len(entries)} built-in networks",
        [HEADINGS.get(name, name) for name in CatalogueEntry._fields],
        [name in LEFT for name in CatalogueEntry._fields],
        rows,
        [],
        [CONVENTION, "rf: the widest receptive field of a layer that does not see the whole input"],
    )
