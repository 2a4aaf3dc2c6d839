"""Many layers at once in the forms that they leave in, with what is equal among them made once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any

from ..readers.collecting import without_collecting
from .columns import COLUMNS, FIGURES, JSON_KEYS, MEASURES, Cell, cells, flat_value, plain_value

Taken = Callable[[Any], Any]
FIGURE_NAMES = tuple(name for name, column in COLUMNS.items() if column.part == FIGURES)
_figure_values = attrgetter(*FIGURE_NAMES)


class _Rows:
    """What takes the values of every layer, in order: those of equal measures once.

    `taken` are the parts of a layer that values come from, and how; figures go by their places
    among `figures`, which gives all of them.
    """

    def __init__(
        self, taken: Sequence[tuple[str, Taken]], figures: Callable[[Any], list[Any]]
    ) -> None:
        parts: dict[str, list[int]] = {"": [], MEASURES: [], FIGURES: []}
        for place, (part, _) in enumerate(taken):
            parts[part].append(place)
        self.own = [taken[place][1] for place in parts[""]]
        self.measured = [taken[place][1] for place in parts[MEASURES]]
        self.figures = figures
        places = [place for part in parts.values() for place in part]
        self.in_order = itemgetter(*sorted(range(len(places)), key=places.__getitem__))
        self.known: dict[int, list[Any]] = {}

    def values(self, layer: Any) -> tuple[Any, ...]:
        """The layer's values."""
        key = id(layer.measures)
        if key not in self.known:
            self.known[key] = [take(layer) for take in self.measured]
        measured = [each if type(each) is not list else _copy(each) for each in self.known[key]]
        own = [take(layer) for take in self.own]
        return self.in_order(own + measured + self.figures(layer))  # type: ignore[no-any-return]


def _copy(values: list[Any]) -> list[Any]:
    """A list of its own: layers share none."""
    return [_copy(each) if type(each) is list else each for each in values]


def _per_figure(layer: Any) -> Iterator[tuple[Any, ...]]:
    """Per figure, its values on all axes; fractions are doubles."""
    first, *others = layer.figures
    decimals = _decimals(first)
    columns = [decimals if each is first else _decimals(each) for each in others]
    return zip(decimals, *columns)


def _decimals(figures: Any) -> list[Any]:
    values = _figure_values(figures)
    return [each[0] / each[1] if type(each) is tuple else each for each in values]


def flat_records(layers: Sequence[Any], axes: tuple[str, ...]) -> list[dict[str, Any]]:
    """The layers as flat dicts of all columns; fractions are doubles, shapes text."""
    columns = cells(list(COLUMNS), axes)
    headings = [cell.heading for cell in columns]
    rows = _Rows(
        [(cell.column.part, _flat(cell)) for cell in columns],
        lambda layer: list(chain.from_iterable(_per_figure(layer))),
    )
    with without_collecting():
        return [dict(zip(headings, rows.values(layer))) for layer in layers]


def _flat(cell: Cell) -> Taken:
    if cell.column.is_plain:
        return cell.column.value
    return lambda layer: flat_value(cell, cell.value(layer))


def plain_layers(layers: Sequence[Any]) -> list[dict[str, Any]]:
    """The layers in JSON's form, as `to_dict` gives them one by one."""
    rows = _Rows(
        [(COLUMNS[name].part, _plain(name)) for name in JSON_KEYS],
        lambda layer: list(map(list, _per_figure(layer))),
    )
    with without_collecting():
        return [dict(zip(JSON_KEYS, rows.values(layer))) for layer in layers]


def _plain(name: str) -> Taken:
    column = COLUMNS[name]
    if column.is_plain:
        return column.value
    return lambda layer: plain_value(column, column.value(layer))
