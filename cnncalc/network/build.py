"""Definition -> Network: blocks expanded, names resolved, kinds made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..definition.definition import Block, Definition, Entry, Located
from ..definition.shape import BadInput, Shape, input_shape
from ..errors import CnncalcError, DefinitionError, UsageError
from ..layers import KINDS
from ..layers.base import Layer
from ..wording import did_you_mean, is_whole, name_list, quote, value_text
from .blocks import (
    DEEPEST_BLOCKS,
    Least,
    check_blocks,
    check_files,
    given_arguments,
    given_inputs,
    title,
)
from .kinds import Kinds, attribute_line, unknown_type
from .network import Network, Node
from .scope import INPUT, Names, Scope, argument_values

MOST_LAYERS = 200_000
MOST_EDGES = 5_000_000


def build(definition: Definition, arguments: Mapping[str, Any] | None = None) -> Network:
    """The network that a definition describes; `arguments` override its `args`.

    Raises DefinitionError, NetworkError, or UsageError for an argument that it does not have.
    """
    return _Builder(definition, dict(arguments or {})).network()


class _Builder:
    """Expands one definition."""

    def __init__(self, definition: Definition, overrides: dict[str, Any]) -> None:
        self.definition = definition
        self.overrides = overrides
        self.nodes: list[Node] = []
        self.names = Names()
        self.kinds = Kinds(0)
        self.using: list[str] = []
        self.uses = 0
        self.edges = 0

    def network(self) -> Network:
        """The whole network."""
        definition = self.definition
        arguments = self._top_arguments()
        scope = Scope("", {INPUT: 0}, arguments, definition.file)
        shape = self._input(scope)
        self.kinds = Kinds(len(shape) - 1)
        check_files(definition)
        self._check_least(definition.layers, scope)
        self._expand(definition.layers, scope, 0)
        check_blocks(definition)
        return Network(definition.name, shape, tuple(self.nodes), self.names.indices, definition)

    def _input(self, scope: Scope) -> Shape:
        value, line = self.definition.input
        try:
            return input_shape(scope.resolved(value, line))
        except BadInput as error:
            raise DefinitionError(str(error), path=scope.file.path, line=line) from None

    def _check_least(self, entries: tuple[Entry, ...], scope: Scope) -> None:
        """Refuse at once what surely expands to too many layers."""
        least, layers, uses = Least(self.definition.blocks), 0, 0
        for entry in entries:
            more_layers, more_uses = least.of([entry])
            layers, uses = layers + more_layers, uses + more_uses
            line = entry.repeat.line if entry.repeat else entry.line
            told = self._with_block(str(entry.type.value))
            self._check_bound(max(layers, uses), scope, line, told)

    def _top_arguments(self) -> dict[str, Any]:
        declared = self.definition.args
        for name in self.overrides:
            if name not in declared:
                hint = did_you_mean(name, declared, f"it has {name_list(declared) or 'none'}")
                raise UsageError(f"{self.definition.name} has no argument {quote(name)}; {hint}")
        return argument_values(declared, self.overrides, self.definition.file)

    def _expand(self, entries: tuple[Entry, ...], scope: Scope, previous: int) -> int:
        """Add the entries' layers; gives the index of the last one."""
        for entry in entries:
            type_name = self._type(entry, scope)
            name = self.names.own(entry, type_name, scope)
            sources = self._sources(entry, name, scope, previous)
            if self._wanted(entry, name, scope):
                previous = self._repeated(entry, type_name, name, sources, scope)
            else:
                previous = sources[0]
            self.names.bind(name, scope, previous)
        return previous

    def _type(self, entry: Entry, scope: Scope) -> str:
        type_name = str(scope.resolved(entry.type.value, entry.type.line))
        if type_name not in KINDS and type_name not in self.definition.blocks:
            name = str(entry.name.value) if entry.name else None
            raise scope.refuse(
                unknown_type(type_name, self.definition.blocks), entry.type.line, name
            )
        return type_name

    def _sources(self, entry: Entry, name: str, scope: Scope, previous: int) -> tuple[int, ...]:
        if entry.sources is None:
            return (previous,)
        return tuple(self.names.lookup(source, scope, line, name) for source, line in entry.sources)

    def _wanted(self, entry: Entry, name: str, scope: Scope) -> bool:
        """Whether the layer is there; where `when` is false, its name stands for its input."""
        if entry.when is None:
            return True
        wanted = scope.resolved(entry.when.value, entry.when.line)
        if not isinstance(wanted, bool):
            message = f"when must be true or false, not {value_text(wanted)}"
            raise scope.refuse(message, entry.when.line, name)
        return wanted

    def _repeated(
        self, entry: Entry, type_name: str, name: str, sources: tuple[int, ...], scope: Scope
    ) -> int:
        """Add the layer or block, as often as `repeat` says, each copy reading the one before."""
        if entry.repeat is None:
            return self._use(entry, type_name, name, sources, scope)
        value, line = entry.repeat
        count = scope.resolved(value, line)
        if not is_whole(count) or count < 0:
            message = f"repeat must be a whole number of at least 0, not {value_text(count)}"
            raise scope.refuse(message, line, name)
        if not count:
            return sources[0]
        start, outer = len(self.nodes), scope.copy
        for copy in range(count):
            copy_name = f"{name}.{copy}"
            self.names.declare(copy_name, scope, entry.line)
            scope.copy = copy
            index = self._use(entry, type_name, copy_name, sources, scope, copy)
            scope.copy = outer
            self.names.indices[scope.prefix + copy_name] = index
            sources = (index, *sources[1:])
            if copy == 0:
                size = len(self.nodes) - start
                told = self._with_block(type_name)
                self._check_bound(start + max(size, 1) * count, scope, line, told)
        return sources[0]

    def _with_block(self, type_name: str) -> str:
        block = self.definition.blocks.get(type_name)
        return f"with {title(block)} " if block else ""

    def _check_bound(self, layers: int, scope: Scope, line: int | None, told: str = "") -> None:
        if layers > MOST_LAYERS or self.edges > MOST_EDGES:
            what = "200,000 layers" if layers > MOST_LAYERS else "5,000,000 connections"
            message = f"{told}the network expands to more than {what}; repeat less"
            raise scope.refuse(message, line)

    def _use(
        self,
        entry: Entry,
        type_name: str,
        name: str,
        sources: tuple[int, ...],
        scope: Scope,
        copy: int = 0,
    ) -> int:
        if type_name in KINDS:
            return self._add_layer(entry, type_name, name, sources, scope)
        if entry.shares is not None:
            message = f"shares goes with a layer, but {quote(type_name)} is a block"
            raise scope.refuse(message, entry.shares.line, name)
        block = self.definition.blocks[type_name]
        return self._add_block(entry, block, name, sources, scope, copy)

    def _add_layer(
        self, entry: Entry, type_name: str, name: str, sources: tuple[int, ...], scope: Scope
    ) -> int:
        made = self.kinds.of(entry, type_name, name, scope)
        self._check_inputs(entry, made, name, sources, scope)
        referred = None
        if made.reference and getattr(made, made.reference) is not None:
            line = attribute_line(entry, type_name, made.reference, scope)
            referred = self.names.lookup(getattr(made, made.reference), scope, line, name)
        index = len(self.nodes) + 1
        self.edges += len(sources)
        self._check_bound(index, scope, entry.line)
        full_name = scope.prefix + name
        path = scope.file.path
        shares = None if entry.shares is None else self._owner(entry.shares, type_name, name, scope)
        node = Node(index, full_name, type_name, made, sources, referred, entry.line, path, shares)
        self.nodes.append(node)
        return index

    def _owner(self, shares: Located, type_name: str, name: str, scope: Scope) -> int:
        """The layer whose parameters one uses; where that one shares them too, whose they are."""
        named, line = shares
        index = self.names.lookup(named, scope, line, name)
        found = self.nodes[index - 1] if index else None
        if found is None or found.type != type_name:
            what = "the network's input" if found is None else f"of type {found.type}"
            message = f"shares {quote(named)} is {what}; name a layer of type {type_name}"
            raise scope.refuse(message, line, name)
        return found.index if found.shares is None else found.shares

    def _check_inputs(
        self, entry: Entry, made: Layer, name: str, sources: tuple[int, ...], scope: Scope
    ) -> None:
        line = entry.sources[0].line if entry.sources else entry.line
        if len(sources) < made.least_inputs:
            message = f"{made.type} reads at least {made.least_inputs} layers; name them in from"
            raise scope.refuse(message, line, name)
        if made.most_inputs is not None and len(sources) > made.most_inputs:
            message = f"{made.type} reads one layer, but from names {len(sources)}"
            raise scope.refuse(message, line, name)

    def _add_block(
        self,
        entry: Entry,
        block: Block,
        name: str,
        sources: tuple[int, ...],
        scope: Scope,
        copy: int,
    ) -> int:
        if block.name in self.using:
            circle = " → ".join([*self.using[self.using.index(block.name) :], block.name])
            message = f"{title(block)} uses itself: {circle}"
            raise scope.refuse(message, entry.type.line, name)
        self.uses += 1
        self._check_bound(self.uses, scope, entry.line)
        if len(self.using) >= DEEPEST_BLOCKS:
            message = f"blocks are nested deeper than {DEEPEST_BLOCKS} levels"
            raise scope.refuse(message, entry.type.line, name)
        inputs = given_inputs(entry, block, name, sources, scope)
        given = given_arguments(entry, block, name, scope)
        self.using.append(block.name)
        try:
            arguments = argument_values(block.args, given, block.file, copy)
            inner = Scope(f"{scope.prefix}{name}.", inputs, arguments, block.file, copy)
            last = self._expand(block.layers, inner, sources[0])
            if block.output is not None:
                last = self.names.lookup(block.output.value, inner, block.output.line)
        except CnncalcError as error:
            use = f"{scope.file.path}:{entry.line}"
            error.tell_use(
                f"in block {quote(block.name)}, {block.file.path}:{block.line}, used at {use}"
            )
            raise
        self.using.pop()
        return last
