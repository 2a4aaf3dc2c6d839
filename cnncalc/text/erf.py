"""The effective receptive field, in every format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from ..errors import UsageError
from ..layers import family
from ..report.columns import in_order
from ..studies.erf import ASSUMPTIONS, SIDES, EffectiveField, EffectiveFields
from ..wording import UNKNOWN, axes_once, did_you_mean, input_text, name_list, quote
from .answer import Answer
from .grid import Grid
from .sheet import Sheet, SheetColumn, aligned_numbers
from .terminal import Terminal

ABOUT, PER_AXIS, PATHS = ("index", "layer", "type"), ("rf", "sd", *SIDES), "paths"
WORDS = ("layer", "type")
HEADINGS = {"index": "#", **{side: f"{side.removeprefix('side_')} %" for side in SIDES}}
# When a column is left out, the highest first; names lose their blocks' at NAMES_RANK.
RANKS = {"index": 70, "type": 60, "side_50": 50, "side_99": 40, "paths": 20, "side_90": 10, "rf": 5}
NAMES_RANK = 30
DIGITS = 3  # of a deviation, after the point


def erf_answer(
    found: EffectiveFields,
    sort: str | None = None,
    top: int | None = None,
    channels_last: bool = False,
) -> Answer:
    """A row for each layer."""
    names = [*ABOUT, *PER_AXIS]
    if any(layer.paths is not None for layer in found.layers):
        names.append(PATHS)
    columns = [
        name
        for base in names
        for name in ([base] if base in ABOUT else [f"{base}_{axis}" for axis in found.axes])
    ]
    rows: Sequence[EffectiveField] = found.layers
    if sort is not None:
        rows = in_order(rows, lambda row: _amount(row, _sortable(sort, found)))
    rows = rows[:top]
    values = ([*_flat(row, names, len(found.axes))] for row in rows)

    def sheets(terminal: Terminal) -> list[Sheet]:
        return [_sheet(found, rows, names, channels_last, sort is None)]

    def grid() -> Grid:
        cells = [[_cell(row, name) for name in names] for row in rows]
        headings = [HEADINGS.get(name, name) for name in names]
        return Grid(_title(found, channels_last), headings, cells, WORDS, [*_notes(found, names)])

    return Answer(columns, values, found.to_dict, lambda: [grid()], sheets=sheets)


def _sortable(name: str, found: EffectiveFields) -> tuple[str, int | None]:
    """A column that was asked for, with its axis where it names one."""
    choices: dict[str, tuple[str, int | None]] = {name: (name, None) for name in ABOUT}
    for base in PER_AXIS:
        choices[base] = (base, None)
        choices |= {f"{base}_{axis}": (base, place) for place, axis in enumerate(found.axes)}
    if name not in choices:
        raise UsageError(f"no column is named {quote(name)}; {did_you_mean(name, choices)}")
    return choices[name]


def _amount(row: EffectiveField, column: tuple[str, int | None]) -> Any:
    """What orders a row: of several axes the largest."""
    name, axis = column
    value = getattr(row, name)
    if name in ABOUT:
        return value
    return (
        value[axis] if axis is not None else max((v for v in value if v is not None), default=None)
    )


def _flat(row: EffectiveField, names: Sequence[str], axes: int) -> Iterator[Any]:
    for name in names:
        value = getattr(row, name)
        if name in ABOUT:
            yield value
        elif name == "sd":
            yield from (each and (each.numerator, each.denominator) for each in value)
        elif name == PATHS:
            yield from (each and [str(count) for count in each] for each in value or (None,) * axes)
        else:
            yield from value


def _cell(row: EffectiveField, name: str) -> str:
    value = getattr(row, name)
    if name in ABOUT:
        return str(value)
    if name == "sd":
        return axes_once([_decimals(each) for each in value])
    if name == PATHS:
        return axes_once([each and sum(each) for each in value or (None,)])
    return axes_once(value)


def _decimals(value: Fraction | None) -> str:
    """To three decimals, rounded half up.

    >>> _decimals(Fraction(2, 3)), _decimals(Fraction(0))
    ('0.667', '0.000')
    """
    if value is None:
        return UNKNOWN
    scale: int = 10**DIGITS
    scaled = (2 * value.numerator * scale + value.denominator) // (2 * value.denominator)
    return f"{scaled // scale:,}.{scaled % scale:0{DIGITS}}"


def _title(found: EffectiveFields, channels_last: bool) -> str:
    parts = [found.network, f"input {input_text(found.input_shape, channels_last)}"]
    if found.origin is not None:
        parts.append(f"in units of {found.origin}")
    return " · ".join([*parts, "effective receptive field"])


def _sheet(
    found: EffectiveFields,
    rows: Sequence[EffectiveField],
    names: Sequence[str],
    channels_last: bool,
    in_order: bool,
) -> Sheet:
    columns = []
    for name in names:
        texts = [_cell(row, name) for row in rows]
        styles = [family(row.type) for row in rows] if name in WORDS else []
        cells = texts if name in WORDS else aligned_numbers(texts)
        heading = HEADINGS.get(name, name)
        columns.append(
            SheetColumn(heading, cells, name in WORDS, "", styles, RANKS.get(name, 0), heading)
        )
    notes = [*_notes(found, names)]
    title, rank = _title(found, channels_last), NAMES_RANK if in_order else 0
    return Sheet(title, columns, {}, notes, names.index("layer"), rank)


def _notes(found: EffectiveFields, names: Sequence[str]) -> Iterator[str]:
    """What is said below: what the figures are, what they assume, and why some are not known."""
    yield "sd: standard deviation, to three decimals; %: centred extent that holds so much; pixels"
    yield from ASSUMPTIONS
    if PATHS in names:
        yield "paths: to all pixels together; those to each pixel are in CSV and JSON"
    reasons = dict.fromkeys(layer.reason for layer in found.layers if layer.reason)
    for reason in reasons:
        of = [layer.layer for layer in found.layers if layer.reason == reason]
        yield f"{UNKNOWN} of {_few(of)}: {reason}"


def _few(names: list[str]) -> str:
    return name_list(names) if len(names) <= 3 else f"{names[0]} and {len(names) - 1:,} more"
