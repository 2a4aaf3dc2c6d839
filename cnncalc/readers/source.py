"""What a reader reads from: a file, or content that came another way."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping

from ..errors import DefinitionError
from ..record import Record

LARGEST_TEXT = 50_000_000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
REFUSE, PASS = "refuse", "pass"


class Source(Record):
    """A model to read.

    `path` is how messages call it, `folder` where what it names beside itself lies. `given` is the
    content where it comes from no file. `unknown` says what to do with an operator that the reader
    does not know: `refuse` it, or `pass` it on as a layer of which nothing is known. `input` is
    the input's shape where the caller gives one, or those of several by name.
    """

    path: str
    folder: str = ""
    given: bytes | None = None
    unknown: str = REFUSE
    input: str | Mapping[str, str] | None = None

    def refuse(
        self, message: str, line: int | None = None, layer: str | None = None
    ) -> DefinitionError:
        """An error of this model, at a line or of a layer, to be raised."""
        return DefinitionError(message, path=self.path, line=line, layer=layer)

    @property
    def stem(self) -> str:
        """The file's name without its suffix, as a network may be called; `stdin` for `<stdin>`."""
        name = os.path.splitext(os.path.basename(self.path))[0]
        if self.given is not None:
            name = self.path.strip("<>")
        return "".join(letter if letter.isprintable() else "?" for letter in name)

    def content(self, largest: int = LARGEST_TEXT) -> bytes:
        """The bytes of the model; raises DefinitionError where they cannot be read."""
        content = self._read(largest + 1) if self.given is None else self.given
        if len(content) > largest:
            raise self.refuse(f"is larger than {largest // 10**6} MB, which no definition is")
        return content

    def head(self, length: int) -> bytes:
        """The first bytes of the model; raises DefinitionError where they cannot be read."""
        return self._read(length) if self.given is None else self.given[:length]

    def check_file(self) -> None:
        """Refuse folders, and pipes and devices, which may never end; let be what is hidden."""
        try:
            mode = os.stat(self.path).st_mode
        except (OSError, ValueError):
            return
        if stat.S_ISDIR(mode):
            from .unread import of_folder

            raise self.refuse(of_folder(self.path))
        if not stat.S_ISREG(mode):
            kind = "a pipe" if stat.S_ISFIFO(mode) else "a device or a socket"
            raise self.refuse(f"is {kind}, not a file; give - to read standard input")

    def _read(self, length: int) -> bytes:
        self.check_file()
        try:
            with open(self.path, "rb") as file:
                return file.read(length)
        except OSError as error:
            raise self.refuse(f"cannot be read: {error.strerror}") from None

    def text(self) -> str:
        """The content as text; raises DefinitionError where it is not UTF-8."""
        content = self.content()
        try:
            return content.removeprefix(BYTE_ORDER_MARK).decode()
        except UnicodeDecodeError as error:
            from .unread import by_content, by_suffix

            held = by_content(content) or by_suffix(self.path)
            if held is not None:
                raise self.refuse(held) from None
            line = content.count(b"\n", 0, error.start) + 1
            message = f"not UTF-8: byte 0x{content[error.start]:02x}; save the file as UTF-8"
            raise self.refuse(message, line) from None
