"""Constructor calls as PyTorch code has them: compared but for their numbers, and written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...record import Record
from ..python_code import WIDTH, Name, argument_lines, literal

LEAST_RUN = 3
SEQUENTIAL, LIST, DICT, ORDERED = "nn.Sequential", "nn.ModuleList", "nn.ModuleDict", "ordered"


class Argument(Record):
    """An argument of a call: a plain value, or a call. An argument that is its default is left out.

    `by_name` tells whether its name is written.
    """

    name: str
    value: Any
    default: Any = ...
    by_name: bool = True


class Build(Record):
    """A call that makes a module; of a container, the arguments are its parts by their names."""

    callee: str
    arguments: tuple[Argument, ...] = ()

    @property
    def holds_parts(self) -> bool:
        """Whether it is a container of modules."""
        return self.callee in (SEQUENTIAL, LIST, DICT, ORDERED)


def positional(name: str, value: Any) -> Argument:
    """An argument that is written without its name."""
    return Argument(name, value, by_name=False)


def is_number(value: Any) -> bool:
    """Whether a value may differ between calls that are alike: a size or sizes per axis."""
    if isinstance(value, tuple):
        return all(isinstance(one, int) for one in value)
    return isinstance(value, int) and not isinstance(value, bool)


def structure(build: Build) -> tuple[Any, ...]:
    """What calls that are alike have in common: all but their numbers."""
    parts: list[Any] = [build.callee]
    for argument in build.arguments:
        value = argument.value
        if isinstance(value, Build):
            value = structure(value)
        else:
            value = None if is_number(value) else repr(value)
        parts.append((argument.name, argument.by_name, repr(argument.default), value))
    return tuple(parts)


def numbers(build: Build, path: str = "") -> Iterator[tuple[str, str, Any]]:
    """The numbers of a call in order, with the names of the module and of the argument."""
    for argument in build.arguments:
        if isinstance(argument.value, Build):
            inner = f"{path}_{argument.name}" if build.holds_parts and path else path
            yield from numbers(argument.value, inner or argument.name)
        elif is_number(argument.value):
            yield path, argument.name, argument.value


def with_names(build: Build, names: Iterator[str | None]) -> Build:
    """The call with names in the place of numbers, None leaving one as it is."""
    arguments = []
    for argument in build.arguments:
        value = argument.value
        if isinstance(value, Build):
            value = with_names(value, names)
        elif is_number(value):
            name = next(names)
            value = value if name is None else Name(name)
        arguments.append(argument.but(value=value))
    return Build(build.callee, tuple(arguments))


def lines(build: Build, indent: int, before: str = "", after: str = "") -> list[str]:
    """The call as code, over several lines where it is long or holds many parts."""
    items, opening, closing = _items(build)
    margin = " " * indent
    first, last = f"{margin}{before}{opening}", f"{margin}{closing}{after}"
    item_lines = list(_lines_per_item(items, indent + 4))
    if all(len(one) == 1 for one in item_lines) and (len(item_lines) < 3 or not build.holds_parts):
        inside = ", ".join(one[0].strip().removesuffix(",") for one in item_lines)
        text = f"{first}{inside}{closing}{after}"
        if len(text) <= WIDTH:
            return [text]
    if not build.holds_parts:
        return [first, *argument_lines(item_lines, indent + 4), last]
    return [first, *(line for one in item_lines for line in one), last]


class _Item(Record):
    """An argument: a call with what stands before and after it, or a text."""

    before: str
    build: Build | None = None
    after: str = ""

    def lines(self, indent: int, comma: str = ",") -> list[str]:
        """The argument as code."""
        if self.build is None:
            return [f"{' ' * indent}{self.before}{comma}"]
        return lines(self.build, indent, self.before, f"{self.after}{comma}")


def _items(build: Build) -> tuple[list[_Item], str, str]:
    """The arguments, and what opens and closes the call."""
    parts = build.arguments
    if build.callee == ORDERED:
        items = [_Item(f"({literal(one.name)}, ", one.value, ")") for one in parts]
        return items, f"{SEQUENTIAL}(OrderedDict([", "]))"
    if build.callee == DICT:
        return [_Item(f"{literal(one.name)}: ", one.value) for one in parts], f"{DICT}({{", "})"
    if build.callee in (LIST, SEQUENTIAL):
        opening, closing = ("([", "])") if build.callee == LIST else ("(", ")")
        return [_Item("", one.value) for one in parts], build.callee + opening, closing
    texts = [
        f"{one.name}={literal(one.value)}" if one.by_name else literal(one.value)
        for one in parts
        if isinstance(one.value, Name) or one.value != one.default
    ]
    return [_Item(text) for text in texts], f"{build.callee}(", ")"


def _lines_per_item(items: list[_Item], indent: int) -> Iterator[list[str]]:
    """Every item's lines; a run of equal calls is one that is repeated."""
    margin, place = " " * indent, 0
    while place < len(items):
        item, run = items[place], 1
        code = item.lines(indent)
        while place + run < len(items) and items[place + run].lines(indent) == code:
            run += 1
        if run < LEAST_RUN or item.build is None:
            yield code
            place += 1
            continue
        text = f"{margin}*({code[0].strip().removesuffix(',')} for _ in range({run})),"
        if len(code) == 1 and len(text) <= WIDTH:
            yield [text]
        else:
            call = item.lines(indent + 4, "")
            yield [f"{margin}*(", *call, f"{margin}    for _ in range({run})", f"{margin}),"]
        place += run
