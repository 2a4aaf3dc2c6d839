"""Protobuf text format as a tree of messages that know their lines.

Read token by token without recursion: nesting and the number of fields are bounded and refused
here, each with its line. What fields mean is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...errors import DefinitionError
from ...wording import quote
from .prototxt_message import Message, Scalar

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


class Token:
    """A piece of the text: its kind (a group of TOKEN, or END), what was written, its line."""

    __slots__ = ("kind", "line", "text")

    def __init__(self, kind: str, text: str, line: int) -> None:
        self.kind = kind
        self.text = text
        self.line = line


class _Open:
    """A message that is being read; `listed` is the field whose list of values is, if any."""

    __slots__ = ("closing", "listed", "message", "name")

    def __init__(self, message: Message, name: str, closing: str) -> None:
        self.message = message
        self.name = name
        self.closing = closing
        self.listed: str | None = None


def parse(text: str, path: str) -> Message:
    """The message of a text; raises DefinitionError with `path` and the line."""
    return _Parser(text, path).message()


class _Parser:
    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.path = path
        self.tokens = self._tokens()
        self.ahead: Token | None = None
        self.open = [_Open(Message(path, 1), "", END)]
        self.fields = 0

    def refuse(self, message: str, line: int) -> DefinitionError:
        """An error of this file at a line."""
        return DefinitionError(f"not readable as prototxt: {message}", path=self.path, line=line)

    def _tokens(self) -> Iterator[Token]:
        text, place, line = self.text, 0, 1
        while place < len(text):
            found = TOKEN.match(text, place)
            if found is None:
                what = "a string without an end" if text[place] in "\"'" else quote(text[place])
                raise self.refuse(f"{what} cannot stand here", line)
            kind = found.lastgroup
            assert kind is not None
            if kind != "blank":
                yield Token(kind, found[0], line)
            line += found[0].count("\n")
            place = found.end()
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
            if self.open[-1].listed is None:
                self._field(self._next())
            else:
                self._listed_value(self._next())
        return root

    def _field(self, token: Token) -> None:
        """Take in what begins with a token where a field may stand."""
        within = self.open[-1]
        if token.kind == "word":
            self._named(token)
        elif token.kind == END or token.text == within.closing:
            self._close(within, token)
        elif token.text not in (";", ","):
            raise self.refuse(f"{quote(token.text)} stands where a field's name should", token.line)

    def _close(self, within: _Open, token: Token) -> None:
        if token.kind == END and within.closing != END:
            line = within.message.line
            raise self.refuse(f"{quote(within.name)} of line {line} is not closed", token.line)
        self.open.pop()

    def _named(self, name: Token) -> None:
        """Take in a field after its name."""
        token = self._next()
        colon = token.text == ":" and token.kind == "sign"
        if colon:
            token = self._next()
        if token.kind == "sign" and token.text in CLOSING:
            self._begin(name.text, token, name.line)
        elif not colon:
            told = quote(token.text) if token.kind != END else "the end of the file"
            raise self.refuse(
                f"{told} follows {quote(name.text)}, which needs ': value' or '{{ … }}'", token.line
            )
        elif token.text == "[" and token.kind == "sign":
            self.open[-1].listed = name.text
        else:
            self._put(name.text, self._scalar(token))

    def _listed_value(self, token: Token) -> None:
        """Take in a value of a list `name: [ … ]`, or its end."""
        within = self.open[-1]
        assert within.listed is not None
        if token.kind == "sign" and token.text in CLOSING:
            self._begin(within.listed, token, token.line)
        elif token.kind == "sign" and token.text == "]":
            within.listed = None
        elif not (token.kind == "sign" and token.text == ","):
            self._put(within.listed, self._scalar(token))

    def _begin(self, name: str, token: Token, line: int) -> None:
        if len(self.open) > DEEPEST:
            raise self.refuse(f"nested deeper than {DEEPEST} levels", line)
        message = Message(self.path, line)
        self._put(name, message)
        self.open.append(_Open(message, name, CLOSING[token.text]))

    def _put(self, name: str, value: Scalar | Message) -> None:
        self.fields += 1
        if self.fields > MOST_FIELDS:
            raise self.refuse(f"it has more than {MOST_FIELDS:,} fields", value.line)
        self.open[-1].message.fields.setdefault(name, []).append(value)

    def _scalar(self, token: Token) -> Scalar:
        """A value; strings that follow each other are one."""
        if token.kind not in ("string", "number", "word"):
            told = quote(token.text) if token.kind != END else "the end of the file"
            raise self.refuse(f"{told} stands where a value should", token.line)
        if token.kind != "string":
            return Scalar(token.text, token.kind, token.line, self.path)
        parts = [_unescaped(token.text)]
        while self._peek().kind == "string":
            parts.append(_unescaped(self._next().text))
        return Scalar("".join(parts), "string", token.line, self.path)


def _unescaped(quoted: str) -> str:
    text = quoted[1:-1]
    return ESCAPE.sub(_sign, text) if "\\" in text else text


def _sign(found: re.Match[str]) -> str:
    code = found[1]
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    if code[0] in "01234567":
        return chr(int(code, 8))
    return ESCAPED.get(code, code)
