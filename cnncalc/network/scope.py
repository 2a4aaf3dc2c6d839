"""What names and expressions mean at one place of a definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..definition.definition import INPUT, Entry, File, Located
from ..errors import DefinitionError, NetworkError
from ..wording import did_you_mean, is_whole, name_list, quote, value_text

COPY = "copy"
MOST_NAME_CHARACTERS = 20_000_000


class Scope:
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

    def resolve(self, value: Any, line: int | None, copy: int | None = None) -> Any:
        """The value with `$name` and `$(…)` evaluated, also inside lists.

        Expressions may use the arguments and, in blocks and repeats, the copy's number: `copy`, or
        that of the block.
        """
        if isinstance(value, list):
            return [self.resolve(item, line, copy) for item in value]
        if not isinstance(value, str) or not value.startswith("$"):
            return value
        from ..definition.expressions import BadExpression, evaluate

        number = self.copy if copy is None else copy
        values = self.arguments if number is None else {COPY: number, **self.arguments}
        try:
            return evaluate(value, values)
        except BadExpression as error:
            raise DefinitionError(str(error), path=self.file.path, line=line) from None

    def refuse(self, message: str, line: int | None, layer: str | None = None) -> NetworkError:
        """An error of a line of this place's file, and of a layer by its name here."""
        full_name = None if layer is None else self.prefix + layer
        return NetworkError(message, path=self.file.path, line=line, layer=full_name)


class Use:
    """An entry where it is used: what it is called and reads there, its number among copies."""

    __slots__ = ("copy", "entry", "name", "scope", "sources", "type")

    def __init__(
        self,
        entry: Entry,
        type_name: str,
        name: str,
        sources: tuple[int, ...],
        scope: Scope,
        copy: int | None = None,
    ) -> None:
        self.entry = entry
        self.type = type_name
        self.name = name
        self.sources = sources
        self.scope = scope
        self.copy = copy

    def resolve(self, value: Any, line: int | None) -> Any:
        """A value with its expressions evaluated."""
        return self.scope.resolve(value, line, self.copy)

    def refuse(self, message: str, line: int | None) -> NetworkError:
        """An error of a line, about the layer."""
        return self.scope.refuse(message, line, self.name)

    @property
    def sources_line(self) -> int | None:
        """The line that names what it reads."""
        return self.entry.sources[0].line if self.entry.sources else self.entry.line


def repeat_refusal(count: Any) -> str:
    """Why nothing can be repeated so often; empty where it can."""
    if is_whole(count) and count >= 0:
        return ""
    return f"repeat must be a whole number of at least 0, not {value_text(count)}"


def argument_values(
    declared: Mapping[str, Located], given: Mapping[str, Any], file: File, copy: int | None = None
) -> dict[str, Any]:
    """Declared arguments with the given values in; a default may use those before it."""
    values: dict[str, Any] = {}
    for name, (default, line) in declared.items():
        if name in given:
            values[name] = given[name]
        else:
            values[name] = Scope("", {}, values, file, copy).resolve(default, line)
        if values[name] is None:
            message = f"argument {quote(name)} has no value; give it with --set {name}=…"
            raise DefinitionError(message, path=file.path, line=line)
    return values


class ScopeNames:
    """All names of a network. `indices` gives what stands under a full name, dots and all."""

    def __init__(self) -> None:
        self.indices: dict[str, int] = {}
        self.lines: dict[str, tuple[str, int | None]] = {}
        self.characters = 0

    def bind(self, name: str, scope: Scope, index: int) -> None:
        """Let a name stand for a layer from here on."""
        scope.names[name] = index
        self.indices[scope.prefix + name] = index

    def bind_input(self, name: str, scope: Scope, index: int, line: int | None) -> None:
        """Let a name stand for an input of the network; no layer may have it too."""
        scope.names[name] = index
        if name != INPUT:
            scope.lines[name] = line
            self.declare(name, scope, line)

    def own(self, entry: Entry, type_name: str, scope: Scope) -> str:
        """The name of an entry in its scope, given or numbered; a clash is refused."""
        if entry.name is not None:
            name, line = str(entry.name.value), entry.name.line
            if name == INPUT:
                whose = "" if INPUT in scope.names else " where it has only one"
                raise scope.refuse(f"the name 'input' is the network's input{whose}", line)
        else:
            scope.unnamed[type_name] = scope.unnamed.get(type_name, 0) + 1
            name, line = f"{type_name}{scope.unnamed[type_name]}", entry.line
            scope.automatic.add(name)
        if name in scope.names:
            raise scope.refuse(self._clash(entry, name, scope), line)
        scope.lines[name] = line
        self.declare(name, scope, line)
        return name

    def _clash(self, entry: Entry, name: str, scope: Scope) -> str:
        if name not in scope.lines:
            return f"the name {quote(name)} is an input of the block"
        clash = f"the name {quote(name)} is given on line {scope.lines[name]} already"
        if entry.name is None or name in scope.automatic:
            return f"{clash}; layers without a name are numbered by type, so name one of them"
        return f"{clash}; give each layer a name of its own"

    def declare(self, name: str, scope: Scope, line: int | None) -> None:
        """Take a name of the scope; it must be free in the whole network."""
        full_name = scope.prefix + name
        if full_name in self.lines:
            path, first = self.lines[full_name]
            clash = f"the name {quote(full_name)} is given at {path}:{first} already"
            raise scope.refuse(f"{clash}; give each layer a name of its own", line)
        self.lines[full_name] = (scope.file.path, line)
        self.characters += len(full_name)
        if self.characters > MOST_NAME_CHARACTERS:
            raise scope.refuse(
                "the layers' names are over 20 million characters, taken together; shorten them, "
                "or nest and repeat blocks less",
                line,
            )

    def lookup(self, name: str, scope: Scope, line: int | None, layer: str | None = None) -> int:
        """The layer that a name stands for; `layer` is the one that names it."""
        if name in scope.names:
            return scope.names[name]
        # A layer inside a block or of a repeat goes by its dotted name.
        index = self.indices.get(scope.prefix + name)
        if index is None:
            otherwise = "name a layer listed before"
            if name == INPUT:
                inputs = [each for each, place in scope.names.items() if place <= 0]
                otherwise = f"the inputs are {name_list(inputs)}"
            hint = did_you_mean(name, scope.names, otherwise)
            message = f"no layer {quote(name)} is listed before this line; {hint}"
            raise scope.refuse(message, line, layer)
        return index
