"""The manual: its pages, Markdown files of the package, and the sections in them.

A page is called as its file. Its first line is `# topic: what it is about`. Comments are for the
tests and are left out.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from ..errors import UsageError
from ..wording import did_you_mean, quote

SUFFIX = ".md"
FENCE = "```"
WORD = re.compile(r"[\w-]+")
COMMENT = re.compile(r"^<!-- .*? -->\n", re.MULTILINE)


def folder() -> str:
    """The folder of the pages."""
    return os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "manual")


def topics() -> dict[str, str]:
    """What every page is about, by topic in the order of the alphabet."""
    names = sorted(name for name in os.listdir(folder()) if name.endswith(SUFFIX))
    pages = [name.removesuffix(SUFFIX) for name in names]
    return {topic: page(topic).partition("\n")[0].partition(": ")[2] for topic in pages}


def page(topic: str) -> str:
    """A page as Markdown."""
    with open(os.path.join(folder(), topic + SUFFIX), encoding="utf-8") as file:
        return COMMENT.sub("", file.read())


def section(topic: str, word: str) -> str:
    """The section whose heading is or has the word, else the one with a list's entry called so.

    Case does not matter. Raises UsageError where there is none.
    """
    found = find_section(topic, word)
    if found is None:
        words = [one for heading, _ in sections(page(topic)) for one in WORD.findall(heading)]
        hint = did_you_mean(word, words, f"`cnncalc help {topic}` shows the whole page")
        raise UsageError(f"page {topic!r} has no section {quote(word)}; {hint}")
    return found


def find_section(topic: str, word: str) -> str | None:
    """The section that `section` gives, None where there is none."""
    wanted = word.lower()
    within = [*sections(page(topic))][1:]
    named = [text for heading, text in within if heading == word]
    named += [text for heading, text in within if wanted in map(str.lower, WORD.findall(heading))]
    if named:
        return named[0]
    entry = re.compile(rf"^- (`[^`]+`, )*`{re.escape(wanted)}[` ]", re.MULTILINE | re.IGNORECASE)
    return next((text for _, text in reversed(within) if entry.search(text)), None)


def sections(text: str) -> Iterator[tuple[str, str]]:
    """(heading, section down to the next heading of its level or a higher one), in order."""
    lines = text.splitlines(keepends=True)
    fenced, headings = False, []
    for number, line in enumerate(lines):
        fenced ^= line.startswith(FENCE)
        if line.startswith("#") and not fenced:
            marks, _, heading = line.partition(" ")
            headings.append((number, len(marks), heading.strip()))
    for place, (start, level, heading) in enumerate(headings):
        ends = (number for number, other, _ in headings[place + 1 :] if other <= level)
        yield heading, "".join(lines[start : next(ends, len(lines))]).rstrip() + "\n"
