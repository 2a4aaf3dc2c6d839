"""Definition -> Network: blocks expanded, names resolved, kinds made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..arithmetic import Shape
from ..definition.definition import Block, Definition, Entry
from ..definition.inputs import input_title
from ..definition.shape import BadInput, input_shape
from ..errors import CnncalcError, DefinitionError, UsageError
from ..layers import KINDS
from ..layers.base import Layer
from ..wording import did_you_mean, name_list, quote, value_text
from .blocks import (
    DEEPEST_BLOCKS,
    Least,
    block_arguments,
    block_inputs,
    check_files,
    title,
)
from .kinds import Kinds, attribute_line, unknown_type
from .network import Network, Node
from .scope import Scope, ScopeNames, Use, argument_values, repeat_refusal

MOST_LAYERS = 200_000
MOST_EDGES = 1_000_000


def build(definition: Definition, arguments: Mapping[str, Any] | None = None) -> Network:
    """The network that a definition describes; `arguments` override its `args`.

    Raises DefinitionError, NetworkError, or UsageError for an argument that it does not have.
    """
    values = _top_arguments(definition, arguments or {})
    scope = Scope("", {}, values, definition.file)
    return _Builder(definition, _inputs(definition, scope)).network(scope)


def _top_arguments(definition: Definition, overrides: Mapping[str, Any]) -> dict[str, Any]:
    declared = definition.args
    for name in overrides:
        if name not in declared:
            hint = did_you_mean(name, declared, f"it has {name_list(declared) or 'none'}")
            raise UsageError(f"{definition.name} has no argument {quote(name)}; {hint}")
    return argument_values(declared, overrides, definition.file)


def _inputs(definition: Definition, scope: Scope) -> dict[str, Shape]:
    """The inputs' shapes by name."""
    shapes: dict[str, Shape] = {}
    for name, (value, line) in definition.inputs.items():
        first = next(iter(shapes.values()), None)
        try:
            shapes[name] = input_shape(scope.resolve(value, line), input_title(name), first)
        except BadInput as error:
            raise DefinitionError(str(error), path=scope.file.path, line=line) from None
    return shapes


