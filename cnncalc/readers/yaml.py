"""YAML definitions, as the format's reference describes them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

from ..definition.definition import OWN_KEYS, Block, Definition, Entry, File, Located
from ..definition.scalars import Scalar
from ..errors import BlocksAlone
from ..wording import did_you_mean, list_hint, quote
from .source import Source
from .yaml_nodes import Mapping, Node, Sequence, compose

REQUIRED_KEYS = ("input", "layers")
TOP_KEYS = (
    *("name", *REQUIRED_KEYS, "description", "source"),
    *("args", "defaults", "blocks", "include", "budgets"),
)
BLOCK_KEYS = ("args", "inputs", "output", "layers", "description")
TRIPLE = ("kernel_size", "stride", "padding")
MOST_INCLUDES = 100
LONGEST_TEXT = 1000

Items = dict[str, tuple[int, Node]]
Value = TypeVar("Value")


def read(source: Source) -> Definition:
    """The definition that a YAML file gives; raises DefinitionError with the line."""
    including = (os.path.normpath(source.path),)
    return Reader(source, including).definition(source.text())


class Reader:
    """Reads one file; included files get readers of their own."""

    def __init__(
        self,
        source: Source,
        including: tuple[str, ...],
        known: dict[str, dict[str, Block]] | None = None,
    ) -> None:
        self.source = source
        self.refuse = source.refuse
        self.including = including
        self.known = {} if known is None else known
        self.file = File(source.path, {})
        self.blocks: dict[str, Block] = {}

    def definition(self, text: str) -> Definition:
        """The whole definition."""
        root = self._root(text)
        for key in REQUIRED_KEYS:
            if key not in root.items:
                needed = ", ".join(REQUIRED_KEYS)
                message = f"key {quote(key)} is missing; a definition needs {needed}"
                if "blocks" in root.items and not {*REQUIRED_KEYS} & {*root.items}:
                    raise BlocksAlone(message, path=self.source.path)
                raise self.refuse(message)
        self._read_shared(root)
        items = root.items
        return Definition(
            name=self._optional(items, "name", self._text) or self.source.stem,
            input=self._input(*items["input"]),
            layers=self._layers(*items["layers"]),
            file=self.file,
            args=self._args(items.get("args")),
            blocks=self.blocks,
            budgets=self._optional(items, "budgets", self._values) or {},
            description=self._optional(items, "description", self._long_text),
            source=self._optional(items, "source", self._long_text),
            text=text,
        )

    def shared_blocks(self, text: str) -> dict[str, Block]:
        """The blocks of a file that another one includes."""
        self._read_shared(self._root(text))
        return self.blocks

    def _root(self, text: str) -> Mapping:
        root = compose(text, self.source.path)
        if root is None or (isinstance(root, Scalar) and root.value is None):
            needed = "an included file has blocks"
            if len(self.including) == 1:
                needed = f"a definition needs {', '.join(REQUIRED_KEYS)}"
            raise self.refuse(f"the file is empty; {needed}")
        if not isinstance(root, Mapping):
            raise self.refuse("a definition is a mapping with input and layers", root.line)
        self._check_keys(root, TOP_KEYS, "a definition")
        return root

    def _read_shared(self, root: Mapping) -> None:
        """Read what a file also gives to those that include it."""
        self._optional(root.items, "defaults", self._read_defaults)
        self._optional(root.items, "include", self._read_includes)
        self._optional(root.items, "blocks", self._read_blocks)

    def _read_defaults(self, line: int, node: Node, what: str) -> None:
        for type_name, (at, values) in self._mapping(line, node, what).items.items():
            mapping = self._mapping(at, values, f"the defaults of {quote(type_name)}")
            self.file.defaults[type_name] = {
                "": Located(None, at),
                **self._values(at, mapping, what),
            }

    def _read_includes(self, line: int, node: Node, what: str) -> None:
        for included in self._names(line, node, what):
            for block in self._included_blocks(included.value, line).values():
                if self.blocks.get(block.name) != block:
                    self._add_block(block, line)

    def _read_blocks(self, line: int, node: Node, what: str) -> None:
        for name, (at, block) in self._mapping(line, node, what).items.items():
            self._add_block(self._block(name, at, block), at)

    @staticmethod
    def _optional(items: Items, key: str, read: Callable[[int, Node, str], Value]) -> Value | None:
        """What a key holds, None where it is not given."""
        return read(*items[key], key) if key in items else None

    def _check_keys(self, node: Mapping, choices: tuple[str, ...], of: str) -> None:
        for key, (line, _) in node.items.items():
            if key not in choices:
                hint = did_you_mean(key, choices, topic="top key")
                raise self.refuse(f"unknown key {quote(key)} of {of}; {hint}", line)

    def _mapping(self, line: int, node: Node, what: str) -> Mapping:
        if isinstance(node, Scalar) and node.value is None:
            return Mapping(line, {})
        if not isinstance(node, Mapping):
            raise self.refuse(f"{what} must be a mapping", line)
        return node

    def _plain(self, node: Node, line: int, what: str, depth: int = 0) -> Any:
        """A node as plain values: at most a list of lists."""
        if isinstance(node, Scalar):
            return node.value
        if isinstance(node, Mapping) or depth > 1:
            raise self.refuse(f"{what} takes a value or a list of values", line)
        return [self._plain(item, line, what, depth + 1) for item in node.items]

    def _value(self, line: int, node: Node, what: str) -> Located:
        return Located(self._plain(node, line, what), line)

    def _values(self, line: int, node: Node, what: str) -> dict[str, Located]:
        items = self._mapping(line, node, what).items
        return {key: self._value(at, value, quote(key)) for key, (at, value) in items.items()}

    def _input(self, line: int, node: Node) -> Located:
        """A shape, or shapes of inputs by name."""
        if not isinstance(node, Mapping):
            return self._value(line, node, "input")
        if not node.items:
            raise self.refuse("input names no input; write input: [channels, *axes]", line)
        for name, (at, _) in node.items.items():
            self._checked_text(name, at, "an input's name")
        return Located(self._values(line, node, "input"), line)

    def _text(self, line: int, node: Node, what: str) -> str:
        return self._checked_text(self._scalar(line, node, what).text, line, what)

    def _located_text(self, line: int, node: Node, what: str) -> Located:
        return Located(self._text(line, node, what), line)

    def _scalar(self, line: int, node: Node, what: str) -> Scalar:
        if not isinstance(node, Scalar) or node.value is None:
            raise self.refuse(f"{what} must be a text", line)
        return node

    def _checked_text(self, text: str, line: int, what: str) -> str:
        """A text that a table may show, refused where it could not."""
        if not text or not text.isprintable():
            raise self.refuse(f"{what} {quote(text)} must be a printable text", line)
        if len(text) > LONGEST_TEXT:
            message = f"{what} {quote(text)} is longer than {LONGEST_TEXT:,} characters"
            raise self.refuse(message, line)
        return text

    def _long_text(self, line: int, node: Node, what: str) -> str:
        """A text that may run over several lines, as one."""
        text = " ".join(self._scalar(line, node, what).text.split())
        return self._checked_text(text, line, what)

    def _names(self, line: int, node: Node, what: str) -> tuple[Located, ...]:
        """One name, or a list of them."""
        nodes = node.items if isinstance(node, Sequence) else [node]
        if not nodes:
            raise self.refuse(f"{what} names nothing", line)
        return tuple(self._located_text(line, each, f"a name in {what}") for each in nodes)

    def _layers(self, line: int, node: Node) -> tuple[Entry, ...]:
        if not isinstance(node, Sequence):
            raise self.refuse("layers must be a list", line)
        if not node.items:
            raise self.refuse("layers is empty; list at least one layer", line)
        return tuple(self._entry(item) for item in node.items)

    def _entry(self, node: Node) -> Entry:
        """A layer: a bare type, a mapping, or `name: [kernel_size, stride, padding]`."""
        line = node.line
        if isinstance(node, Scalar) and node.value is not None:
            type_name = self._located_text(line, node, "a layer")
            return Entry(type_name, None, None, None, {}, line)
        if not isinstance(node, Mapping):
            raise self.refuse("a layer is a mapping with a type, or a type's name alone", line)
        if "type" not in node.items:
            return self._triple(node)
        items = node.items
        self._check_parentheses(items)
        attributes = {
            key: Located(self._plain(value, at, quote(key)), at)
            for key, (at, value) in items.items()
            if key not in OWN_KEYS
        }
        return Entry(
            type=self._located_text(*items["type"], "type"),
            name=self._optional(items, "name", self._located_text),
            sources=self._optional(items, "from", self._names),
            repeat=self._optional(items, "repeat", self._value),
            attributes=attributes,
            line=line,
            when=self._optional(items, "when", self._value),
            shares=self._optional(items, "shares", self._located_text),
        )

    def _check_parentheses(self, items: Items) -> None:
        """Refuse `{kernel_size: (3, 3)}`, which YAML takes apart at the comma."""
        keys = list(items)
        for key, (line, value) in items.items():
            if isinstance(value, Scalar) and value.plain and value.text.startswith("("):
                behind = keys[keys.index(key) + 1 :]
                closing = [at for at, one in enumerate(behind, start=1) if one.endswith(")")]
                hint = list_hint(",".join([value.text, *behind[: closing[0]]])) if closing else ""
                if hint:
                    raise self.refuse(f"{quote(key)} begins a list with a parenthesis{hint}", line)

    def _triple(self, node: Mapping) -> Entry:
        line = node.line
        if len(node.items) == 1:
            ((name, (at, numbers)),) = node.items.items()
            if isinstance(numbers, Sequence) and name not in (*OWN_KEYS, *TRIPLE):
                values = self._plain(numbers, at, quote(name))
                if len(values) == len(TRIPLE):
                    attributes = {key: Located(v, at) for key, v in zip(TRIPLE, values)}
                    checked = Located(self._checked_text(name, at, "name"), at)
                    return Entry(Located("window", at), checked, None, None, attributes, line)
                raise self.refuse(
                    f"{quote(name)} gives {len(values)} numbers; the short form is "
                    "name: [kernel_size, stride, padding]",
                    at,
                )
        raise self.refuse("a layer needs a type, as in {name: conv1, type: conv, …}", line)

    def _block(self, name: str, line: int, node: Node) -> Block:
        self._checked_text(name, line, "block")
        mapping = self._mapping(line, node, f"block {quote(name)}")
        self._check_keys(mapping, BLOCK_KEYS, f"block {quote(name)}")
        items = mapping.items
        if "layers" not in items:
            raise self.refuse(f"block {quote(name)} needs layers", line)
        return Block(
            name=name,
            args=self._args(items.get("args"), OWN_KEYS),
            inputs=self._optional(items, "inputs", self._inputs) or (),
            output=self._optional(items, "output", self._located_text),
            layers=self._layers(*items["layers"]),
            line=line,
            file=self.file,
        )

    def _args(
        self, item: tuple[int, Node] | None, taken: tuple[str, ...] = ()
    ) -> dict[str, Located]:
        """Arguments with their defaults; `taken` are names that a use could not give."""
        args = self._values(*item, "args") if item else {}
        for name, (_, line) in args.items():
            if not (name.isidentifier() and name.isascii()):
                raise self.refuse(
                    f"argument {quote(name)} must be letters, digits and _, for $name to read it",
                    line,
                )
            if name in taken:
                raise self.refuse(f"argument {quote(name)} is a key of any layer; rename it", line)
        return args

    def _inputs(self, line: int, node: Node, what: str) -> tuple[Located, ...]:
        inputs = self._names(line, node, what)
        known: set[str] = set()
        for name, _ in inputs:
            if name in known:
                raise self.refuse(f"{what} names {quote(name)} twice", line)
            known.add(name)
        return inputs

    def _add_block(self, block: Block, line: int) -> None:
        known = self.blocks.get(block.name)
        if known is not None:
            where = f"{known.file.path}:{known.line}"
            raise self.refuse(f"block {quote(block.name)} is defined already, at {where}", line)
        self.blocks[block.name] = block

    def _included_blocks(self, name: str, line: int) -> dict[str, Block]:
        parts = name.replace("\\", "/").split("/")
        if os.path.isabs(name) or ".." in parts or ":" in parts[0]:
            raise self.refuse(
                f"include {quote(name)} must lie below this file's folder: "
                "no absolute path, no '..'",
                line,
            )
        path = os.path.normpath(os.path.join(self.source.folder, name))
        below = os.path.join(os.path.realpath(self.source.folder), "")
        if not os.path.realpath(path).startswith(below):
            raise self.refuse(
                f"include {quote(name)} is a link out of this file's folder; "
                "put the file itself below the folder",
                line,
            )
        if path in self.including:
            circle = " → ".join([*self.including[self.including.index(path) :], path])
            raise self.refuse(f"include {quote(name)} goes in a circle: {circle}", line)
        if len(self.including) > MOST_INCLUDES:
            raise self.refuse("includes are nested too deep", line)
        if path not in self.known:
            if not os.path.isfile(path):
                other = os.path.exists(path) and not os.path.isdir(path)
                what = "it is no regular file" if other else "there is no such file"
                raise self.refuse(f"cannot include {quote(name)}: {what}", line)
            source = Source(path, os.path.dirname(path))
            reader = Reader(source, (*self.including, path), self.known)
            self.known[path] = reader.shared_blocks(source.text())
        return self.known[path]
