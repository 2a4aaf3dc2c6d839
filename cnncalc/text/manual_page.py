"""Pages of the manual for the terminal, drawn by rich."""

from __future__ import annotations

import re
from io import StringIO

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown
from rich.padding import Padding
from rich.style import Style
from rich.text import Text
from rich.theme import Theme

WIDEST = 100  # longer lines are hard to read
INDENT = 2
PROMPTS = ("$ ", "> ", ">>> ", "... ")
# Links to other pages are written as the command that shows them, which a terminal cannot follow.
PAGE_LINK = re.compile(r"\[([^\]]+)\]\([\w./]+\.md(?:#[\w-]*)?\)")
# A terminal shows no pictures; the prose beside them names the command that draws them.
PICTURE = re.compile(r"^!\[[^\]]*\]\([^)]*\)\n+", re.MULTILINE)
BLANKS = re.compile(" +$", re.MULTILINE)
STYLES = Theme(
    {
        "markdown.h1": "bold",
        "markdown.h2": "bold color(33)",
        "markdown.h3": "bold color(33)",
        "markdown.code": "color(30)",
        "markdown.link": "underline",
        "markdown.link_url": "underline",
        "markdown.item.bullet": "dim",
    }
)


class PageHeading(Heading):
    """A heading at the left edge, as manuals have it."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.text.justify = "left"
        yield self.text


class Listing(CodeBlock):
    """A file or a dialogue, indented: what is typed stands out from what is printed."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = str(self.text).rstrip().split("\n")
        styled = [Text(line, _style(line, self.lexer_name), overflow="fold") for line in lines]
        yield Padding(Text("\n", overflow="fold").join(styled), (0, 0, 0, INDENT))


def _style(line: str, language: str) -> str | Style:
    if language in ("console", "pycon"):
        return "bold" if line.startswith(PROMPTS) else ""
    return "dim" if line.startswith("# ") else ""


class Page(Markdown):
    """Markdown with these headings and listings."""

    elements = {**Markdown.elements, "heading_open": PageHeading, "fence": Listing}


def draw_page(text: str, width: int) -> str:
    """Markdown for a terminal of a width."""
    file = StringIO()
    console = Console(file=file, force_terminal=True, width=min(width, WIDEST), theme=STYLES)
    words = PICTURE.sub("", PAGE_LINK.sub(r"\1", text))
    console.print(Page(words, hyperlinks=False))
    return BLANKS.sub("", file.getvalue())
