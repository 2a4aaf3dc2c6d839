"""Definition → Network: names resolved, blocks expanded, a directed acyclic graph in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .definition import OWN_KEYS, Block, Definition, Entry, File, Located
from .errors import DefinitionError, NetworkError, UsageError, nearest, quote
from .inputs import BadInput, Shape, input_shape
from .layers import KINDS, kind
from .layers.attributes import Wrong, is_whole, shown
from .layers.base import Layer
from .record import Record

MOST_LAYERS = 200_000
MOST_EDGES = 5_000_000
DEEPEST_BLOCKS = 50
INPUT = "input"
COPY = "copy"


class Node(Record):
    """A layer of the network. `sources` and `referred` are indices; 0 is the network's input."""

    index: int
    name: str
    type: str
    kind: Layer
    sources: tuple[int, ...]
    referred: int | None
    line: int | None
    path: str


class Network(Record):
    """Layers in order, each reading only earlier ones.

    `names` gives the index of every layer, and of the output of every block and repeated layer.
    """

    name: str
    input: Shape
    nodes: tuple[Node, ...]
    names: Mapping[str, int]
    definition: Definition

    @property
    def axes(self) -> int:
        """How many spatial axes the input has."""
        return len(self.input) - 1

    def index(self, name: str) -> int:
        """The index of a layer, 0 for the input; raises UsageError with the nearest names."""
        if name == INPUT:
            return 0
        if name not in self.names:
            close = nearest(name, list(self.names), most=3)
            hint = f"did you mean {' or '.join(map(quote, close))}?" if close else "see --all"
            raise UsageError(f"{self.name} has no layer {quote(name)}; {hint}")
        return self.names[name]

    def name_of(self, index: int) -> str:
        """The name of the layer of an index, `input` for 0."""
        return self.nodes[index - 1].name if index else INPUT


def build(definition: Definition, arguments: Mapping[str, Any] | None = None) -> Network:
    """The network that a definition describes; `arguments` override its `args`.

    Raises DefinitionError, NetworkError, or UsageError for an argument that it does not have.
    """
    return _Builder(definition, dict(arguments or {})).network()


class _Scope:
    """What names mean at one place: layers by name, arguments, the file."""

    def __init__(
        self,
        prefix: str,
        inputs: Mapping[str, int],
        arguments: dict[str, Any],
        file: File,
        copy: int | None = None,
    ) -> None:
        self.prefix = prefix
        self.names = dict(inputs)
        self.lines: dict[str, int | None] = {}
        self.unnamed: dict[str, int] = {}
        self.automatic: set[str] = set()
        self.arguments = arguments
        self.file = file
        self.copy = copy

    def values(self) -> dict[str, Any]:
        """What expressions may use: the arguments and, in blocks and repeats, the copy's number."""
        return self.arguments if self.copy is None else {COPY: self.copy, **self.arguments}


