"""Readers turn a file into a Definition: one module per format, no arithmetic.

`read(source: Source) -> Definition` is in the format's module, or in `reading` of its package. The
path's suffix chooses it, or its content where the suffix says nothing; a name chooses it outright.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from ..definition.definition import Definition
from ..errors import DefinitionError, UsageError
from ..wording import did_you_mean, quote
from .collecting import without_collecting
from .source import Source

HEAD = 65_536


def _is_darknet(head: bytes) -> bool:
    """Whether the first line that says something is `[net]`."""
    for line in head.splitlines():
        plain = b"".join(line.split())
        if plain and plain[:1] not in (b"#", b";"):
            return plain.startswith((b"[net]", b"[network]"))
    return False


def _is_caffe(head: bytes) -> bool:
    """Whether a layer or an input's shape opens a brace, as no YAML does."""
    import re

    return re.search(rb"^[^#\n\"']*\b(layers?|input_shape)\s*\{", head, re.MULTILINE) is not None


def _is_keras(head: bytes) -> bool:
    """Whether it is JSON that names a class first, or an archive that begins with such a file."""
    if head.startswith(b"PK\x03\x04"):
        return b"metadata.json" in head or b"config.json" in head
    return head.lstrip().startswith(b"{") and b'"class_name"' in head


# Whether a file looks like this from its beginning on.
SIGNATURES: dict[str, Callable[[bytes], bool]] = {
    "darknet": _is_darknet,
    "caffe": _is_caffe,
    "keras": _is_keras,
    # A protocol buffer that begins with field 1, the version of its format.
    "onnx": lambda head: head[:1] == b"\x08",
}

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
        reader = reader_for(source)
    elif reader not in READERS:
        hint = did_you_mean(reader, READERS)
        raise UsageError(f"no reader is named {quote(reader)}; {hint}")
    if source.given is None and reader != "torch":
        source.check_file()
    module = import_module(MODULES.get(reader, f".{reader}.reading"), __name__)
    try:
        with without_collecting():
            return module.read(source)  # type: ignore[no-any-return]
    except DefinitionError:
        held = _other_content(source, reader)
        if held is None:
            raise
        raise source.refuse(held) from None


def _other_content(source: Source, reader: str) -> str | None:
    """What a file holds that a reader did not read, where it is of another kind altogether."""
    from .unread import by_content

    head = b"" if reader == "torch" else source.head(HEAD)
    own = reader in SIGNATURES and SIGNATURES[reader](head)
    return None if own else by_content(head)


def reader_for(source: Source) -> str:
    """The name of the reader for a source, by its path or else by its content.

    Raises DefinitionError for a file of a model that no reader reads.
    """
    for suffix, reader in SUFFIXES.items():
        if source.path.lower().endswith(suffix):
            return reader
    from .unread import by_content, by_suffix

    head = source.head(HEAD)
    held = by_content(head)
    if held is None:
        known = next((reader for reader, fits in SIGNATURES.items() if fits(head)), None)
        held = None if known else by_suffix(source.path)
        if held is None:
            return known or "yaml"
    raise source.refuse(held)
