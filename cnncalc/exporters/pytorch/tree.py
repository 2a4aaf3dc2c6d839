"""A network's layers as the tree that their dotted names make, with names that Python takes.

A part of the tree that reads and gives as a module does is one: nn.Sequential where its layers
follow each other, a class otherwise. Any other part only holds its modules.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...network.network import Network, Node
from .names import Place, place_of
from .part import PLAIN, Part

DEEPEST = 40
ROOT, SEQUENTIAL, CLASS, HOLDER = "root", "sequential", "class", "holder"


class Leaf:
    """One layer at its place."""

    def __init__(self, node: Node, part: Part, place: Place) -> None:
        self.node = node
        self.part = part
        self.place = place

    @property
    def first(self) -> int:
        """The layer's index."""
        return self.node.index

    @property
    def has_modules(self) -> bool:
        """Whether the layer is a module."""
        return self.part.build is not None and self.node.shares is None


class Group:
    """Layers whose names share a prefix."""

    def __init__(self, place: Place, prefix: str, items: list[Leaf | Group]) -> None:
        self.place = place
        self.prefix = prefix
        self.items = sorted(items, key=lambda item: item.first)
        self.style = HOLDER
        self.inputs: tuple[int, ...] = ()
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
        keys = [item.place.key for item in self.items]
        modules = all(item.has_modules for item in self.items)
        return modules and keys == [str(number) for number in range(len(keys))]

    def leaves(self) -> Iterator[Leaf]:
        """All its layers."""
        for item in self.items:
            if isinstance(item, Leaf):
                yield item
            else:
                yield from item.leaves()

    def groups(self) -> Iterator[Group]:
        """All groups in it, the innermost first, and itself."""
        for item in self.items:
            if isinstance(item, Group):
                yield from item.groups()
        yield self


def tree(network: Network, parts: list[Part]) -> Group:
    """The tree of a network's layers, every group with its style."""
    paths = [_path(node.name) for node in network.nodes]
    members = [(path, node, part) for path, node, part in zip(paths, network.nodes, parts)]
    root = Group(Place("", "", ""), "", _items(members, 0, ""))
    _hoist(root)
    readers = _readers(network)
    owners = {node.shares for node in network.nodes if node.shares is not None}
    for group in root.groups():
        if group is not root:
            _classify(group, readers, owners)
    root.style = ROOT
    root.inputs = (0,)
    return root


def _path(name: str) -> list[str]:
    """The parts of a name; those too deep inside are one."""
    *outer, last = name.split(".", DEEPEST)
    return [*outer, last.replace(".", "_")]


def _hoist(group: Group) -> list[Leaf]:
    """Take layers that are no modules out of what holds numbered modules, into what holds that."""
    for inner in [item for item in group.items if isinstance(item, Group)]:
        for leaf in _hoist(inner):
            variable = f"{inner.place.variable}_{leaf.place.variable}"
            leaf.place = Place(leaf.place.own, variable, variable)
            group.items.append(leaf)
    group.items.sort(key=lambda item: item.first)
    modules = [item for item in group.items if item.has_modules]
    if not group.prefix or not modules or not all(item.place.is_number for item in modules):
        return []
    hoisted = [item for item in group.items if isinstance(item, Leaf) and not item.has_modules]
    group.items = [item for item in group.items if item not in hoisted]
    return hoisted


def _items(
    members: list[tuple[list[str], Node, Part]], depth: int, prefix: str
) -> list[Leaf | Group]:
    """The parts of a group: layers that end here, and groups by the next part of their names."""
    below: dict[str, list[tuple[list[str], Node, Part]]] = {}
    taken: set[str] = set()
    items: list[Leaf | Group] = []
    for path, node, part in members:
        if len(path) > depth + 1:
            below.setdefault(path[depth], []).append((path, node, part))
    places = {own: place_of(own, "block", taken) for own in below}
    for path, node, part in members:
        if len(path) == depth + 1:
            items.append(Leaf(node, part, place_of(path[depth], node.type, taken)))
    for own, inner in below.items():
        inside = f"{prefix}{own}"
        items.append(Group(places[own], inside, _items(inner, depth + 1, f"{inside}.")))
    return items


def _readers(network: Network) -> dict[int, list[Node]]:
    """The layers that read each layer, or refer to it."""
    readers: dict[int, list[Node]] = {}
    for node in network.nodes:
        for source in {*node.sources, *([] if node.referred is None else [node.referred])}:
            readers.setdefault(source, []).append(node)
    return readers


def _classify(group: Group, readers: dict[int, list[Node]], owners: set[int]) -> None:
    """Find out whether a group is called, and how it is written."""
    nodes = sorted((leaf.node for leaf in group.leaves()), key=lambda node: node.index)
    first, last = nodes[0].index, nodes[-1].index
    inside = range(first, last + 1)
    if (
        len(nodes) != len(inside)
        or not group.has_modules
        or _is_bound(nodes, inside, readers, owners)
    ):
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
    group.inputs = tuple(
        dict.fromkeys(source for node in nodes for source in read_by(node) if source < first)
    )
    numbered = [item.place.is_number for item in group.items]
    if all(numbered) and _is_chain(group):
        group.style = SEQUENTIAL
    elif not any(numbered) and len(nodes) > 1:
        group.style = CLASS


def read_by(node: Node) -> tuple[int, ...]:
    """What a layer reads, and the one whose size it asks for."""
    like = () if node.referred is None or node.type == "max_unpool" else (node.referred,)
    return (*node.sources, *like)


def _is_bound(
    nodes: list[Node], inside: range, readers: dict[int, list[Node]], owners: set[int]
) -> bool:
    """Whether layers share parameters, or a pool's indices with layers outside."""
    for node in nodes:
        unpooled = node.referred if node.type == "max_unpool" else None
        if unpooled is not None and unpooled not in inside:
            return True
        if node.shares is not None or node.index in owners:
            return True
        for reader in readers.get(node.index, ()):
            outside = reader.index not in inside
            if outside and reader.type == "max_unpool" and reader.referred == node.index:
                return True
    return False


def _is_chain(group: Group) -> bool:
    """Whether every part is a module that reads the part before it alone."""
    if len(group.inputs) != 1:
        return False
    before = group.inputs[0]
    for item in group.items:
        if isinstance(item, Leaf):
            part, sources = item.part, read_by(item.node)
            if part.build is None or part.forward != PLAIN or part.pair or sources != (before,):
                return False
            before = item.node.index
        else:
            if not item.is_called or item.inputs != (before,):
                return False
            before = item.output
    return True
