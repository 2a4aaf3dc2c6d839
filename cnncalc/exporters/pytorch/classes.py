"""Groups of layers as classes: those that differ in numbers alone are one class with arguments."""

from __future__ import annotations

from typing import Any

from ...record import Record
from ..python_code import identifier
from ..unique_names import UniqueNames
from .constructor_calls import DICT, LIST, ORDERED, Argument, Build, numbers, structure, with_names
from .constructor_calls import SEQUENTIAL as SEQUENTIAL_CALL
from .forward import Forward, units
from .module_tree import CLASS, SEQUENTIAL, Leaf, ModuleGroup
from .names import LIBRARY, PartNames, class_name


class Module(Record):
    """A module that a class makes, under a name, with a note on it."""

    names: PartNames
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
    """A network's classes in the order in which they must be defined, and that of the whole."""

    def __init__(self, root: ModuleGroup, blocks: dict[str, str], outputs: list[int]) -> None:
        self.builds: dict[ModuleGroup, Build] = {}
        self.classes: list[Class] = []
        self.blocks = blocks
        self.names = UniqueNames(LIBRARY)
        # How the forward pass of the whole calls each layer's module.
        self.owners = {u.item.output: u.access for u in units(root) if isinstance(u.item, Leaf)}
        for groups in _by_height(root):
            self._add(groups)
        code = self._forward(root, outputs)
        self.whole = Class("", (), tuple(self._parts(root)), *code, ())

    def _forward(self, group: ModuleGroup, outputs: list[int]) -> tuple[str, tuple[str, ...]]:
        forward = Forward(group, outputs, self.owners)
        return forward.signature(), tuple(forward.lines())

    def _add(self, groups: list[ModuleGroup]) -> None:
        """The classes of groups of equal height, one for those that are alike."""
        alike: dict[Any, list[tuple[ModuleGroup, list[Module]]]] = {}
        for group in groups:
            code, parts = self._forward(group, [group.output]), self._parts(group)
            shape = tuple((part.names.key, structure(part.build)) for part in parts)
            alike.setdefault((code, shape), []).append((group, parts))
        for (code, _), members in alike.items():
            self._define(code, members)

    def _define(
        self, code: tuple[str, tuple[str, ...]], members: list[tuple[ModuleGroup, list[Module]]]
    ) -> None:
        columns = list(zip(*(_numbers(parts) for _, parts in members)))
        names = _parameters(columns)
        parameters = tuple(dict.fromkeys(name for name in names if name is not None))
        rest = iter(names)
        parts = tuple(part.but(build=with_names(part.build, rest)) for part in members[0][1])
        prefixes = tuple(group.prefix for group, _ in members)
        name = class_name(prefixes[0], self.blocks, self.names)
        self.classes.append(Class(name, parameters, parts, *code, prefixes))
        for place, (group, _) in enumerate(members):
            values = {name: column[place][2] for name, column in zip(names, columns) if name}
            arguments = tuple(Argument(parameter, values[parameter]) for parameter in parameters)
            self.builds[group] = Build(name, arguments)

    def _parts(self, group: ModuleGroup) -> list[Module]:
        """The modules that a group makes, each with a note on it."""
        parts = []
        for item in group.items:
            if item.has_modules:
                note = ""
                if isinstance(item, Leaf):
                    own = item.names.own
                    note = item.code.note or (own if own != item.names.key else "")
                parts.append(Module(item.names, self._build(item), note))
        return parts

    def _build(self, item: Leaf | ModuleGroup) -> Build:
        if isinstance(item, Leaf):
            assert item.code.build is not None
            return item.code.build
        if item.style == CLASS:
            return self.builds[item]
        arguments = tuple(Argument(part.names.key, part.build) for part in self._parts(item))
        if item.style == SEQUENTIAL:
            return Build(SEQUENTIAL_CALL if item.counts_up else ORDERED, arguments)
        return Build(LIST if item.counts_up else DICT, arguments)


def _numbers(parts: list[Module]) -> list[tuple[str, str, Any]]:
    return [number for part in parts for number in numbers(part.build, part.names.variable)]


def _parameters(columns: list[tuple[tuple[str, str, Any], ...]]) -> list[str | None]:
    """Per number of a class the argument that it is; None where it is the same in every use.

    Numbers that agree in every use are one argument.
    """
    known: dict[tuple[Any, ...], str] = {}
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


def _by_height(root: ModuleGroup) -> list[list[ModuleGroup]]:
    """Groups that are classes, by how deep classes stand in each other, the innermost first."""
    heights: dict[ModuleGroup, int] = {}
    levels: dict[int, list[ModuleGroup]] = {}
    for group in root.groups():
        inner = [heights[item] for item in group.items if isinstance(item, ModuleGroup)]
        heights[group] = max(inner, default=0) + (group.style == CLASS)
        if group.style == CLASS:
            levels.setdefault(heights[group], []).append(group)
    return [levels[height] for height in sorted(levels)]
