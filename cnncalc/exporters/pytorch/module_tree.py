"""A network's layers as the tree that their dotted names make, with names that Python takes.

A part of the tree that reads and gives as a module does is one: nn.Sequential where its layers
follow each other, a class otherwise. Any other part only holds its modules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...network.network import Network, Node
from ..folding import readers_of
from .layer_code import PLAIN, TorchCode
from .names import PartNames, argument_names, part_names

DEEPEST = 40
ROOT, SEQUENTIAL, CLASS, HOLDER = "root", "sequential", "class", "holder"

Member = tuple[list[str], Node, TorchCode]


class Leaf:
    """One layer. Its inputs are what it reads, and the layer whose size it asks for."""

    def __init__(self, node: Node, code: TorchCode, names: PartNames) -> None:
        self.node = node
        self.code = code
        self.names = names
        self.first = self.output = node.index
        like = () if node.referred is None or node.type == "max_unpool" else (node.referred,)
        self.inputs = (*node.sources, *like)

    @property
    def has_modules(self) -> bool:
        """Whether the layer is a module."""
        return self.code.build is not None and self.node.shares is None

    @property
    def is_called(self) -> bool:
        """Whether it is a module, called on what it reads and on nothing else."""
        code = self.code
        return code.build is not None and code.forward == PLAIN and not code.pair


class ModuleGroup:
    """Layers whose names share a prefix.

    `arguments` are what its forward pass calls its inputs, where those have names.
    """

    def __init__(self, names: PartNames, prefix: str, items: list[Leaf | ModuleGroup]) -> None:
        self.names = names
        self.prefix = prefix
        self.items = sorted(items, key=lambda item: item.first)
        self.style = HOLDER
        self.inputs: tuple[int, ...] = ()
        self.arguments: Sequence[str] = ()
        self.output = 0

    @property
    def first(self) -> int:
        """The index of its first layer."""
        return self.items[0].first

    @property
    def has_modules(self) -> bool:
        """Whether any of its layers is a module."""
        return any(item.has_modules for item in self.items)

    @property
    def is_called(self) -> bool:
        """Whether it is a module that reads and gives."""
        return self.style in (SEQUENTIAL, CLASS)

    @property
    def counts_up(self) -> bool:
        """Whether its parts are named 0, 1, 2 and so on, each with modules."""
        keys = [item.names.key for item in self.items]
        modules = all(item.has_modules for item in self.items)
        return modules and keys == [str(number) for number in range(len(keys))]

    def leaves(self) -> list[Leaf]:
        """All its layers."""
        items = (item for group in self.groups() for item in group.items)
        return [item for item in items if isinstance(item, Leaf)]

    def groups(self) -> Iterator[ModuleGroup]:
        """All groups in it, the innermost first, and itself."""
        for item in self.items:
            if isinstance(item, ModuleGroup):
                yield from item.groups()
        yield self


def module_tree(network: Network, codes: list[TorchCode]) -> ModuleGroup:
    """The tree of a network's layers, every group with its style."""
    paths = [_path(node.name) for node in network.nodes]
    members = list(zip(paths, network.nodes, codes))
    root = ModuleGroup(PartNames("", "", ""), "", _items(members, 0, ""))
    _hoist(root)
    readers = readers_of(network)
    owners = {node.shares for node in network.nodes if node.shares is not None}
    for group in root.groups():
        if group is not root:
            _classify(group, readers, owners)
    root.style = ROOT
    root.inputs = tuple(-place for place, _ in enumerate(network.inputs))
    root.arguments = argument_names(network.inputs)
    return root


def _path(name: str) -> list[str]:
    """The parts of a name; those too deep inside are one."""
    *outer, last = name.split(".", DEEPEST)
    return [*outer, last.replace(".", "_")]


def _hoist(group: ModuleGroup) -> list[Leaf]:
    """Take layers that are no modules out of what holds numbered modules, into what holds that."""
    for inner in [item for item in group.items if isinstance(item, ModuleGroup)]:
        for leaf in _hoist(inner):
            variable = f"{inner.names.variable}_{leaf.names.variable}"
            leaf.names = PartNames(leaf.names.own, variable, variable)
            group.items.append(leaf)
    group.items.sort(key=lambda item: item.first)
    modules = [item for item in group.items if item.has_modules]
    if not group.prefix or not modules or not all(item.names.is_number for item in modules):
        return []
    others = [item for item in group.items if isinstance(item, Leaf) and not item.has_modules]
    group.items = [item for item in group.items if item not in others]
    return others


def _items(members: list[Member], depth: int, prefix: str) -> list[Leaf | ModuleGroup]:
    """The parts of a group: layers that end here, and groups by the next part of their names."""
    below: dict[str, list[Member]] = {}
    taken: set[str] = set()
    for member in members:
        path = member[0]
        if len(path) > depth + 1:
            below.setdefault(path[depth], []).append(member)
    names = {own: part_names(own, "block", taken) for own in below}
    items: list[Leaf | ModuleGroup] = [
        Leaf(node, code, part_names(path[depth], node.type, taken))
        for path, node, code in members
        if len(path) == depth + 1
    ]
    for own, inner in below.items():
        inside = f"{prefix}{own}"
        items.append(ModuleGroup(names[own], inside, _items(inner, depth + 1, f"{inside}.")))
    return items


def _classify(group: ModuleGroup, readers: dict[int, list[Node]], owners: set[int]) -> None:
    """Find out whether a group is called, and how it is written."""
    leaves = sorted(group.leaves(), key=lambda leaf: leaf.first)
    nodes = [leaf.node for leaf in leaves]
    first, last = nodes[0].index, nodes[-1].index
    inside = range(first, last + 1)
    whole = len(nodes) == len(inside) and group.has_modules
    if not whole or _shares_outside(nodes, inside, readers, owners):
        return
    outputs = [
        node.index
        for node in nodes
        if any(reader.index > last for reader in readers.get(node.index, ()))
        or not any(node.index in reader.sources for reader in readers.get(node.index, ()))
    ]
    if len(outputs) != 1:
        return
    group.output = outputs[0]
    sources = (source for leaf in leaves for source in leaf.inputs)
    group.inputs = tuple(dict.fromkeys(source for source in sources if source < first))
    has_numbers = [item.names.is_number for item in group.items]
    if all(has_numbers) and _is_chain(group):
        group.style = SEQUENTIAL
    elif not any(has_numbers) and len(nodes) > 1:
        group.style = CLASS


def _shares_outside(
    nodes: list[Node], inside: range, readers: dict[int, list[Node]], owners: set[int]
) -> bool:
    """Whether layers share parameters, or a pool's indices with layers outside."""
    for node in nodes:
        if node.shares is not None or node.index in owners:
            return True
        if node.type == "max_unpool" and node.referred not in inside:
            return True
        outside = [r for r in readers.get(node.index, ()) if r.index not in inside]
        if any(r.type == "max_unpool" and r.referred == node.index for r in outside):
            return True
    return False


def _is_chain(group: ModuleGroup) -> bool:
    """Whether every part is a module that reads the part before it alone."""
    before = group.inputs
    for item in group.items:
        if len(before) != 1 or not item.is_called or item.inputs != before:
            return False
        before = (item.output,)
    return True
