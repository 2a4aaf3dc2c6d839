"""What a table is drawn for."""

from __future__ import annotations

from ..record import Record

UNBOUNDED = 100_000


class Terminal(Record):
    """A terminal's columns and lines, and what its user wants of numbers and columns.

    `colours` is how many it has, 0 for none; `styled` whether it can show bold and dim. `exact`
    keeps all digits, `wide` all columns.
    """

    width: int = UNBOUNDED
    height: int | None = None
    colours: int = 0
    styled: bool = False
    exact: bool = False
    wide: bool = False
