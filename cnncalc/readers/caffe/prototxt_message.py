"""A message of protobuf text format, and its fields as checked values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ...errors import DefinitionError
from ...wording import did_you_mean, quote
from ..builder import exact_number

if TYPE_CHECKING:
    from fractions import Fraction

LONGEST_NUMBER = 40
LARGEST_EXPONENT = 300
MOST_LISTED = 20
MOST_COMPARED = 200
FLAGS = {
    **dict.fromkeys(("true", "True", "t", "1"), True),
    **dict.fromkeys(("false", "False", "f", "0"), False),
}

Absent = TypeVar("Absent", int, None)


class ProtoScalar(NamedTuple):
    """A single value: what was written, and whether it is a string, a number or a word."""

    text: str
    kind: str
    line: int
    path: str

    def refuse(self, name: str, expected: str) -> DefinitionError:
        """The refusal of the value of a field, with what would be right."""
        message = f"{name} must be {expected}, not {quote(self.text)}"
        return DefinitionError(message, path=self.path, line=self.line)

    def whole(self, name: str, least: int) -> int:
        """The value as a whole number: decimal, 0x… or octal."""
        digits = self.text.lstrip("+-")
        base = 16 if digits[:2] in ("0x", "0X") else 8 if digits[:1] == "0" != digits else 10
        try:
            if self.kind != "number" or len(digits) > LONGEST_NUMBER:
                raise ValueError
            value = int(self.text, base)
        except ValueError:
            value = least - 1
        if value < least:
            raise self.refuse(name, f"a whole number of at least {least}")
        return value

    def number(self, name: str) -> int | Fraction:
        """The value as an exact number."""
        text = self.text.rstrip("fF")
        exponent = text.lower().partition("e")[2].lstrip("+-") or "0"
        decimal = self.kind == "number" and "x" not in text.lower()
        if not decimal or len(text) > LONGEST_NUMBER or int(exponent) > LARGEST_EXPONENT:
            raise self.refuse(name, "a number")
        return exact_number(text)


class Message:
    """Fields by name, each with its values in order."""

    __slots__ = ("fields", "line", "path")

    def __init__(self, path: str, line: int) -> None:
        self.path = path
        self.line = line
        self.fields: dict[str, list[ProtoScalar | Message]] = {}

    def refuse(self, message: str, line: int | None = None) -> DefinitionError:
        """An error at the message's line, or at one inside it."""
        return DefinitionError(message, path=self.path, line=line or self.line)

    def __contains__(self, name: str) -> bool:
        return name in self.fields

    def line_of(self, name: str) -> int:
        """The line of a field that is given."""
        return self.fields[name][0].line

    def check(self, known: Iterable[str], what: str) -> None:
        """Refuse fields that are not known: each could change the figures."""
        choices = dict.fromkeys(known)
        for name, values in self.fields.items():
            if name not in choices:
                known = ", ".join(list(choices)[:MOST_LISTED])
                hint = did_you_mean(name, list(choices)[:MOST_COMPARED], f"known are {known}")
                raise self.refuse(f"unknown field {quote(name)} of {what}; {hint}", values[0].line)

    def messages(self, name: str) -> list[Message]:
        """The messages of a field that may be given several times."""
        values = []
        for value in self.fields.get(name, ()):
            if isinstance(value, ProtoScalar):
                raise value.refuse(name, f"a message, {name} {{ … }}")
            values.append(value)
        return values

    def message(self, name: str) -> Message:
        """The message of a field; an empty one where it is not given."""
        messages = self.messages(name)
        self._check_single(name)
        return messages[0] if messages else Message(self.path, self.line)

    def scalars(self, name: str) -> list[ProtoScalar]:
        """The values of a field that may be given several times."""
        values = []
        for value in self.fields.get(name, ()):
            if isinstance(value, Message):
                raise value.refuse(f"{name} must be a value, not a message")
            values.append(value)
        return values

    def _check_single(self, name: str) -> None:
        values = self.fields.get(name, ())
        if len(values) > 1:
            first = values[0].line
            raise self.refuse(f"{name} is given twice, first on line {first}", values[1].line)

    def _scalar(self, name: str) -> ProtoScalar | None:
        values = self.scalars(name)
        self._check_single(name)
        return values[0] if values else None

    def text(self, name: str) -> str:
        """A field's text, empty where it is not given."""
        value = self._scalar(name)
        return value.text if value else ""

    def texts(self, name: str) -> list[str]:
        """The texts of a field that may be given several times."""
        return [value.text for value in self.scalars(name)]

    def whole(self, name: str, default: Absent, least: int = 0) -> int | Absent:
        """A field's whole number."""
        value = self._scalar(name)
        return value.whole(name, least) if value else default

    def wholes(self, name: str, least: int = 0) -> list[int]:
        """The whole numbers of a field that may be given several times."""
        return [value.whole(name, least) for value in self.scalars(name)]

    def number(self, name: str, default: int | None = None) -> int | Fraction | None:
        """A field's exact number."""
        value = self._scalar(name)
        return value.number(name) if value else default

    def flag(self, name: str, default: bool) -> bool:
        """A field's truth value."""
        value = self._scalar(name)
        if value is None:
            return default
        if value.kind == "string" or value.text not in FLAGS:
            raise value.refuse(name, "true or false")
        return FLAGS[value.text]

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """A field's word, one of the choices; the first where it is not given."""
        value = self._scalar(name)
        if value is None:
            return choices[0]
        if value.text not in choices or value.kind != "word":
            raise value.refuse(name, f"one of {', '.join(choices)}")
        return value.text