class _Builder:
    """Expands one definition."""

    def __init__(self, definition: Definition, overrides: dict[str, Any]) -> None:
        self.definition = definition
        self.overrides = overrides
        self.nodes: list[Node] = []
        self.names: dict[str, int] = {}
        self.lines: dict[str, tuple[str, int | None]] = {}
        self.kinds: dict[Any, Layer] = {}
        self.using: list[str] = []
        self.uses = 0
        self.edges = 0
        self.axes = 0

    def network(self) -> Network:
        """The whole network."""
        definition = self.definition
        arguments = self._top_arguments()
        scope = _Scope("", {INPUT: 0}, arguments, definition.file)
        shape = self._input(scope)
        self.axes = len(shape) - 1
        self._check_files()
        self._expand(definition.layers, scope, 0)
        return Network(definition.name, shape, tuple(self.nodes), self.names, definition)

    def _input(self, scope: _Scope) -> Shape:
        value, line = self.definition.input
        try:
            return input_shape(self._resolved(value, scope, line))
        except BadInput as error:
            raise DefinitionError(str(error), path=scope.file.path, line=line) from None

    def _check_files(self) -> None:
        """Check names of blocks and defaults, also of those that no layer uses."""
        files = {id(self.definition.file): self.definition.file}
        for block in self.definition.blocks.values():
            files[id(block.file)] = block.file
            if block.name in KINDS:
                message = f"block {quote(block.name)} has the name of a layer type; rename it"
                raise DefinitionError(message, path=block.file.path, line=block.line)
        for file in files.values():
            for type_name, values in file.defaults.items():
                self._check_defaults(file, type_name, values)

    def _check_defaults(self, file: File, type_name: str, values: dict[str, Located]) -> None:
        place = {"path": file.path, "line": values[""].line}
        if type_name not in KINDS:
            raise DefinitionError(f"defaults for {self._no_type(type_name)}", **place)  # type: ignore[arg-type]
        known = kind(type_name).attributes
        for key, located in values.items():
            if key and key not in known:
                message = f"defaults for {_unknown_attribute(type_name, key, list(known))}"
                raise DefinitionError(message, path=file.path, line=located.line)

    def _no_type(self, type_name: str) -> str:
        close = nearest(type_name, [*KINDS, *self.definition.blocks])
        hint = f"did you mean {quote(close[0])}?" if close else "see the layer types in the README"
        return f"unknown type {quote(type_name)}; {hint}"

    def _top_arguments(self) -> dict[str, Any]:
        declared = self.definition.args
        for name in self.overrides:
            if name not in declared:
                close = nearest(name, list(declared))
                known = f"it has {', '.join(declared)}" if declared else "it has none"
                hint = f"did you mean {quote(close[0])}?" if close else known
                raise UsageError(f"{self.definition.name} has no argument {quote(name)}; {hint}")
        return self._arguments(declared, self.overrides, self.definition.file)

    def _arguments(
        self,
        declared: Mapping[str, Located],
        given: Mapping[str, Any],
        file: File,
        copy: int | None = None,
    ) -> dict[str, Any]:
        """Declared arguments with the given values in; a default may use those before it."""
        values: dict[str, Any] = {}
        for name, (default, line) in declared.items():
            if name in given:
                values[name] = given[name]
            else:
                values[name] = self._resolved(default, _Scope("", {}, values, file, copy), line)
            if values[name] is None:
                message = f"argument {quote(name)} has no value; give it with --set {name}=…"
                raise DefinitionError(message, path=file.path, line=line)
        return values

    def _resolved(self, value: Any, scope: _Scope, line: int | None) -> Any:
        """The value with `$name` and `$(…)` evaluated, also inside lists."""
        if isinstance(value, list):
            return [self._resolved(item, scope, line) for item in value]
        if not isinstance(value, str) or not value.startswith("$"):
            return value
        from .expressions import BadExpression, evaluate

        try:
            return evaluate(value, scope.values())
        except BadExpression as error:
            raise DefinitionError(str(error), path=scope.file.path, line=line) from None

    def _expand(self, entries: tuple[Entry, ...], scope: _Scope, previous: int) -> int:
        """Add the entries' layers; gives the index of the last one."""
        for entry in entries:
            type_name = self._type(entry, scope)
            name = self._own_name(entry, type_name, scope)
            sources = self._sources(entry, scope, previous)
            if self._wanted(entry, name, scope):
                previous = self._repeated(entry, type_name, name, sources, scope)
            else:
                previous = sources[0]
            scope.names[name] = previous
            self.names[scope.prefix + name] = previous
        return previous

    def _type(self, entry: Entry, scope: _Scope) -> str:
        type_name = str(self._resolved(entry.type.value, scope, entry.type.line))
        if type_name not in KINDS and type_name not in self.definition.blocks:
            raise self._refuse(self._no_type(type_name), scope, entry.type.line)
        return type_name

    def _own_name(self, entry: Entry, type_name: str, scope: _Scope) -> str:
        if entry.name is not None:
            name, line = str(entry.name.value), entry.name.line
            if name == INPUT:
                raise self._refuse("the name 'input' is the network's input", scope, line)
        else:
            scope.unnamed[type_name] = scope.unnamed.get(type_name, 0) + 1
            name, line = f"{type_name}{scope.unnamed[type_name]}", entry.line
            scope.automatic.add(name)
        if name in scope.names:
            raise self._refuse(self._clash(entry, name, scope), scope, line)
        scope.lines[name] = line
        self._declare(scope.prefix + name, scope, line)
        return name

    def _clash(self, entry: Entry, name: str, scope: _Scope) -> str:
        if name not in scope.lines:
            return f"the name {quote(name)} is an input of the block"
        told = f"the name {quote(name)} is given on line {scope.lines[name]} already"
        if entry.name is None or name in scope.automatic:
            return f"{told}; layers without a name are numbered by type, so name one of them"
        return f"{told}; give each layer a name of its own"

    def _declare(self, full_name: str, scope: _Scope, line: int | None) -> None:
        if full_name in self.lines:
            path, first = self.lines[full_name]
            raise self._refuse(
                f"the name {quote(full_name)} is given at {path}:{first} already", scope, line
            )
        self.lines[full_name] = (scope.file.path, line)

    def _sources(self, entry: Entry, scope: _Scope, previous: int) -> tuple[int, ...]:
        if entry.sources is None:
            return (previous,)
        return tuple(self._lookup(name, scope, line) for name, line in entry.sources)

    def _lookup(self, name: str, scope: _Scope, line: int | None) -> int:
        if name in scope.names:
            return scope.names[name]
        # A layer inside a block or of a repeat goes by its dotted name.
        index = self.names.get(scope.prefix + name)
        if index is None:
            close = nearest(name, list(scope.names))
            hint = f"did you mean {quote(close[0])}?" if close else "name a layer listed before"
            raise self._refuse(
                f"no layer {quote(name)} is listed before this line; {hint}", scope, line
            )
        return index

    def _wanted(self, entry: Entry, name: str, scope: _Scope) -> bool:
        """Whether the layer is there; where `when` is false, its name stands for its input."""
        if entry.when is None:
            return True
        wanted = self._resolved(entry.when.value, scope, entry.when.line)
        if not isinstance(wanted, bool):
            message = f"when must be true or false, not {shown(wanted)}"
            raise self._refuse(message, scope, entry.when.line, name)
        return wanted

    def _repeated(
        self, entry: Entry, type_name: str, name: str, sources: tuple[int, ...], scope: _Scope
    ) -> int:
        """Add the layer or block, as often as `repeat` says, each copy reading the one before."""
        if entry.repeat is None:
            return self._use(entry, type_name, name, sources, scope)
        value, line = entry.repeat
        count = self._resolved(value, scope, line)
        if not is_whole(count) or count < 0:
            message = f"repeat must be a whole number of at least 0, not {shown(count)}"
            raise self._refuse(message, scope, line, name)
        if not count:
            return sources[0]
        start, outer = len(self.nodes), scope.copy
        for copy in range(count):
            copy_name = f"{name}.{copy}"
            self._declare(scope.prefix + copy_name, scope, entry.line)
            scope.copy = copy
            index = self._use(entry, type_name, copy_name, sources, scope, copy)
            scope.copy = outer
            self.names[scope.prefix + copy_name] = index
            sources = (index, *sources[1:])
            if copy == 0:
                size = len(self.nodes) - start
                self._check_bound(start + max(size, 1) * count, scope, line)
        return sources[0]

    def _check_bound(self, layers: int, scope: _Scope, line: int | None) -> None:
        if layers > MOST_LAYERS or self.edges > MOST_EDGES:
            what = "200,000 layers" if layers > MOST_LAYERS else "5,000,000 connections"
            raise self._refuse(f"the network expands to more than {what}", scope, line)

    def _use(
        self,
        entry: Entry,
        type_name: str,
        name: str,
        sources: tuple[int, ...],
        scope: _Scope,
        copy: int = 0,
    ) -> int:
        if type_name in KINDS:
            return self._add_layer(entry, type_name, name, sources, scope)
        block = self.definition.blocks[type_name]
        return self._add_block(entry, block, name, sources, scope, copy)

    def _add_layer(
        self, entry: Entry, type_name: str, name: str, sources: tuple[int, ...], scope: _Scope
    ) -> int:
        made = self._kind(entry, type_name, name, scope)
        self._check_inputs(entry, made, name, sources, scope)
        referred = None
        if made.reference and getattr(made, made.reference) is not None:
            line = self._attribute_line(entry, type_name, made.reference, scope)
            referred = self._lookup(getattr(made, made.reference), scope, line)
        index = len(self.nodes) + 1
        self.edges += len(sources)
        self._check_bound(index, scope, entry.line)
        full_name = scope.prefix + name
        path = scope.file.path
        node = Node(index, full_name, type_name, made, sources, referred, entry.line, path)
        self.nodes.append(node)
        return index

    def _check_inputs(
        self, entry: Entry, made: Layer, name: str, sources: tuple[int, ...], scope: _Scope
    ) -> None:
        line = entry.sources[0].line if entry.sources else entry.line
        if len(sources) < made.least_inputs:
            message = f"{made.type} reads at least {made.least_inputs} layers; name them in from"
            raise self._refuse(message, scope, line, name)
        if made.most_inputs is not None and len(sources) > made.most_inputs:
            message = f"{made.type} reads one layer, but from names {len(sources)}"
            raise self._refuse(message, scope, line, name)

    def _attribute_line(self, entry: Entry, type_name: str, key: str, scope: _Scope) -> int | None:
        given = entry.attributes.get(key) or scope.file.defaults.get(type_name, {}).get(key)
        return given.line if given else entry.line

    def _kind(self, entry: Entry, type_name: str, name: str, scope: _Scope) -> Layer:
        """The layer's kind with its values; copies with equal values share it."""
        defaults = scope.file.defaults.get(type_name, {})
        given = {**defaults, **entry.attributes}
        values = {
            key: self._resolved(value, scope, line) for key, (value, line) in given.items() if key
        }
        identity = (type_name, tuple(sorted((key, repr(value)) for key, value in values.items())))
        made = self.kinds.get(identity)
        if made is None:
            made = self.kinds[identity] = self._made(entry, type_name, name, values, scope)
        return made

    def _made(
        self, entry: Entry, type_name: str, name: str, values: dict[str, Any], scope: _Scope
    ) -> Layer:
        cls = kind(type_name)
        for key in values:
            if key not in cls.attributes:
                line = self._attribute_line(entry, type_name, key, scope)
                message = _unknown_attribute(type_name, key, list(cls.attributes))
                raise self._refuse(message, scope, line, name)
        try:
            return cls(self.axes, values)
        except Wrong as wrong:
            line = self._attribute_line(entry, type_name, wrong.attribute, scope)
            raise self._refuse(str(wrong), scope, line, name) from None

    def _add_block(
        self,
        entry: Entry,
        block: Block,
        name: str,
        sources: tuple[int, ...],
        scope: _Scope,
        copy: int,
    ) -> int:
        if block.name in self.using:
            circle = " → ".join([*self.using[self.using.index(block.name) :], block.name])
            message = f"block {quote(block.name)} ({_place(block)}) uses itself: {circle}"
            raise self._refuse(message, scope, entry.type.line, name)
        self.uses += 1
        self._check_bound(self.uses, scope, entry.line)
        if len(self.using) >= DEEPEST_BLOCKS:
            message = f"blocks are nested deeper than {DEEPEST_BLOCKS} levels"
            raise self._refuse(message, scope, entry.type.line, name)
        inputs = self._block_inputs(entry, block, name, sources, scope)
        arguments = self._block_arguments(entry, block, name, scope, copy)
        inner = _Scope(f"{scope.prefix}{name}.", inputs, arguments, block.file, copy)
        self.using.append(block.name)
        last = self._expand(block.layers, inner, sources[0])
        self.using.pop()
        if block.output is None:
            return last
        return self._lookup(block.output.value, inner, block.output.line)

    def _block_inputs(
        self, entry: Entry, block: Block, name: str, sources: tuple[int, ...], scope: _Scope
    ) -> dict[str, int]:
        wanted = [located.value for located in block.inputs] or [INPUT]
        if len(sources) != len(wanted):
            message = (
                f"block {quote(block.name)} ({_place(block)}) reads {len(wanted)} "
                f"({', '.join(wanted)}), but from names {len(sources)}"
            )
            line = entry.sources[0].line if entry.sources else entry.line
            raise self._refuse(message, scope, line, name)
        return {INPUT: sources[0], **dict(zip(wanted, sources))}

    def _block_arguments(
        self, entry: Entry, block: Block, name: str, scope: _Scope, copy: int
    ) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for key, (value, line) in entry.attributes.items():
            if key not in block.args:
                close = nearest(key, list(block.args))
                takes = f"it takes {', '.join(block.args)}" if block.args else "it takes none"
                hint = f"did you mean {quote(close[0])}?" if close else takes
                told = f"block {quote(block.name)} ({_place(block)}) has no argument {quote(key)}"
                message = f"{told}; {hint}"
                raise self._refuse(message, scope, line, name)
            given[key] = self._resolved(value, scope, line)
        for key, (default, _) in block.args.items():
            if default is None and given.get(key) is None:
                message = f"block {quote(block.name)} ({_place(block)}) needs {quote(key)}"
                raise self._refuse(message, scope, entry.line, name)
        return self._arguments(block.args, given, block.file, copy)

    def _refuse(
        self, message: str, scope: _Scope, line: int | None, layer: str | None = None
    ) -> NetworkError:
        full_name = None if layer is None else scope.prefix + layer
        return NetworkError(message, path=scope.file.path, line=line, layer=full_name)


def _place(block: Block) -> str:
    return f"{block.file.path}:{block.line}"


def _unknown_attribute(type_name: str, key: str, known: list[str]) -> str:
    choices = [*OWN_KEYS, *known]
    close = nearest(key, choices)
    takes = f"it takes {', '.join(known)}" if known else "it takes none"
    hint = f"did you mean {quote(close[0])}?" if close else takes
    return f"unknown key {quote(key)} of type {type_name}; {hint}"
