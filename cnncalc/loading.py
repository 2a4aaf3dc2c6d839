"""From a name, a path or a text to a network: which reader reads what."""

from __future__ import annotations

import os
from typing import Any

from . import zoo
from .definition import Definition
from .errors import DefinitionError
from .network import Network, build

LARGEST_FILE = 50_000_000


def load(name_or_path: str | os.PathLike[str], **arguments: Any) -> Network:
    """The network of a built-in name or of a definition file.

    Keyword arguments override the definition's `args`. Raises UsageError where there is no such
    network or file, DefinitionError or NetworkError where the file is wrong.
    """
    return build(definition(os.fspath(name_or_path)), _exact(arguments))


def loads(text: str, **arguments: Any) -> Network:
    """The network of a YAML text. Includes are looked for below the working directory."""
    from .readers.yaml import read_text

    return build(read_text(text, "<text>"), _exact(arguments))


def _exact(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments with floats and decimals as the exact fractions that they are written as."""
    from fractions import Fraction

    return {
        name: value if isinstance(value, (int, str)) else Fraction(str(value))
        for name, value in arguments.items()
    }


def definition(name_or_path: str) -> Definition:
    """The definition of a built-in name or a file."""
    built_in = zoo.path(name_or_path)
    if built_in is not None:
        return read_file(built_in)
    if not os.path.exists(name_or_path):
        raise zoo.unknown(name_or_path)
    return read_file(name_or_path)


def read_file(path: str) -> Definition:
    """The definition of a file; raises DefinitionError where it cannot be read."""
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise DefinitionError(f"cannot be read: {error.strerror}", path=path) from None
    return read_content(content, path, os.path.dirname(path))


def read_content(content: bytes, path: str, folder: str = "") -> Definition:
    """The definition of a file's content; `path` is how messages call it."""
    from .readers.yaml import decode, read_text

    if len(content) > LARGEST_FILE:
        raise DefinitionError("is larger than 50 MB, which no definition is", path=path)
    return read_text(decode(content, path), path, folder)
