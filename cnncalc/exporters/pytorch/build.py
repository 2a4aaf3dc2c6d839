"""Constructor calls as PyTorch code has them: compared but for their numbers, and written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...record import Record
from ..python_code import WIDTH, Name, _arguments, literal

LEAST_RUN = 3
SEQUENTIAL, LIST, DICT, ORDERED = "nn.Sequential", "nn.ModuleList", "nn.ModuleDict", "ordered"


class Argument(Record):
    """An argument of a call: a plain value, or a call. `shown` tells whether its name is written.

    An argument that is its `default` is left out.
    """

    name: str
    value: Any
    shown: bool = True
    default: Any = ...


class Build(Record):
    """A call that makes a module; of a container, the arguments are its parts by their names."""

    callee: str
    arguments: tuple[Argument, ...] = ()

    @property
    def holds_parts(self) -> bool:
        """Whether it is a container of modules."""
        return self.callee in (SEQUENTIAL, LIST, DICT, ORDERED)


def is_number(value: Any) -> bool:
    """Whether a value may differ between calls that are alike: a size or sizes per axis."""
    if isinstance(value, tuple):
        return all(isinstance(one, int) for one in value)
    return isinstance(value, int) and not isinstance(value, bool)


def structure(build: Build) -> Any:
    """What calls that are alike have in common: all but their numbers."""
    return (
        build.callee,
        tuple(
            (
                argument.name,
                argument.shown,
                repr(argument.default),
                structure(argument.value)
                if isinstance(argument.value, Build)
                else None
                if is_number(argument.value)
                else repr(argument.value),
            )
            for argument in build.arguments
        ),
    )


def numbers(build: Build, path: str = "") -> Iterator[tuple[str, str, Any]]:
    """The numbers of a call in order, with the names of the module and of the argument."""
    for argument in build.arguments:
        if isinstance(argument.value, Build):
            inner = f"{path}_{argument.name}" if build.holds_parts and path else path
            yield from numbers(argument.value, inner or argument.name)
        elif is_number(argument.value):
            yield path, argument.name, argument.value


def renamed(build: Build, names: Iterator[str | None]) -> Build:
    """The call with names in the place of numbers, None leaving one as it is."""
    arguments = []
    for argument in build.arguments:
        value = argument.value
        if isinstance(value, Build):
            value = renamed(value, names)
        elif is_number(value):
            name = next(names)
            value = value if name is None else Name(name)
        arguments.append(Argument(argument.name, value, argument.shown, argument.default))
    return Build(build.callee, tuple(arguments))


def lines(build: Build, indent: int, before: str = "", after: str = "") -> list[str]:
    """The call as code, over several lines where it is long or holds many parts."""
    items, opening, closing = _items(build)
    margin = " " * indent
    made = [f"{margin}{before}{opening}"]
    folded = list(_folded(items, indent + 4))
    if all(len(one) == 1 for one in folded) and (len(folded) < 3 or not build.holds_parts):
        inside = ", ".join(one[0].strip().removesuffix(",") for one in folded)
        text = f"{made[0]}{inside}{closing}{after}"
        if len(text) <= WIDTH:
            return [text]
    if not build.holds_parts:
        return [*made, *_arguments(folded, indent + 4), f"{margin}{closing}{after}"]
    return [*made, *(line for one in folded for line in one), f"{margin}{closing}{after}"]


class _Item(Record):
    """An argument: a call with what stands before and after it, or a text."""

    before: str
    build: Build | None
    after: str

    def lines(self, indent: int, after: str = ",") -> list[str]:
        """The argument as code."""
        if self.build is None:
            return [f"{' ' * indent}{self.before}{after}"]
        return lines(self.build, indent, self.before, f"{self.after}{after}")


def _items(build: Build) -> tuple[list[_Item], str, str]:
    """The arguments, and what opens and closes the call."""
    parts = build.arguments
    if build.callee == ORDERED:
        items = [_Item(f"({literal(one.name)}, ", one.value, ")") for one in parts]
        return items, f"{SEQUENTIAL}(OrderedDict([", "]))"
    if build.callee == DICT:
        items = [_Item(f"{literal(one.name)}: ", one.value, "") for one in parts]
        return items, f"{DICT}({{", "})"
    if build.callee in (LIST, SEQUENTIAL):
        opening, closing = ("([", "])") if build.callee == LIST else ("(", ")")
        return [_Item("", one.value, "") for one in parts], build.callee + opening, closing
    texts = [
        f"{one.name}={literal(one.value)}" if one.shown else literal(one.value)
        for one in parts
        if isinstance(one.value, Name) or one.value != one.default
    ]
    return [_Item(text, None, "") for text in texts], f"{build.callee}(", ")"


def _folded(items: list[_Item], indent: int) -> Iterator[list[str]]:
    """Every item's lines; a run of equal calls is one that is repeated."""
    margin, place = " " * indent, 0
    while place < len(items):
        item, run = items[place], 1
        written = item.lines(indent)
        while place + run < len(items) and items[place + run].lines(indent) == written:
            run += 1
        if run < LEAST_RUN or item.build is None:
            yield written
            place += 1
            continue
        text = f"{margin}*({written[0].strip().removesuffix(',')} for _ in range({run})),"
        if len(written) == 1 and len(text) <= WIDTH:
            yield [text]
        else:
            call = item.lines(indent + 4, "")
            yield [f"{margin}*(", *call, f"{margin}    for _ in range({run})", f"{margin}),"]
        place += run
