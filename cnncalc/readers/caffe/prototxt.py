"""Protobuf text format as a tree of messages that know their lines.

Read token by token without recursion: nesting and the number of fields are bounded and refused
here, each with its line. What fields mean is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ...errors import DefinitionError
from ...wording import quote
from .prototxt_message import Message, ProtoScalar

DEEPEST = 50
MOST_FIELDS = 1_000_000

# Possessive throughout: nothing is tried twice, however long a token is.
TOKEN = re.compile(
    r"""(?P<blank>\s++|\#[^\n]*+)
      |(?P<string>"[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+"|'[^'\\\n]*+(?:\\[^\n][^'\\\n]*+)*+')
      |(?P<number>[-+]?(?:0[xX][0-9a-fA-F]++
          |(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][-+]?\d++)?+[fF]?+)(?!\w))
      |(?P<word>-?[A-Za-z_]\w*+)
      |(?P<sign>[{}<>\[\]:;,])""",
    re.VERBOSE | re.ASCII,
)
CLOSING = {"{": "}", "<": ">"}
END = "end"

ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|[^\n])")
ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


class Token(NamedTuple):
    """A piece of the text: its kind (a group of TOKEN, or END), what was written, its line."""

    kind: str
    text: str
    line: int

    @property
    def sign(self) -> str:
        """The sign that it is, empty where it is none."""
        return self.text if self.kind == "sign" else ""

    def __str__(self) -> str:
        return quote(self.text) if self.kind != END else "the end of the file"


class _OpenMessage:
    """A message that is being read; `listed` is the field whose list of values is, if any."""

    __slots__ = ("closing", "listed", "message", "name")

    def __init__(self, message: Message, name: str, closing: str) -> None:
        self.message = message
        self.name = name
        self.closing = closing
        self.listed: str | None = None


def parse(text: str, path: str) -> Message:
    """The message of a text; raises DefinitionError with `path` and the line."""
    return _PrototxtParser(text, path).message()


class _PrototxtParser:
    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.path = path
        self.tokens = self._tokens()
        self.ahead: Token | None = None
        self.open = [_OpenMessage(Message(path, 1), "", END)]
        self.fields = 0

    def refuse(self, message: str, line: int) -> DefinitionError:
        """An error of this file at a line."""
        return DefinitionError(f"not readable as prototxt: {message}", path=self.path, line=line)

    def _tokens(self) -> Iterator[Token]:
        text, place, line = self.text, 0, 1
        while place < len(text):
            match = TOKEN.match(text, place)
            if match is None:
                what = "a string without an end" if text[place] in "\"'" else quote(text[place])
                raise self.refuse(f"{what} cannot stand here", line)
            if match.lastgroup != "blank":
                yield Token(str(match.lastgroup), match[0], line)
            line += match[0].count("\n")
            place = match.end()
        yield Token(END, "", line)

    def _next(self) -> Token:
        token, self.ahead = self.ahead, None
        return next(self.tokens) if token is None else token

    def _peek(self) -> Token:
        if self.ahead is None:
            self.ahead = next(self.tokens)
        return self.ahead

    def message(self) -> Message:
        """The whole text's message."""
        root = self.open[0].message
        while self.open:
            listed = self.open[-1].listed
            if listed is None:
                self._field(self._next())
            else:
                self._listed_value(listed, self._next())
        return root

    def _field(self, token: Token) -> None:
        """Take in what begins with a token where a field may stand."""
        within = self.open[-1]
        if token.kind == "word":
            self._named_value(token)
        elif within.closing in (token.kind, token.text):
            self.open.pop()
        elif token.kind == END:
            line = within.message.line
            raise self.refuse(f"{quote(within.name)} of line {line} is not closed", token.line)
        elif token.text not in (";", ","):
            raise self.refuse(f"{token} stands where a field's name should", token.line)

    def _named_value(self, name: Token) -> None:
        """Take in what follows a field's name."""
        token = self._next()
        colon = token.sign == ":"
        if colon:
            token = self._next()
        if not colon and token.sign not in CLOSING:
            message = f"{token} follows {quote(name.text)}, which needs ': value' or '{{ … }}'"
            raise self.refuse(message, token.line)
        if token.sign == "[":
            self.open[-1].listed = name.text
        else:
            self._value(name.text, token, name.line)

    def _listed_value(self, name: str, token: Token) -> None:
        """Take in a value of a list `name: [ … ]`, or its end."""
        if token.sign == "]":
            self.open[-1].listed = None
        elif token.sign != ",":
            self._value(name, token, token.line)

    def _value(self, name: str, token: Token, line: int) -> None:
        """Take in a value that is one, or begin with one that is a message."""
        if token.sign not in CLOSING:
            self._put(name, self._scalar(token))
            return
        if len(self.open) > DEEPEST:
            raise self.refuse(f"nested deeper than {DEEPEST} levels", line)
        message = Message(self.path, line)
        self._put(name, message)
        self.open.append(_OpenMessage(message, name, CLOSING[token.sign]))

    def _put(self, name: str, value: ProtoScalar | Message) -> None:
        self.fields += 1
        if self.fields > MOST_FIELDS:
            raise self.refuse(f"it has more than {MOST_FIELDS:,} fields", value.line)
        self.open[-1].message.fields.setdefault(name, []).append(value)

    def _scalar(self, token: Token) -> ProtoScalar:
        """A value; strings that follow each other are one."""
        if token.kind not in ("string", "number", "word"):
            raise self.refuse(f"{token} stands where a value should", token.line)
        if token.kind != "string":
            return ProtoScalar(token.text, token.kind, token.line, self.path)
        parts = [token.text]
        while self._peek().kind == "string":
            parts.append(self._next().text)
        text = "".join(ESCAPE.sub(_escape_value, part[1:-1]) for part in parts)
        return ProtoScalar(text, "string", token.line, self.path)


def _escape_value(escape: re.Match[str]) -> str:
    code = escape[1]
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    if code[0] in "01234567":
        return chr(int(code, 8))
    return ESCAPED.get(code, code)
