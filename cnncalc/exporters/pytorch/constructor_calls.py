"""Constructor calls as PyTorch code has them: compared but for their numbers, and written."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from ...record import Record
from ..python_code import WIDTH, Name, argument_lines, literal

LEAST_RUN = 3
SEQUENTIAL, LIST, DICT, ORDERED = "nn.Sequential", "nn.ModuleList", "nn.ModuleDict", "ordered"
BRACKETS = {
    LIST: (f"{LIST}([", "])"),
    DICT: (f"{DICT}({{", "})"),
    ORDERED: (f"{SEQUENTIAL}(OrderedDict([", "]))"),
}


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
    opening, closing = BRACKETS.get(build.callee, (f"{build.callee}(", ")"))
    margin = " " * indent
    first, last = f"{margin}{before}{opening}", f"{margin}{closing}{after}"
    arguments = list(_lines_per_argument(build, indent + 4))
    if all(len(one) == 1 for one in arguments) and (len(arguments) < 3 or not build.holds_parts):
        inside = ", ".join(one[0].strip().removesuffix(",") for one in arguments)
        text = f"{first}{inside}{closing}{after}"
        if len(text) <= WIDTH:
            return [text]
    if not build.holds_parts:
        return [first, *argument_lines(arguments, indent + 4), last]
    return [first, *(line for one in arguments for line in one), last]


def _lines_per_argument(build: Build, indent: int) -> Iterator[list[str]]:
    if build.callee in (SEQUENTIAL, LIST):
        yield from _lines_per_run([one.value for one in build.arguments], indent)
        return
    for name, value, default, by_name in build.arguments:
        if build.callee == ORDERED:
            yield lines(value, indent, f"({literal(name)}, ", "),")
        elif build.callee == DICT:
            yield lines(value, indent, f"{literal(name)}: ", ",")
        elif isinstance(value, Name) or value != default:
            label = f"{name}=" if by_name else ""
            yield [f"{' ' * indent}{label}{literal(value)},"]


def _lines_per_run(builds: list[Build], indent: int) -> Iterator[list[str]]:
    """Every call's lines; a run of equal calls is one that is repeated."""
    margin = " " * indent
    for code, run in groupby(builds, lambda build: lines(build, indent, "", ",")):
        build, *others = run
        times = f"for _ in range({len(others) + 1})"
        text = f"{margin}*({code[0].strip().removesuffix(',')} {times}),"
        if len(others) + 1 < LEAST_RUN:
            yield from [code] * (len(others) + 1)
        elif len(code) == 1 and len(text) <= WIDTH:
            yield [text]
        else:
            yield [f"{margin}*(", *lines(build, indent + 4), f"{margin}    {times}", f"{margin}),"]
