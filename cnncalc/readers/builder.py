"""Definitions as readers of other formats put them together, layer by layer."""

from __future__ import annotations

from typing import Any

from ..definition.definition import Definition, Entry, File, Located
from ..errors import DefinitionError, quote
from .source import PASS, Source

LONGEST_NAME = 200


def printable(name: str) -> str:
    """A name as tables and definitions can show it."""
    short = name[:LONGEST_NAME]
    if short.isprintable():
        return short
    return "".join(sign if sign.isprintable() else "_" for sign in short)


class Builder:
    """Collects the layers of one model under names of their own."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.entries: list[Entry] = []
        self.taken = {"input"}
        self.numbers: dict[str, int] = {}

    def refuse(self, message: str, line: int | None = None, layer: str | None = None) -> Any:
        """An error of this model at a line, to be raised."""
        return DefinitionError(message, path=self.source.path, line=line, layer=layer)

    def unique(self, wanted: str) -> str:
        """The wanted name, or with a number after it where it is taken; printable in any case."""
        clean = printable(wanted) or "layer"
        name, number = clean, self.numbers.get(clean, 1)
        while name in self.taken:
            number += 1
            name = f"{clean}_{number}"
        self.numbers[clean] = number
        self.taken.add(name)
        return name

    def add(
        self,
        type_name: str,
        name: str,
        sources: list[str],
        line: int | None = None,
        shares: str | None = None,
        **attributes: Any,
    ) -> str:
        """Add a layer that reads the named ones; gives its name, which may have got a number.

        `shares` names the layer whose parameters it uses in place of its own.
        """
        own = self.unique(name)
        given = {key: Located(value, line) for key, value in attributes.items()}
        read = tuple(Located(one, line) for one in sources)
        owner = None if shares is None else Located(shares, line)
        self.entries.append(
            Entry(
                Located(type_name, line), Located(own, line), read, None, given, line, shares=owner
            )
        )
        return own

    def add_unknown(
        self, operator: str, name: str, sources: list[str], line: int | None = None, where: str = ""
    ) -> str:
        """Add a layer of which nothing is known, or refuse the operator, as the caller asked."""
        if self.source.unknown == PASS:
            return self.add("unknown", name, sources, line, operator=operator)
        place = where or "node"
        raise self.refuse(
            f"operator {quote(operator)} of {place} {quote(name)} is not known here; "
            "--unknown pass goes on with its figures unknown",
            line,
        )

    def definition(self, name: str, shape: list[int | None], origin: str) -> Definition:
        """The whole definition; `origin` says which format it was read from."""
        if not self.entries:
            raise self.refuse("it has no layers")
        return Definition(
            name=name or "model",
            input=Located(shape),
            layers=tuple(self.entries),
            file=File(self.source.path, {}),
            source=origin,
        )
