"""Draws the pictures of the manual's pages, each by the command that stands above it.

    python tests/support/make_drawings.py       writes them anew beside the pages

In a page: `<!-- drawn by COMMAND -->`, and in the next line ![what it shows](file.svg).
"""

import contextlib
import io
import re
import shlex
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from examples import MANUAL, PAGES, ROOT, fill, text_of

PICTURE = re.compile(
    r"^<!-- drawn by cnncalc (.+) -->\n!\[[^\]]*\]\(([\w-]+\.svg)\)$", re.MULTILINE
)


class Drawing(NamedTuple):
    """A picture of a page and the command that draws it."""

    page: str
    command: str
    path: Path


def drawings():
    """The pictures of all pages."""
    return [
        Drawing(page, command, MANUAL / name)
        for page in PAGES
        for command, name in PICTURE.findall(text_of(page))
    ]


def drawn(drawing):
    """What the command draws, with the page's files beside it."""
    from cnncalc.cli.application import run

    output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), text_of(drawing.page))
        with contextlib.chdir(folder), contextlib.redirect_stdout(output):
            assert run(shlex.split(drawing.command)) == 0, drawing.command
    output.flush()
    return output.buffer.getvalue().decode("utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    for each in drawings():
        each.path.write_text(drawn(each), encoding="utf-8")
