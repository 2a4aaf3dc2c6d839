"""Rows as JSON, written while they are computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from json import dumps
from json.encoder import encode_basestring
from typing import Any

from ..report.columns import COLUMNS, JSON_KEYS, plain_value
from ..report.folding import Row

INDENT = "  "
CONSTANTS = {None: "null", True: "true", False: "false"}


def object_pieces(plain: Mapping[str, Any], rows: Sequence[Row], folded: bool) -> Iterator[str]:
    """An object as `json.dumps` writes it with an indent of 2, its list of layers row by row.

    The list is empty in `plain`. Of folded rows it is said how many copies they hold.
    """
    head, opening, rest = json_text(plain).partition(f'\n{INDENT}"layers": [')
    if not rows:
        yield f"{head}{opening}{rest}\n"
        return
    yield head + opening
    for number, row in enumerate(rows):
        yield f"{',' if number else ''}\n{_row_text(row, folded)}"
    yield f"\n{INDENT}{rest}\n"


def json_text(value: Any) -> str:
    """A value as JSON, an element a line."""
    return dumps(value, indent=2, ensure_ascii=False)


def _row_text(row: Row, folded: bool) -> str:
    """A row of a report as an object in a list of an object."""
    values = [f'{INDENT * 3}"{name}": {_value_text(name, take(row))}' for name, take in TAKEN]
    if folded:
        values.append(f'{INDENT * 3}"repeat": {row.repeat}')
    return f"{INDENT * 2}{{\n" + ",\n".join(values) + f"\n{INDENT * 2}}}"


def _hashable(name: str) -> Any:
    column = COLUMNS[name]
    return (lambda row: tuple(column.value(row))) if column.is_list else column.value


TAKEN = [(name, _hashable(name)) for name in JSON_KEYS]


def _value_text(name: str, value: Any) -> str:
    if type(value) is str or type(value) is int:
        return _encoded_text(value, "")
    return _column_text(name, value)


@lru_cache(maxsize=4096)
def _column_text(name: str, value: Any) -> str:
    """A column's value, indented as in a row: many rows have equal ones."""
    column = COLUMNS[name]
    plain = list(value) if column.is_list else plain_value(column, value)
    return _encoded_text(plain, INDENT * 3)


def _encoded_text(value: Any, indent: str) -> str:
    """A value without objects as `json.dumps` writes it, which takes long for many small ones."""
    if type(value) is list:
        inner = indent + INDENT
        elements = [f"\n{inner}{_encoded_text(each, inner)}" for each in value]
        return f"[{','.join(elements)}\n{indent}]" if elements else "[]"
    if type(value) is str:
        return encode_basestring(value)
    return CONSTANTS[value] if value is None or type(value) is bool else repr(value)
