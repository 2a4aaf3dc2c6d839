"""Operators of a model that its reader does not read: gathered, and refused together."""

from __future__ import annotations

from typing import NamedTuple

from ..wording import quote

MOST_NAMED = 10
BY_OPTION = "--unknown pass"
BY_OPTION_OR_ARGUMENT = "--unknown pass (unknown='pass')"


class Unread(NamedTuple):
    """The first use of an operator that is not read.

    `place` says what it is part of; `line` is the file's, `code` the user's own, as far as there is
    any; `reason` is empty where the operator is not known at all.
    """

    operator: str
    place: str
    reason: str = ""
    line: int | None = None
    code: str = ""


class UnreadOperators:
    """What a reader met and does not read; `noun` is the format's word, `way` how to go on."""

    def __init__(self, noun: str = "operator", way: str = BY_OPTION) -> None:
        self.noun = noun
        self.way = way
        self.first: dict[str, Unread] = {}
        self.counts: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self.first)

    def note(self, unread: Unread) -> None:
        """Take note of a use."""
        self.first.setdefault(unread.operator, unread)
        self.counts[unread.operator] = self.counts.get(unread.operator, 0) + 1

    @property
    def line(self) -> int | None:
        """The line of the first one."""
        return next(iter(self.first.values())).line

    @property
    def message(self) -> str:
        """The refusal of all of them, those that came first by name."""
        first = list(self.first.values())
        if len(first) == 1:
            fault = f"cannot be read: {first[0].reason}" if first[0].reason else "is not known here"
            where = self._where(first[0], [first[0].code])
            return f"{self.noun} {where} {fault}; {self.way} goes on with its figures unknown"
        alike = len({one.reason for one in first}) == 1
        named = []
        for one in first[:MOST_NAMED]:
            line = f"line {one.line}" if one.line is not None and one.line != self.line else ""
            fault = f": {one.reason}" if one.reason and not alike else ""
            named.append(self._where(one, [line, one.code]) + fault)
        if len(first) > MOST_NAMED:
            named.append(f"and {len(first) - MOST_NAMED} more")
        kinds = f"{len(first)} {self.noun}{'es' if self.noun.endswith('s') else 's'}"
        fault = f" ({first[0].reason})" if alike and first[0].reason else ""
        told = "; ".join(named)
        return f"{kinds} are not read{fault}: {told}; {self.way} goes on with their figures unknown"

    def _where(self, one: Unread, details: list[str]) -> str:
        """An operator, what it is part of, and what else is known of its place."""
        count = self.counts[one.operator]
        details = [*filter(None, details), *([f"{count} times"] if count > 1 else [])]
        told = f" ({'; '.join(details)})" if details else ""
        return f"{quote(one.operator)} of {one.place}{told}"
