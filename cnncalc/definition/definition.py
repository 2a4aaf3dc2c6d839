"""What a definition file said, and where: names unresolved, blocks and arguments unexpanded."""

from __future__ import annotations

from typing import Any

from ..record import Record

INPUT = "input"
OWN_KEYS = ("type", "name", "from", "repeat", "when", "shares")


class Located(Record):
    """A value and the line that it stands on: its key's, for an attribute.

    Values are plain: whole numbers, exact fractions, booleans, None, text and lists of them.
    """

    value: Any
    line: int | None = None


class Entry(Record):
    """One item of a list of layers: a layer, or a block's use; left out where `when` is false.

    `shares` names the layer whose parameters it uses instead of ones of its own.
    """

    type: Located
    name: Located | None
    sources: tuple[Located, ...] | None
    repeat: Located | None
    attributes: dict[str, Located]
    line: int | None
    when: Located | None = None
    shares: Located | None = None


class File(Record):
    """What holds for all layers of one file: how messages call it, and its attribute defaults."""

    path: str
    defaults: dict[str, dict[str, Located]]


class Block(Record):
    """Layers under a name that other layers may use as a type."""

    name: str
    args: dict[str, Located]
    inputs: tuple[Located, ...]
    output: Located | None
    layers: tuple[Entry, ...]
    line: int | None
    file: File


class Definition(Record):
    """A whole definition file, with the blocks of the files it includes.

    `input` is a shape, or of inputs that have names a dict of located shapes.
    """

    name: str
    input: Located
    layers: tuple[Entry, ...]
    file: File
    args: dict[str, Located] = {}
    blocks: dict[str, Block] = {}
    budgets: dict[str, Located] = {}
    description: str | None = None
    source: str | None = None
    text: str | None = None

    @property
    def inputs(self) -> dict[str, Located]:
        """Shapes of the inputs by name; an only one without a name is called `input`."""
        named = self.input.value
        return named if isinstance(named, dict) else {INPUT: self.input}
