"""YAML text as a tree of nodes that know their lines.

Composed from the parser's events without recursion, so that deep nesting, aliases and duplicate
keys are bounded and refused here, each with its line.
"""

from __future__ import annotations

from typing import Any

import yaml

from ..definition.scalars import Scalar
from ..errors import DefinitionError
from ..record import Record
from ..wording import quote

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

DEEPEST = 20
MOST_REPEATED = 200_000
# As many as a network has layers, and what these may say: more is refused while it is read.
MOST_ITEMS = 200_000
MOST_VALUES = 4_000_000


class Sequence(Record):
    """A list of nodes."""

    line: int
    items: list[Node]


class Mapping(Record):
    """Nodes by key, with each key's line."""

    line: int
    items: dict[str, tuple[int, Node]]


Node = Scalar | Sequence | Mapping


def _at(node: Node, line: int) -> Node:
    """The node as an alias on a line repeats it: what it holds is shared, not copied."""
    if isinstance(node, Scalar):
        return Scalar(node.text, node.plain, line)
    if isinstance(node, Sequence):
        return Sequence(line, node.items)
    return Mapping(line, {key: (line, value) for key, (_, value) in node.items.items()})


class Composer:
    """Builds the tree of one document from its events."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.open: list[tuple[Sequence | Mapping, str | None, int]] = []
        self.keys: list[Scalar | None] = []
        self.root: Node | None = None
        self.count = 0
        self.repeated = 0

    def refuse(self, message: str, line: int) -> DefinitionError:
        """An error of this file at a line."""
        return DefinitionError(message, path=self.path, line=line)

    def read(self, text: str) -> Node | None:
        """The document's root, None for an empty file."""
        try:
            loader = Loader(text)
            try:
                return self._document(loader)
            finally:
                loader.dispose()
        except yaml.YAMLError as error:
            raise self._unreadable(error, text) from None

    def _document(self, loader: Any) -> Node | None:
        documents = 0
        while (event := loader.get_event()) is not None:
            if not isinstance(event, yaml.DocumentStartEvent):
                self.handle(event)
                continue
            documents += 1
            if documents > 1:
                raise self.refuse("a second document begins; a definition is one", _line(event))
        return self.root

    def _unreadable(self, error: yaml.YAMLError, text: str) -> DefinitionError:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        line = mark.line + 1 if mark is not None else None
        if isinstance(error, yaml.reader.ReaderError):
            line = text.count("\n", 0, text.find(chr(error.character))) + 1
        message = f"not readable as YAML: {' '.join(str(problem).split())}"
        if "cannot start any token" in message and "\t" in text:
            message += "; indent with blanks, not with tabs"
        start = getattr(error, "context_mark", None)
        if mark is not None and start is not None and start.line < mark.line:
            message += f", {error.context} from line {start.line + 1}"  # type: ignore[attr-defined]
        return DefinitionError(message, path=self.path, line=line)

    def handle(self, event: Any) -> None:
        """Take one event of the document in."""
        if isinstance(event, yaml.ScalarEvent):
            self._check_tag(event)
            plain = event.implicit[0]
            self._place(Scalar(event.value, plain, _line(event)), event.anchor, self.count)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._open(Sequence(_line(event), []), event)
        elif isinstance(event, yaml.MappingStartEvent):
            self._open(Mapping(_line(event), {}), event)
        elif isinstance(event, yaml.CollectionEndEvent):
            node, anchor, before = self.open.pop()
            self.keys.pop()
            self._place(node, anchor, before)
        elif isinstance(event, yaml.AliasEvent):
            self._place(self._alias_target(event), None, self.count)

    def _check_tag(self, event: Any) -> None:
        if event.tag is not None:
            raise self.refuse(
                f"tag {quote(event.tag)} is not used in definitions; write the plain value",
                _line(event),
            )

    def _open(self, node: Sequence | Mapping, event: Any) -> None:
        self._check_tag(event)
        if len(self.open) >= DEEPEST:
            raise self.refuse(f"nested deeper than {DEEPEST} levels", _line(event))
        self.open.append((node, event.anchor, self.count))
        self.keys.append(None)

    def _alias_target(self, event: Any) -> Node:
        if event.anchor in self.anchors:
            node, size = self.anchors[event.anchor]
            self.count += size
            self.repeated += size
            if self.repeated > MOST_REPEATED:
                raise self.refuse(
                    f"aliases repeat more than {MOST_REPEATED:,} values; write a block for "
                    "what is used so often",
                    _line(event),
                )
            return _at(node, _line(event))
        within = any(anchor == event.anchor for _, anchor, _ in self.open)
        wrong = "stands inside what it names" if within else "names no anchor before it"
        raise self.refuse(f"alias *{event.anchor} {wrong}", _line(event))

    def _place(self, node: Node, anchor: str | None, before: int) -> None:
        """Put a node where it belongs; `before` values were counted when it began."""
        self.count += 1
        if self.count > MOST_VALUES:
            raise self.refuse(
                f"it has more than {MOST_VALUES:,} values; write blocks, and repeat them", node.line
            )
        if anchor is not None:
            self.anchors[anchor] = (node, self.count - before)
        if not self.open:
            self.root = node
            return
        parent = self.open[-1][0]
        if isinstance(parent, Sequence):
            parent.items.append(node)
            self._check_length(parent, node)
            return
        key = self.keys[-1]
        if key is None:
            self.keys[-1] = self._checked_key(parent, node)
        else:
            parent.items[key.text] = (key.line, node)
            self.keys[-1] = None
            self._check_length(parent, node)

    def _check_length(self, parent: Sequence | Mapping, last: Node) -> None:
        if len(parent.items) > MOST_ITEMS:
            raise self.refuse(
                f"a list has more than {MOST_ITEMS:,} items, as many as a network's layers; "
                "write blocks, and repeat them",
                last.line,
            )

    def _checked_key(self, parent: Mapping, node: Node) -> Scalar:
        if not isinstance(node, Scalar):
            raise self.refuse("a key must be a single word", node.line)
        if not node.text:
            raise self.refuse("a key is empty; write a word before the colon", node.line)
        if node.text == "<<" and node.plain:
            raise self.refuse("merge keys (<<) are not used; write the keys out", node.line)
        if node.text in parent.items:
            first = parent.items[node.text][0]
            raise self.refuse(
                f"key {quote(node.text)} is given twice, first on line {first}", node.line
            )
        return node


def _line(event: Any) -> int:
    return event.start_mark.line + 1  # type: ignore[no-any-return]


def compose(text: str, path: str) -> Node | None:
    """The root node of a YAML text, None where it is empty; errors carry `path` and the line."""
    return Composer(path).read(text)
