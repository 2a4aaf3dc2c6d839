"""From a name, a path or a text to a network: which reader reads what."""

from __future__ import annotations

import os
from typing import Any

from . import zoo
from .definition.definition import Definition
from .errors import UsageError
from .network.build import build
from .network.network import Network
from .readers import read, spec
from .readers.source import REFUSE, Source
from .wording import quote


def load(name_or_path: str | os.PathLike[str], **arguments: Any) -> Network:
    """The network of a built-in name or of a definition file.

    Keyword arguments override the definition's `args`. Raises UsageError where there is no such
    network or file, DefinitionError or NetworkError where the file is wrong.
    """
    return build(definition(os.fspath(name_or_path)), _exact(arguments))


def loads(text: str, **arguments: Any) -> Network:
    """The network of a YAML text. Includes are looked for below the working directory."""
    content = text.encode(errors="surrogatepass")
    return build(read_content(content, "<text>", "yaml"), _exact(arguments))


def _exact(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments with floats and decimals as the exact fractions that they are written as."""
    return {name: _exact_number(name, value) for name, value in arguments.items()}


def _exact_number(name: str, value: Any) -> Any:
    if isinstance(value, (int, str)):
        return value
    from fractions import Fraction

    try:
        return Fraction(str(value))
    except ValueError:
        message = f"argument {name} must be a number, a text or a boolean, not {quote(value)}"
        raise UsageError(message) from None


def definition(
    name_or_path: str,
    reader: str | None = None,
    unknown: str = REFUSE,
    input: str | None = None,
) -> Definition:
    """The definition of a built-in name or a file; `reader` names its format outright."""
    built_in = zoo.path(name_or_path) if reader is None else None
    path = built_in or name_or_path
    if not os.path.exists(path) and reader != "torch":
        raise zoo.unknown(name_or_path)
    return read(Source(path, os.path.dirname(path), None, unknown, input), reader)


def read_content(
    content: bytes,
    path: str,
    reader: str | None = None,
    unknown: str = REFUSE,
    input: str | None = None,
) -> Definition:
    """The definition of content that comes from no file; `path` is how messages call it."""
    return read(Source(path, "", content, unknown, input), reader)


def from_spec(text: str) -> Network:
    """The network of a chain of windows; its channels and input size are unknown.

    >>> from cnncalc import analyze
    >>> report = analyze(from_spec("11,4 3,2 5,1,2"), input=227)
    >>> report["layer3"].out_shape, report["layer3"].rf
    ((None, 27, 27), (51, 51))
    """
    return build(spec.definition(text))
