"""Comments in definitions that let findings pass: `# cnncalc: ignore CNN103, gridding`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable

from ...definition.definition import Definition
from ...errors import DefinitionError, UsageError

COMMENT = re.compile(r"#\s*cnncalc:\s*ignore\b(.*)")
WORD = re.compile(r"[\w-]+")
LARGEST = 50_000_000

Codes = Callable[[Iterable[str]], Collection[str]]


class Ignored:
    """What the lines of a definition's files ask to let pass; `codes` gives rules' codes by words.

    A comment without words lets everything pass at its line.
    """

    def __init__(self, definition: Definition, codes: Codes) -> None:
        self.codes = codes
        self.texts = {definition.file.path: definition.text or ""}
        self.lines: dict[str, dict[int, Collection[str]]] = {}

    def lets_pass(self, code: str, path: str, line: int | None) -> bool:
        """Whether a rule's finding at a line is not told."""
        if line is None:
            return False
        if path not in self.lines:
            self.lines[path] = self._comments(path)
        return code in self.lines[path].get(line, ())

    def _comments(self, path: str) -> dict[int, Collection[str]]:
        lines: dict[int, Collection[str]] = {}
        for number, line in enumerate(self._text(path).split("\n"), start=1):
            if match := COMMENT.search(line):
                try:
                    lines[number] = self.codes(WORD.findall(match[1]))
                except UsageError as error:
                    raise DefinitionError(error.message, path=path, line=number) from None
        return lines

    def _text(self, path: str) -> str:
        if path not in self.texts:
            try:
                with open(path, encoding="utf-8", errors="replace") as file:
                    self.texts[path] = file.read(LARGEST)
            except OSError:
                self.texts[path] = ""
        return self.texts[path]
