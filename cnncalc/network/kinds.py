"""Layers' kinds from what a definition gives them: attributes, defaults, expressions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..definition.definition import OWN_KEYS, Located
from ..layers import KINDS, kind
from ..layers.attributes import Wrong
from ..layers.base import Layer
from ..wording import did_you_mean, quote
from .scope import Use

TYPES_LISTED = "`cnncalc layer --help` lists the types"


class Kinds:
    """Makes the kinds of a network; layers of equal values and axes share one.

    `made` holds the identities of the entries that have one.
    """

    def __init__(self) -> None:
        self.known: dict[Any, Layer] = {}
        self.made: set[int] = set()
        self.constant: dict[tuple[int, str, int], Layer] = {}

    def of(self, use: Use, axes: int) -> Layer:
        """The kind of a layer with its values, which reads a map of so many axes."""
        # An entry whose attributes are no expressions is the same wherever its block is used.
        entry = (id(use.entry), use.type, axes)
        if entry in self.constant:
            return self.constant[entry]
        self.made.add(id(use.entry))
        scope, copy = use.scope, use.copy
        declared = {**_defaults(use), **use.entry.attributes}
        values = {
            key: scope.resolve(at.value, at.line, copy) for key, at in declared.items() if key
        }
        # Not by value: 1 and true are equal, but one may be right where the other is not.
        identity = (use.type, axes, repr(sorted(values.items())))
        if identity not in self.known:
            self.known[identity] = self._new(use, axes, values)
        if all(values[key] is at.value for key, at in declared.items() if key):
            self.constant[entry] = self.known[identity]
        return self.known[identity]

    def _new(self, use: Use, axes: int, values: dict[str, Any]) -> Layer:
        cls = kind(use.type)
        for key in values:
            if key not in cls.attributes:
                message = unknown_attribute(use.type, key, list(cls.attributes))
                raise use.refuse(message, attribute_line(use, key))
        try:
            return cls(axes, values)
        except Wrong as wrong:
            raise use.refuse(str(wrong), attribute_line(use, wrong.attribute)) from None


def _defaults(use: Use) -> dict[str, Located]:
    return use.scope.file.defaults.get(use.type, {})


def attribute_line(use: Use, key: str) -> int | None:
    """The line of an attribute: its own, its default's, or the layer's."""
    located = use.entry.attributes.get(key)
    if located is None and key:
        located = _defaults(use).get(key)
    return use.entry.line if located is None else located.line


def unknown_type(type_name: str, blocks: Iterable[str]) -> str:
    """What to say of a type that is neither a kind nor a block."""
    own = [block for block in blocks if type_name and block.lower().startswith(type_name.lower())]
    if own:
        return f"unknown type {quote(type_name)}; did you mean {quote(own[0])}?"
    hint = did_you_mean(type_name, [*KINDS, *blocks], TYPES_LISTED, topic="type")
    return f"unknown type {quote(type_name)}; {hint}"


def unknown_attribute(type_name: str, key: str, known: list[str]) -> str:
    """What to say of a key that a type does not take."""
    takes = f"it takes {', '.join(known) or 'none'}"
    hint = did_you_mean(key, [*known, *OWN_KEYS], takes, topic="key", of=type_name)
    return f"unknown key {quote(key)} of type {type_name}; {hint}"
