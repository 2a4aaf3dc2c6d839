"""Layers' kinds from what a definition gives them: attributes, defaults, expressions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..definition.definition import OWN_KEYS, Entry, File, Located
from ..errors import DefinitionError
from ..layers import KINDS, kind
from ..layers.attributes import Wrong
from ..layers.base import Layer
from ..wording import did_you_mean, quote
from .scope import Scope


class Kinds:
    """Makes the kinds of a network of so many axes; layers of equal values share one."""

    def __init__(self, axes: int) -> None:
        self.axes = axes
        self.made: dict[Any, Layer] = {}

    def of(self, entry: Entry, type_name: str, name: str, scope: Scope) -> Layer:
        """The kind of a layer with its values; the name is for messages."""
        defaults = scope.file.defaults.get(type_name, {})
        given = {**defaults, **entry.attributes}
        values = {key: scope.resolved(value, line) for key, (value, line) in given.items() if key}
        identity = (type_name, tuple(sorted((key, repr(value)) for key, value in values.items())))
        made = self.made.get(identity)
        if made is None:
            made = self.made[identity] = self._new(entry, type_name, name, values, scope)
        return made

    def _new(
        self, entry: Entry, type_name: str, name: str, values: dict[str, Any], scope: Scope
    ) -> Layer:
        cls = kind(type_name)
        for key in values:
            if key not in cls.attributes:
                line = attribute_line(entry, type_name, key, scope)
                message = unknown_attribute(type_name, key, list(cls.attributes))
                raise scope.refuse(message, line, name)
        try:
            return cls(self.axes, values)
        except Wrong as wrong:
            line = attribute_line(entry, type_name, wrong.attribute, scope)
            raise scope.refuse(str(wrong), line, name) from None


def attribute_line(entry: Entry, type_name: str, key: str, scope: Scope) -> int | None:
    """The line of an attribute: its own, its default's, or the layer's."""
    given = entry.attributes.get(key)
    if given is None and key:
        given = scope.file.defaults.get(type_name, {}).get(key)
    return entry.line if given is None else given.line


def check_default_keys(file: File, type_name: str, values: dict[str, Located]) -> None:
    """Refuse defaults that the type has no attribute for, also where no layer uses them."""
    known = kind(type_name).attributes
    for key, located in values.items():
        if key and key not in known:
            message = f"defaults for {unknown_attribute(type_name, key, list(known))}"
            raise DefinitionError(message, path=file.path, line=located.line)


def unknown_type(type_name: str, blocks: Iterable[str]) -> str:
    """What to say of a type that is neither a kind nor a block."""
    hint = did_you_mean(type_name, [*KINDS, *blocks], "see the layer types in the README")
    return f"unknown type {quote(type_name)}; {hint}"


def unknown_attribute(type_name: str, key: str, known: list[str]) -> str:
    """What to say of a key that a type does not take."""
    takes = f"it takes {', '.join(known) or 'none'}"
    hint = did_you_mean(key, [*OWN_KEYS, *known], takes)
    return f"unknown key {quote(key)} of type {type_name}; {hint}"
