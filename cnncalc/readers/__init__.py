"""Readers turn a file into a Definition: one module per format, no arithmetic.

`read(source: Source) -> Definition` is in the format's module, or in `reading` of its package. The
path's suffix chooses it, or its content where the suffix says nothing; a name chooses it outright.
"""

from __future__ import annotations

from importlib import import_module

from ..definition.definition import Definition
from ..errors import UsageError, nearest, quote
from .signatures import HEAD, reader_of
from .source import Source

SUFFIXES = {
    ".yaml": "yaml",
    ".yml": "yaml",
    ".prototxt": "caffe",
    ".cfg": "darknet",
    ".onnx": "onnx",
    ".keras": "keras",
    ".json": "keras",
}
READERS = (*dict.fromkeys(SUFFIXES.values()), "torch")  # a module has no file
MODULES = {"yaml": ".yaml", "torch": ".pytorch.reading"}


def read(source: Source, reader: str | None = None) -> Definition:
    """The definition that a source gives; raises DefinitionError with its place."""
    if reader is None:
        reader = chosen(source)
    elif reader not in READERS:
        close = nearest(reader, list(READERS))
        hint = f"did you mean {quote(close[0])}?" if close else f"use {', '.join(READERS)}"
        raise UsageError(f"no reader is named {quote(reader)}; {hint}")
    module = import_module(MODULES.get(reader, f".{reader}.reading"), __name__)
    return module.read(source)  # type: ignore[no-any-return]


def chosen(source: Source) -> str:
    """The name of the reader for a source."""
    for suffix, reader in SUFFIXES.items():
        if source.path.lower().endswith(suffix):
            return reader
    return reader_of(source.head(HEAD)) or "yaml"
