"""The lines of a forward pass: which variables hold what, and for how long."""

from __future__ import annotations

from ...record import Record
from ..python_code import WIDTH, literal, statement
from .names import Place
from .tree import CLASS, ROOT, Group, Leaf, read_by

FIRST, CHAIN = "x", "out"
INDENT = 8


class Unit(Record):
    """A call in a forward pass: of a layer, or of a group that is a module."""

    item: Leaf | Group
    access: str
    name: str
    reads: tuple[int, ...]
    output: int


def units(group: Group, access: str = "self", name: str = "") -> list[Unit]:
    """The calls of a group's forward pass in order, also of what it only holds."""
    made: list[Unit] = []
    for item in group.items:
        here = _access(group, item.place, access)
        called = f"{name}_{item.place.variable}" if name else item.place.variable
        if isinstance(item, Leaf):
            reads = read_by(item.node)
            made.append(Unit(item, here, called, reads, item.node.index))
        elif item.is_called:
            made.append(Unit(item, here, called, item.inputs, item.output))
        else:
            made += units(item, here, called)
    return sorted(made, key=lambda unit: unit.item.first)


def _access(group: Group, place: Place, access: str) -> str:
    if group.style in (ROOT, CLASS):
        if place.is_attribute:
            return f"{access}.{place.key}"
        return f"{access}.get_submodule({literal(place.key)})"
    return f"{access}[{place.key if group.counts_up else literal(place.key)}]"


class Forward:
    """Writes the forward pass of a group; `outputs` are the layers that it gives."""

    def __init__(self, group: Group, outputs: list[int], owners: dict[int, str]) -> None:
        self.group = group
        self.outputs = outputs
        self.owners = owners
        self.units = units(group)
        self.names: dict[int, str] = {}
        self.pools: dict[int, tuple[str, str]] = {}
        self.taken = {FIRST, CHAIN}
        self.last_use = self._last_uses()

    def _last_uses(self) -> dict[int, int]:
        """Per layer the place of the last call that reads it, the number of calls for outputs."""
        last: dict[int, int] = {}
        for place, unit in enumerate(self.units):
            for source in unit.reads:
                last[source] = place
        for output in self.outputs:
            last[output] = len(self.units)
        return last

    def signature(self) -> str:
        """The forward pass's parameters; the first is x."""
        names = []
        for place, source in enumerate(self.group.inputs):
            self.names[source] = FIRST if not place else self._free(f"{FIRST}{place + 1}")
            names.append(self.names[source])
        return ", ".join(["self", *names])

    def lines(self) -> list[str]:
        """The statements, the last of which returns the outputs."""
        start = self.group.inputs[0]
        chain = FIRST if self.last_use.get(start, 0) < 1 else CHAIN
        made: list[str] = []
        for place, unit in enumerate(self.units):
            text, before = self._expression(unit)
            made += before
            kept = self.last_use.get(unit.output, place) > place + 1
            name = self._free(unit.name) if kept else chain
            self.names[unit.output] = name
            pool = self.pools.get(unit.output)
            target = f"{name}, {pool[0]}" if pool else name
            made += statement(f"{target} = {text}", INDENT)
        returned = ", ".join(self.names[output] for output in self.outputs)
        if len(returned) > WIDTH - INDENT - len("return "):
            returned = f"({returned})"
        return made + statement(f"return {returned}", INDENT)

    def _free(self, wanted: str) -> str:
        name = wanted
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def _expression(self, unit: Unit) -> tuple[str, list[str]]:
        """The call, and what must be kept before it."""
        read = [self.names[source] for source in unit.reads]
        item = unit.item
        if isinstance(item, Group):
            return f"{unit.access}({', '.join(read)})", []
        node = item.node
        before: list[str] = []
        if item.part.pair:
            indices, size = self._free(f"{unit.name}_indices"), self._free(f"{unit.name}_size")
            self.pools[node.index] = indices, size
            before += statement(f"{size} = {read[0]}.shape", INDENT)
        pool = self.pools.get(node.referred or 0, ("", ""))
        like = read[-1] if node.referred is not None else ""
        access = unit.access if node.shares is None else self.owners[node.shares]
        inputs = read[: len(node.sources)]
        text = item.part.forward.format(
            *inputs,
            all=", ".join(inputs),
            module=access,
            like=like,
            indices=pool[0],
            size=pool[1],
        )
        return text, before
