"""What the linter writes into a definition's file, or shows as a difference."""

from __future__ import annotations

import os
from collections.abc import Iterable

from .. import zoo
from ..network.build import build
from ..network.network import Network
from ..readers import read
from ..readers.source import BYTE_ORDER_MARK, Source
from ..studies.lint import Finding
from ..studies.lint.fixes import Fixed, fixed_text
from .asked import Asked
from .output import tell, write_file


def fix(asked: Asked, network: Network, findings: Iterable[Finding]) -> bool:
    """Write what is certain into the network's file; whether anything was."""
    path, fixed, mark = _fixes(asked, network, findings)
    if fixed is None or not fixed.fixed:
        return False
    write_file([mark, fixed.text.encode()], path)
    tell(f"fixed {fixed.fixed:,} in {path}")
    return True


def difference(asked: Asked, network: Network, findings: Iterable[Finding]) -> str:
    """The unified difference that fixing would make in the network's file; empty without any."""
    from difflib import unified_diff
    from io import StringIO

    path, fixed, _ = _fixes(asked, network, findings)
    if fixed is None or not fixed.fixed:
        return ""
    # Lines end at line feeds alone.
    old, new = [*StringIO(network.definition.text)], [*StringIO(fixed.text)]
    lines = unified_diff(old, new, path, path)
    missing = "\n\\ No newline at end of file\n"
    return "".join(line if line.endswith("\n") else line + missing for line in lines)


def _fixes(
    asked: Asked, network: Network, findings: Iterable[Finding]
) -> tuple[str, Fixed | None, bytes]:
    """The file's path, its text put right, and its byte order mark; a note of what is left."""
    path, given = network.definition.file.path, [*findings]
    content = _own_content(asked, network)
    if isinstance(content, str):
        if any(finding.code == "CNN401" for finding in given):
            tell(f"{zoo.short(path)}: nothing is fixed: {content}")
        return path, None, b""
    mark = BYTE_ORDER_MARK if content.startswith(BYTE_ORDER_MARK) else b""
    fixed = fixed_text(network, given, network.definition.text or "")
    if fixed.left:
        entries = "1 entry is" if fixed.left == 1 else f"{fixed.left:,} entries are"
        tell(f"{path}: {entries} left alone: not certain, or in another file")
    if fixed.fixed:
        # What would not load raises here, before anything is written.
        build(read(Source(path, os.path.dirname(path), fixed.text.encode()), "yaml"))
    return path, fixed, mark


def _own_content(asked: Asked, network: Network) -> bytes | str:
    """The bytes of the user's YAML file, or why there is none to write into."""
    definition = network.definition
    path = definition.file.path
    if zoo.short(path) != path:
        return "it is built in"
    if asked.arguments:
        return "with --set, another network than the file's own is looked at"
    if definition.text is not None and os.path.isfile(path):
        with open(path, "rb") as file:
            content = file.read()
        if content.removeprefix(BYTE_ORDER_MARK) == definition.text.encode():
            return content
    return "only YAML files are written into"
