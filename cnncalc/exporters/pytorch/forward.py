"""The lines of a forward pass: which variables hold what, and for how long."""

from __future__ import annotations

from ...record import Record
from ..python_code import WIDTH, literal, statement
from .module_tree import CLASS, ROOT, Leaf, ModuleGroup
from .names import PartNames

FIRST, CHAIN = "x", "out"
INDENT = 8


class Unit(Record):
    """A call in a forward pass: of a layer, or of a group that is a module."""

    item: Leaf | ModuleGroup
    access: str
    name: str


def units(group: ModuleGroup, access: str = "self", name: str = "") -> list[Unit]:
    """The calls of a group's forward pass in order, also of what it only holds."""
    calls: list[Unit] = []
    for item in group.items:
        here = _access(group, item.names, access)
        variable = f"{name}_{item.names.variable}" if name else item.names.variable
        if isinstance(item, Leaf) or item.is_called:
            calls.append(Unit(item, here, variable))
        else:
            calls += units(item, here, variable)
    return sorted(calls, key=lambda unit: unit.item.first)


def _access(group: ModuleGroup, names: PartNames, access: str) -> str:
    if group.style not in (ROOT, CLASS):
        return f"{access}[{names.key if group.counts_up else literal(names.key)}]"
    if names.is_attribute:
        return f"{access}.{names.key}"
    return f"{access}.get_submodule({literal(names.key)})"


class Forward:
    """Writes the forward pass of a group; `outputs` are the layers that it gives."""

    def __init__(self, group: ModuleGroup, outputs: list[int], owners: dict[int, str]) -> None:
        self.group = group
        self.outputs = outputs
        self.owners = owners
        self.units = units(group)
        self.names: dict[int, str] = {}
        self.pools: dict[int, tuple[str, str]] = {}
        self.taken = {FIRST, CHAIN}
        # Per layer the place of the last call that reads it, the number of calls for outputs.
        calls = enumerate(self.units)
        self.last_use = {source: place for place, unit in calls for source in unit.item.inputs}
        self.last_use.update(dict.fromkeys(outputs, len(self.units)))

    def signature(self) -> str:
        """The forward pass's parameters; without names of their own the first is x."""
        counted = [FIRST, *(f"{FIRST}{place}" for place in range(2, len(self.group.inputs) + 1))]
        for source, name in zip(self.group.inputs, self.group.arguments or counted):
            self.names[source] = name
            self.taken.add(name)
        return ", ".join(["self", *self.names.values()])

    def lines(self) -> list[str]:
        """The statements, the last of which returns the outputs."""
        start = self.group.inputs[0]
        is_free = self.names[start] == FIRST and self.last_use.get(start, 0) < 1
        chain = FIRST if is_free else CHAIN
        lines: list[str] = []
        for place, unit in enumerate(self.units):
            pool = self._pool(unit)
            if pool:
                lines += statement(f"{pool[1]} = {self.names[unit.item.inputs[0]]}.shape", INDENT)
            text = self._expression(unit)
            lasts = self.last_use.get(unit.item.output, place) > place + 1
            name = self._free(unit.name) if lasts else chain
            self.names[unit.item.output] = name
            target = f"{name}, {pool[0]}" if pool else name
            lines += statement(f"{target} = {text}", INDENT)
        outputs = ", ".join(self.names[output] for output in self.outputs)
        if len(outputs) > WIDTH - INDENT - len("return "):
            outputs = f"({outputs})"
        return lines + statement(f"return {outputs}", INDENT)

    def _free(self, wanted: str) -> str:
        name = wanted
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def _pool(self, unit: Unit) -> tuple[str, str] | None:
        """Names for the indices of a pool that is undone, and for the size that it reads."""
        if isinstance(unit.item, ModuleGroup) or not unit.item.code.pair:
            return None
        names = self._free(f"{unit.name}_indices"), self._free(f"{unit.name}_size")
        self.pools[unit.item.output] = names
        return names

    def _expression(self, unit: Unit) -> str:
        """The call of a unit."""
        read = [self.names[source] for source in unit.item.inputs]
        if isinstance(unit.item, ModuleGroup):
            return f"{unit.access}({', '.join(read)})"
        node = unit.item.node
        inputs = read[: len(node.sources)]
        indices, size = self.pools.get(node.referred or 0, ("", ""))
        return unit.item.code.forward.format(
            *inputs,
            all=", ".join(inputs),
            module=unit.access if node.shares is None else self.owners[node.shares],
            like=read[-1] if node.referred is not None else "",
            indices=indices,
            size=size,
        )
