"""The list of built-in networks, in every format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..arithmetic import Number
from ..report.report import convention
from ..studies.catalogue import Catalogue, CatalogueEntry
from ..wording import flat_input, number, plain_input, shape_text, short_number
from .answer import Answer
from .grid import Grid, heading
from .sheet import Sheet, SheetColumn, aligned_numbers
from .terminal import Terminal

COLUMNS = [name for name in CatalogueEntry._fields if name != "multiplies"]
NAMES = [name for name in COLUMNS if name != "memory"]
LEFT = ("network", "family", "source")
RANKS = {"source": 60, "family": 50, "input": 40, "rf": 20, "params": 10}
MEMORY_NOTE = "memory: the most bytes that are live at once, of float32"
RF_NOTE = "rf: the widest receptive field of a layer that does not see the whole input"


def catalogue_answer(
    entries: Catalogue, by_family: bool = True, names: Sequence[str] = NAMES
) -> Answer:
    """The networks, a row for each, with so called columns; `by_family` whether they stand so."""

    def plain() -> dict[str, Any]:
        networks = [{**_values(entry), "input": plain_input(entry.input)} for entry in entries]
        return {"convention": _convention(entries), "networks": networks}

    flat = (_values(entry.but(input=flat_input(entry.input))) for entry in entries)
    return Answer(
        names,
        ([values[name] for name in names] for values in flat),
        plain,
        lambda: [_grid(entries, names)],
        sheets=lambda terminal: [_sheet(entries, terminal, by_family, names)],
    )


def _values(entry: CatalogueEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in COLUMNS}


def _convention(entries: Catalogue) -> str:
    return convention(any(entry.multiplies for entry in entries))


def _notes(entries: Catalogue, names: Sequence[str]) -> list[str]:
    notes = [_convention(entries)] if "macs" in names else []
    notes += [RF_NOTE] if "rf" in names else []
    return [*notes, MEMORY_NOTE] if "memory" in names else notes


def _grid(entries: Catalogue, names: Sequence[str]) -> Grid:
    columns = [_texts(name, entries, number) for name in names]
    headings = [heading(name) for name in names]
    return Grid(_title(entries), headings, list(zip(*columns)), LEFT, _notes(entries, names))


def _sheet(entries: Catalogue, terminal: Terminal, by_family: bool, names: Sequence[str]) -> Sheet:
    """The networks, with families as rules where they stand so, sources where there is room."""
    write = number if terminal.exact else short_number
    by_family = by_family and not terminal.wide and "family" in names
    columns = []
    for name in names:
        left = name in LEFT
        cells = _texts(name, entries, write)
        if not left and name != "input":
            cells = aligned_numbers(cells)
        if name != "family" or not by_family:
            columns.append(
                SheetColumn(heading(name), cells, left, rank=RANKS.get(name, 0), label=name)
            )
    rules = _first_rows(entries) if by_family else {}
    return Sheet(_title(entries), columns, rules, _notes(entries, names))


def _first_rows(entries: Catalogue) -> dict[int, str]:
    """The families, by the places of their first networks."""
    rules: dict[int, str] = {}
    for place, entry in enumerate(entries):
        if entry.family not in rules.values():
            rules[place] = entry.family
    return rules


def _title(entries: Catalogue) -> str:
    return f"{len(entries)} built-in network{'' if len(entries) == 1 else 's'}"


def _texts(name: str, entries: Catalogue, write: Callable[[Number], str]) -> list[str]:
    values = [getattr(entry, name) for entry in entries]
    if name == "input":
        return [shape_text(value) for value in values]
    return [value or "" for value in values] if name in LEFT else [write(value) for value in values]
