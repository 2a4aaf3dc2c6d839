"""Groups of layers as classes: those that differ in numbers alone are one class with arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...record import Record
from ..python_code import identifier
from .build import DICT, LIST, ORDERED, Argument, Build, numbers, renamed, structure
from .build import SEQUENTIAL as SEQUENTIAL_CALL
from .forward import Forward
from .names import Place, class_names
from .tree import CLASS, SEQUENTIAL, Group, Leaf


class Module(Record):
    """A module that a class makes, under a name, with a note on it."""

    place: Place
    build: Build
    note: str


class Class(Record):
    """A class to write: the parts that it makes, the arguments that they take, its forward pass.

    `groups` are the prefixes of the layers that it stands for.
    """

    name: str
    parameters: tuple[str, ...]
    parts: tuple[Module, ...]
    signature: str
    forward: tuple[str, ...]
    groups: tuple[str, ...]


class Classes:
    """All classes of a network, in the order in which they must be defined."""

    def __init__(self, root: Group, blocks: dict[str, str], outputs: list[int]) -> None:
        self.builds: dict[Group, Build] = {}
        self.made: list[Class] = []
        self.names = class_names(blocks)
        self.owners = _owners(root)
        for groups in _by_height(root):
            self._add(groups)
        forward = Forward(root, outputs, self.owners)
        signature = forward.signature()
        parts = tuple(self._parts(root))
        self.root = Class("", (), parts, signature, tuple(forward.lines()), ())

    def _add(self, groups: list[Group]) -> None:
        """The classes of groups of equal height, one for those that are alike."""
        alike: dict[Any, list[tuple[Group, list[Module]]]] = {}
        for group in groups:
            forward = Forward(group, [group.output], self.owners)
            code = (forward.signature(), tuple(forward.lines()))
            parts = self._parts(group)
            shape = tuple((part.place.key, structure(part.build)) for part in parts)
            alike.setdefault((code, shape), []).append((group, parts))
        for (code, _), members in alike.items():
            self._define(code, members)

    def _define(
        self,
        code: tuple[str, tuple[str, ...]],
        members: list[tuple[Group, list[Module]]],
    ) -> None:
        columns = list(zip(*(list(_numbers(parts)) for _, parts in members)))
        names = _parameters(columns)
        parameters = tuple(dict.fromkeys(name for name in names if name is not None))
        given = iter(names)
        parts = tuple(
            Module(part.place, renamed(part.build, given), part.note) for part in members[0][1]
        )
        prefixes = tuple(group.prefix for group, _ in members)
        class_name = self.names(prefixes[0])
        self.made.append(Class(class_name, parameters, parts, *code, prefixes))
        for place, (group, _) in enumerate(members):
            values = {name: column[place][2] for name, column in zip(names, columns) if name}
            arguments = tuple(Argument(name, values[name]) for name in parameters)
            self.builds[group] = Build(class_name, arguments)

    def _parts(self, group: Group) -> list[Module]:
        """The modules that a group makes, each with a note on it."""
        made = []
        for item in group.items:
            if item.has_modules:
                note = ""
                if isinstance(item, Leaf):
                    place = item.place
                    note = item.part.note or (place.own if place.own != place.key else "")
                made.append(Module(item.place, self._build(item), note))
        return made

    def _build(self, item: Leaf | Group) -> Build:
        if isinstance(item, Leaf):
            assert item.part.build is not None
            return item.part.build
        if item.style == CLASS:
            return self.builds[item]
        arguments = tuple(Argument(part.place.key, part.build) for part in self._parts(item))
        if item.style == SEQUENTIAL:
            return Build(SEQUENTIAL_CALL if item.counts_up else ORDERED, arguments)
        return Build(LIST if item.counts_up else DICT, arguments)


def _numbers(parts: list[Module]) -> Iterator[tuple[str, str, Any]]:
    for part in parts:
        yield from numbers(part.build, part.place.variable)


def _parameters(columns: list[tuple[tuple[str, str, Any], ...]]) -> list[str | None]:
    """Per number of a class the argument that it is; None where it is the same in every use.

    Numbers that agree in every use are one argument.
    """
    known: dict[Any, str] = {}
    names: list[str | None] = []
    for column in columns:
        values = tuple(value for _, _, value in column)
        if len(set(values)) == 1:
            names.append(None)
            continue
        if values not in known:
            module, argument, _ = column[0]
            taken = known.values()
            name = argument if argument not in taken else f"{identifier(module, '')}_{argument}"
            while name in taken:
                name += "_"
            known[values] = name
        names.append(known[values])
    return names


def _by_height(root: Group) -> list[list[Group]]:
    """Groups that are classes, by how deep classes stand in each other, the innermost first."""
    heights: dict[Group, int] = {}
    levels: list[list[Group]] = []
    for group in root.groups():
        inner = [heights[item] for item in group.items if isinstance(item, Group)]
        heights[group] = max(inner, default=0) + (group.style == CLASS)
        if group.style == CLASS:
            while len(levels) < heights[group]:
                levels.append([])
            levels[heights[group] - 1].append(group)
    return levels


def _owners(root: Group) -> dict[int, str]:
    """How the forward pass of the whole calls each layer's module."""
    from .forward import units

    return {unit.output: unit.access for unit in units(root) if isinstance(unit.item, Leaf)}
