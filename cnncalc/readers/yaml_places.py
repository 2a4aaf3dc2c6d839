"""Where layers stand in a YAML text, and what changes one attribute of theirs and no other byte."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from ..definition.scalars import Scalar
from ..record import Record
from .yaml_nodes import Loader

# What ends a line in YAML but not in most editors.
OTHER_BREAKS = re.compile("\r(?!\n)|[\x85\u2028\u2029]")


class Edit(Record):
    """What is put in the place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


def switch_offs(text: str, types: Sequence[str], key: str) -> dict[int, Edit | None]:
    """By line, the edit that sets false the attribute, absent or true, of its layer of such a type.

    None where none is sure: several such layers on a line, anchors, aliases, expressions.
    The text is that of a definition, which its reader has accepted.
    """
    if OTHER_BREAKS.search(text):
        return {}
    edits: dict[int, Edit | None] = {}
    for item in _layers(yaml.compose(text, Loader=Loader)):
        kind = item if isinstance(item, yaml.ScalarNode) else _values(item).get("type")
        # What an expression stands for may be such a type too.
        if kind is None or not (kind.value in types or str(kind.value).startswith("$")):
            continue
        line = item.start_mark.line + 1
        edits[line] = None if line in edits else _edit(text, item, key)
    return edits


def _layers(root: Any) -> Iterator[Any]:
    """The items of all lists of layers; those of an alias are what it stands for."""
    top = _values(root)
    blocks = [_values(block) for block in _values(top.get("blocks")).values()]
    for owner in (top, *blocks):
        if isinstance(owner.get("layers"), yaml.SequenceNode):
            yield from owner["layers"].value


def _values(node: Any) -> dict[str, Any]:
    return {key.value: value for key, value in _pairs(node)}


def _pairs(node: Any) -> list[tuple[Any, Any]]:
    return node.value if isinstance(node, yaml.MappingNode) else []


def _source(text: str, node: Any) -> str:
    return text[node.start_mark.index : node.end_mark.index]


def _edit(text: str, item: Any, key: str) -> Edit | None:
    written, values = _source(text, item), _values(item)
    if written.startswith("&"):
        return None
    if isinstance(item, yaml.ScalarNode):
        start, end = item.start_mark.index, item.end_mark.index
        return Edit(start, end, f"{{type: {written}, {key}: false}}")
    if key in values:
        return _replacement(text, item, key)
    if "type" not in values or (item.flow_style and not written.startswith("{")):
        return None
    return _addition(text, item, key)


def _replacement(text: str, item: Any, key: str) -> Edit | None:
    """The edit of an attribute that is given, if it is literally true."""
    for name, value in _pairs(item):
        if name.value == key and isinstance(value, yaml.ScalarNode):
            plain = not value.style and _source(text, value) == value.value
            begins = value.start_mark.index >= name.end_mark.index
            if plain and begins and Scalar(value.value, True, 0).value is True:
                return Edit(value.start_mark.index, value.end_mark.index, "false")
    return None


def _addition(text: str, item: Any, key: str) -> Edit | None:
    """The edit that adds an attribute behind the last one whose end is plain to see."""
    for name, value in reversed(_pairs(item)):
        start, end = value.start_mark.index, value.end_mark.index
        # An alias has the marks of what it stands for; block scalars and lists end further down.
        is_block = value.style in ("|", ">") if _is_scalar(value) else not value.flow_style
        if start < name.end_mark.index or start == end or is_block:
            continue
        if item.flow_style:
            return Edit(end, end, f", {key}: false")
        return _new_line(text, end, item.value[0][0].start_mark.column, key)
    return None


def _is_scalar(node: Any) -> bool:
    return isinstance(node, yaml.ScalarNode)


def _new_line(text: str, end: int, column: int, key: str) -> Edit:
    """A line of its own behind the one that a value ends on, with the line ends of the text."""
    feed = text.find("\n", end)
    at = len(text) if feed < 0 else feed - (text[feed - 1] == "\r")
    first = text.find("\n")
    end_of_line = "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"
    return Edit(at, at, f"{end_of_line}{' ' * column}{key}: false")