class _Builder:
    """Expands one definition."""

    def __init__(self, definition: Definition, inputs: dict[str, Shape]) -> None:
        self.definition = definition
        self.blocks = definition.blocks
        self.inputs = inputs
        self.nodes: list[Node] = []
        self.names = ScopeNames()
        self.kinds = Kinds()
        first, *others = [len(shape) - 1 for shape in inputs.values()]
        # Per layer, of its output; those of other inputs by their indices, which are below 0.
        self.axes = {0: first, **{-place: axes or first for place, axes in enumerate(others, 1)}}
        self.using: list[str] = []
        self.uses = 0
        self.edges = 0

    def network(self, scope: Scope) -> Network:
        """The whole network, from the outermost scope."""
        definition = self.definition
        check_files(definition)
        if definition.budgets:
            from ..definition.budgets import check_budgets

            check_budgets(definition.file, definition.budgets)
        for place, (name, (_, line)) in enumerate(definition.inputs.items()):
            self.names.bind_input(name, scope, -place, line)
        self._check_least(definition.layers, scope)
        self._expand(definition.layers, scope, 0)
        if self.blocks or len(self.kinds.made) < len(definition.layers):
            from .unused import check_unused

            check_unused(definition, self.kinds.made)
        nodes = tuple(self.nodes)
        return Network(definition.name, self.inputs, nodes, self.names.indices, definition)

    def _check_least(self, entries: tuple[Entry, ...], scope: Scope) -> None:
        """Refuse at once what surely expands to too many layers."""
        least, layers, uses = Least(self.blocks), 0, 0
        for entry in entries:
            more_layers, more_uses = least.of([entry])
            layers, uses = layers + more_layers, uses + more_uses
            line = entry.repeat.line if entry.repeat else entry.line
            self._check_bound(max(layers, uses), scope, line, str(entry.type.value))

    def _expand(self, entries: tuple[Entry, ...], scope: Scope, previous: int) -> int:
        """Add the entries' layers; gives the index of the last one."""
        for entry in entries:
            type_name = self._type(entry, scope)
            name = self.names.own(entry, type_name, scope)
            use = Use(entry, type_name, name, self._sources(entry, name, scope, previous), scope)
            previous = self._repeat(use) if self._is_wanted(use) else use.sources[0]
            self.names.bind(name, scope, previous)
        return previous

    def _type(self, entry: Entry, scope: Scope) -> str:
        type_name = str(scope.resolve(entry.type.value, entry.type.line))
        if type_name not in KINDS and type_name not in self.blocks:
            name = str(entry.name.value) if entry.name else None
            raise scope.refuse(unknown_type(type_name, self.blocks), entry.type.line, name)
        return type_name

    def _sources(self, entry: Entry, name: str, scope: Scope, previous: int) -> tuple[int, ...]:
        if entry.sources is None:
            return (previous,)
        return tuple(self.names.lookup(source, scope, line, name) for source, line in entry.sources)

    def _is_wanted(self, use: Use) -> bool:
        """Whether the layer is there; where `when` is false, its name stands for its input."""
        if use.entry.when is None:
            return True
        value, line = use.entry.when
        wanted = use.resolve(value, line)
        if not isinstance(wanted, bool):
            raise use.refuse(f"when must be true or false, not {value_text(wanted)}", line)
        return wanted

    def _repeat(self, use: Use) -> int:
        """Add the layer or block, as often as `repeat` says, each copy reading the one before."""
        if use.entry.repeat is None:
            return self._add(use)
        value, line = use.entry.repeat
        count = use.resolve(value, line)
        if message := repeat_refusal(count):
            raise use.refuse(message, line)
        start, scope, sources = len(self.nodes), use.scope, use.sources
        for copy in range(count):
            name = f"{use.name}.{copy}"
            self.names.declare(name, scope, use.entry.line)
            index = self._add(Use(use.entry, use.type, name, sources, scope, copy))
            self.names.indices[scope.prefix + name] = index
            sources = (index, *sources[1:])
            if copy == 0:
                size = max(len(self.nodes) - start, 1)
                self._check_bound(start + size * count, scope, line, use.type)
        return sources[0]

    def _check_bound(self, layers: int, scope: Scope, line: int | None, used: str = "") -> None:
        """Refuse too many layers or connections, telling of the block that is used."""
        if layers > MOST_LAYERS or self.edges > MOST_EDGES:
            block = self.blocks.get(used)
            used_block = f"with {title(block)} " if block else ""
            what = "200,000 layers" if layers > MOST_LAYERS else "1,000,000 connections"
            message = f"{used_block}the network expands to more than {what}; repeat less"
            raise scope.refuse(message, line)

    def _add(self, use: Use) -> int:
        """Add one layer, or one use of a block; gives the index of the last layer."""
        if use.type in KINDS:
            return self._add_layer(use)
        if use.entry.shares is not None:
            message = f"shares goes with a layer, but {quote(use.type)} is a block"
            raise use.refuse(message, use.entry.shares.line)
        return self._add_block(use, self.blocks[use.type])

    def _add_layer(self, use: Use) -> int:
        entry, scope = use.entry, use.scope
        kind = self.kinds.of(use, self.axes[use.sources[0]])
        self._check_inputs(use, kind)
        referred = None
        if kind.reference and (named := getattr(kind, kind.reference)) is not None:
            line = attribute_line(use, kind.reference)
            referred = self.names.lookup(named, scope, line, use.name)
        index = len(self.nodes) + 1
        self.edges += len(use.sources)
        self._check_bound(index, scope, entry.line)
        full_name = scope.prefix + use.name
        path, owner = scope.file.path, self._owner(use)
        node = Node(
            index, full_name, use.type, kind, use.sources, referred, entry.line, path, owner
        )
        self.nodes.append(node)
        self.axes[index] = kind.output_axes(self.axes[0], self.axes[referred or 0])
        return index

    def _owner(self, use: Use) -> int | None:
        """The layer whose parameters one shares; where that one shares them too, whose they are."""
        if use.entry.shares is None:
            return None
        named, line = use.entry.shares
        index = self.names.lookup(named, use.scope, line, use.name)
        owner = self.nodes[index - 1] if index > 0 else None
        if owner is None or owner.type != use.type:
            what = "the network's input" if owner is None else f"of type {owner.type}"
            message = f"shares {quote(named)} is {what}; name a layer of type {use.type}"
            raise use.refuse(message, line)
        return owner.index if owner.shares is None else owner.shares

    def _check_inputs(self, use: Use, kind: Layer) -> None:
        count = len(use.sources)
        if count < kind.least_inputs:
            message = f"{kind.type} reads at least {kind.least_inputs} layers; name them in from"
            raise use.refuse(message, use.sources_line)
        if kind.most_inputs is not None and count > kind.most_inputs:
            most = "one layer" if kind.most_inputs == 1 else f"{kind.most_inputs} layers"
            message = f"{kind.type} reads {most}, but from names {count}"
            raise use.refuse(message, use.sources_line)

    def _add_block(self, use: Use, block: Block) -> int:
        scope, line = use.scope, use.entry.line
        if block.name in self.using:
            circle = " → ".join([*self.using[self.using.index(block.name) :], block.name])
            raise use.refuse(f"{title(block)} uses itself: {circle}", use.entry.type.line)
        self.uses += 1
        self._check_bound(self.uses, scope, line)
        if len(self.using) >= DEEPEST_BLOCKS:
            message = f"blocks are nested deeper than {DEEPEST_BLOCKS} levels"
            raise use.refuse(message, use.entry.type.line)
        inputs, given = block_inputs(use, block), block_arguments(use, block)
        copy = use.copy or 0
        self.using.append(block.name)
        try:
            arguments = argument_values(block.args, given, block.file, copy)
            inner = Scope(f"{scope.prefix}{use.name}.", inputs, arguments, block.file, copy)
            last = self._expand(block.layers, inner, use.sources[0])
            if block.output is not None:
                last = self.names.lookup(block.output.value, inner, block.output.line)
        except CnncalcError as error:
            place = f"{block.file.path}:{block.line}, used at {scope.file.path}:{line}"
            error.tell_use(f"in block {quote(block.name)}, {place}")
            raise
        self.using.pop()
        return last
