"""The model in an ONNX file without its weights, whose shapes say enough.

Weights are most of such a file. They are passed over on the encoded bytes, so that a file of any
size is read in the time and memory that its graph takes.
"""

from __future__ import annotations

import mmap
import os
from typing import TYPE_CHECKING, Any

from ...errors import DefinitionError, UsageError
from ...wording import install_line
from ..source import Source
from .constants import KEPT_BYTES

if TYPE_CHECKING:
    from onnx import ModelProto

LARGEST_GRAPH = 200_000_000
DEEPEST = 30

TEXT = "text"
# Per message the fields that hold others, or text, by their numbers in onnx.proto.
FIELDS: dict[str, dict[int, str]] = {
    "model": {**dict.fromkeys((2, 3, 4), TEXT), 7: "graph", 8: "opset", 25: "function"},
    "graph": {
        **dict.fromkeys((11, 12, 13), "value"),
        1: "node",
        2: TEXT,
        5: "tensor",
        15: "sparse tensor",
    },
    "function": {7: "node"},
    "node": {**dict.fromkeys((1, 2, 3, 4, 7), TEXT), 5: "attribute", 9: "entry"},
    "attribute": {1: TEXT, 5: "tensor", 6: "graph", 10: "tensor", 11: "graph"},
    "tensor": {8: TEXT, 13: "entry"},
    "entry": {1: TEXT, 2: TEXT},
    "opset": {1: TEXT},
    "sparse tensor": {1: "tensor", 2: "tensor"},
    "value": {1: TEXT},
}
TENSOR_DATA = (4, 5, 6, 7, 9, 10, 11)
VARINT, FIXED64, DELIMITED, FIXED32 = 0, 1, 2, 5


class Damaged(ValueError):
    """Bytes that are no ONNX model; the text says what was found."""


def model(source: Source) -> ModelProto:
    """The model, large tensors without their numbers; raises DefinitionError or UsageError."""
    try:
        from google.protobuf.message import DecodeError
        from onnx import ModelProto
    except ImportError:
        raise UsageError(f"reading ONNX needs the package onnx; {install_line('onnx')}") from None
    try:
        read: ModelProto = ModelProto.FromString(_graph_alone(source))
        return read
    except (Damaged, DecodeError) as error:
        told = str(error) if isinstance(error, Damaged) else "it holds no model"
        message = f"not readable as ONNX: {told}; export it again, or complete its download"
        raise DefinitionError(message, path=source.path) from None


def _graph_alone(source: Source) -> bytes:
    if source.given is not None:
        return _skeleton(source.given)
    try:
        with open(source.path, "rb") as file:
            if not os.fstat(file.fileno()).st_size:
                raise Damaged("the file is empty")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return _skeleton(content)
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise DefinitionError(message, path=source.path) from None


def _skeleton(content: Any) -> bytes:
    if content[:8] == b"version ":
        raise Damaged("it is a Git LFS pointer, not the file that it stands for")
    return Skeleton(content).message("model", 0, len(content))


class Skeleton:
    """Copies an encoded model, leaving out the data of large tensors."""

    def __init__(self, content: Any) -> None:
        self.content = content
        self.copied = 0

    def message(self, kind: str, at: int, end: int, depth: int = 0) -> bytes:
        """The message from `at` to `end`, encoded again."""
        if depth > DEEPEST:
            raise Damaged(f"messages are nested deeper than {DEEPEST} levels")
        pieces: list[bytes] = []
        while at < end:
            start = at
            key, at = self._number(at, end)
            number, wire = key >> 3, key & 7
            body, stop = self._extent(wire, at, end)
            inner = FIELDS[kind].get(number) if wire == DELIMITED else None
            if inner == TEXT:
                self._check_text(body, stop)
                pieces.append(self._copy(start, stop))
            elif inner is not None:
                nested = self.message(inner, body, stop, depth + 1)
                pieces += (self._copy(start, at), _varint(len(nested)), nested)
            elif kind != "tensor" or number not in TENSOR_DATA or stop - body <= KEPT_BYTES:
                pieces.append(self._copy(start, stop))
            at = stop
        return b"".join(pieces)

    def _check_text(self, start: int, stop: int) -> None:
        try:
            self.content[start:stop].decode()
        except UnicodeDecodeError:
            raise Damaged(f"the text at byte {start} is not UTF-8") from None

    def _extent(self, wire: int, at: int, end: int) -> tuple[int, int]:
        """Where a field's value starts and stops."""
        if wire == VARINT:
            stop = self._number(at, end)[1]
        elif wire == DELIMITED:
            length, at = self._number(at, end)
            stop = at + length
        elif wire in (FIXED64, FIXED32):
            stop = at + (8 if wire == FIXED64 else 4)
        else:
            raise Damaged(f"byte {at} starts no field")
        if stop > end:
            raise Damaged(f"it ends within a field that starts at byte {at}")
        return at, stop

    def _copy(self, start: int, stop: int) -> bytes:
        self.copied += stop - start
        if self.copied > LARGEST_GRAPH:
            raise Damaged(f"its graph alone is larger than {LARGEST_GRAPH // 10**6} MB")
        return bytes(self.content[start:stop])

    def _number(self, at: int, end: int) -> tuple[int, int]:
        """A number of variable length, and where it stops."""
        if at < end and self.content[at] < 0x80:
            return int(self.content[at]), at + 1
        value = 0
        for place in range(at, min(end, at + 10)):
            byte = self.content[place]
            value |= (byte & 0x7F) << 7 * (place - at)
            if byte < 0x80:
                return value, place + 1
        raise Damaged(f"byte {at} starts no number")


def _varint(value: int) -> bytes:
    """A number of variable length, as bytes."""
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    digits.append(value)
    return bytes(digits)
