"""What names and expressions mean at one place of a definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..definition.definition import File, Located
from ..errors import DefinitionError, NetworkError, quote

COPY = "copy"


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

    def values(self) -> dict[str, Any]:
        """What expressions may use: the arguments and, in blocks and repeats, the copy's number."""
        return self.arguments if self.copy is None else {COPY: self.copy, **self.arguments}

    def resolved(self, value: Any, line: int | None) -> Any:
        """The value with `$name` and `$(…)` evaluated, also inside lists."""
        if isinstance(value, list):
            return [self.resolved(item, line) for item in value]
        if not isinstance(value, str) or not value.startswith("$"):
            return value
        from ..definition.expressions import BadExpression, evaluate

        try:
            return evaluate(value, self.values())
        except BadExpression as error:
            raise DefinitionError(str(error), path=self.file.path, line=line) from None

    def refuse(self, message: str, line: int | None, layer: str | None = None) -> NetworkError:
        """An error of a line of this place's file, and of a layer by its name here."""
        full_name = None if layer is None else self.prefix + layer
        return NetworkError(message, path=self.file.path, line=line, layer=full_name)


def argument_values(
    declared: Mapping[str, Located], given: Mapping[str, Any], file: File, copy: int | None = None
) -> dict[str, Any]:
    """Declared arguments with the given values in; a default may use those before it."""
    values: dict[str, Any] = {}
    for name, (default, line) in declared.items():
        if name in given:
            values[name] = given[name]
        else:
            values[name] = Scope("", {}, values, file, copy).resolved(default, line)
        if values[name] is None:
            message = f"argument {quote(name)} has no value; give it with --set {name}=…"
            raise DefinitionError(message, path=file.path, line=line)
    return values
