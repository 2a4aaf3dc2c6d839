"""The examples of the README and of the manual's pages, and what they print.

    python tests/support/examples.py            name the pages whose examples print otherwise
    python tests/support/examples.py --write    put what is printed into the pages, and make
                                                their lists of layer types and networks

A ```yaml, ```prototxt, ```ini or ```python block is a file, named by the comment in its first
line. A ```console block shows commands after `$ ` (and `> ` where one goes on), each with all that
it prints; they run in bash, in a folder with that page's files. A ```pycon block is a doctest. A
block of any language below `<!-- made by COMMAND -->` is what that prints. A block below
`<!-- needs torch -->` is skipped where that package is not installed. The command under test is
this checkout's, or the one in the folder CNNCALC_BIN.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent.parent
MANUAL = ROOT / "cnncalc" / "manual"
PAGES = {"README": ROOT / "README.md"} | {path.stem: path for path in sorted(MANUAL.glob("*.md"))}
FILES = ("yaml", "prototxt", "ini", "python")
BLOCK = re.compile(
    r"^(?:<!-- (?P<what>needs|made by) (?P<of>.+?) -->\n)?"
    r"```(?P<language>\w+)\n(?P<content>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


class Command(NamedTuple):
    """A command of a page, as it is typed, with what it prints and the package that it needs."""

    typed: str
    script: str
    output: str
    needs: str


def text_of(page):
    return PAGES[page].read_text(encoding="utf-8")


def prose_of(text):
    """The text without its blocks."""
    return BLOCK.sub("", text)


def blocks(text, *languages):
    """Contents of the blocks of some languages."""
    return [one["content"] for one in BLOCK.finditer(text) if one["language"] in languages]


def dialogues(text):
    """(package needed or "", content) of the Python dialogues."""
    found = [one for one in BLOCK.finditer(text) if one["language"] == "pycon"]
    return [(one["of"] or "", one["content"]) for one in found]


def files(text):
    """(name, content) of the files that a page shows."""
    return [(one.splitlines()[0].removeprefix("# "), one) for one in blocks(text, *FILES)]


def _commands(block):
    """The commands of a console block; of a block that is made, the one that makes it."""
    if block["what"] == "made by":
        return [Command("", block["of"], block["content"], "")]
    if block["language"] != "console":
        return []
    found = []
    for part in re.split(r"^\$ ", block["content"], flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        more = 1
        while more < len(lines) and lines[more].startswith("> "):
            more += 1
        script = "\n".join([lines[0], *(line[2:] for line in lines[1:more])])
        typed = "".join(f"{line}\n" for line in ["$ " + lines[0], *lines[1:more]])
        output = "".join(f"{line}\n" for line in lines[more:])
        found.append(Command(typed, script, output, block["of"] or ""))
    return found


def commands(text):
    """The commands of a page, in order."""
    return [command for block in BLOCK.finditer(text) for command in _commands(block)]


def fill(folder, text):
    """Write a page's files into a folder."""
    for name, content in files(text):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")


def environment(folder):
    """Environment variables with the command under test first in the PATH; a folder for it."""
    found = os.environ.get("CNNCALC_BIN")
    if found is None:
        found = folder
        script = folder / "cnncalc"
        script.write_text(
            f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m cnncalc "$@"\n'
        )
        script.chmod(0o755)
    path = f"{found}{os.pathsep}{os.environ['PATH']}"
    kept = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "NO_COLOR")}
    return {**kept, "PATH": path, "LC_ALL": "C", "PYTHONUTF8": "1", "COLUMNS": "80"}


def printed(script, folder, variables):
    """Everything that a script prints."""
    return subprocess.run(
        [shutil.which("bash"), "-c", script],
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    ).stdout


@cache
def has(package):
    """Whether the Python of the command under test has a package."""
    bin_folder = os.environ.get("CNNCALC_BIN")
    python = sys.executable if bin_folder is None else str(Path(bin_folder) / "python")
    found = f"import importlib.util as u, sys; sys.exit(u.find_spec({package!r}) is None)"
    return subprocess.run([python, "-c", found], check=False).returncode == 0


def with_outputs(text, folder, variables):
    """The page with what its commands print now."""

    def anew(block):
        shown = []
        for command in _commands(block):
            if command.needs and not has(command.needs):
                return block[0]
            output = printed(command.script, folder, variables).rstrip("\n")
            gap = "\n" * (len(command.output) - len(command.output.rstrip("\n")) or 1)
            shown.append(command.typed + (output + gap if output else ""))
        if not shown:
            return block[0]
        start, end = block.span("content")
        return block[0][: start - block.start()] + "".join(shown) + block[0][end - block.start() :]

    return BLOCK.sub(anew, text)


def main(write):
    """Compare all pages, or write those that differ; the exit status."""
    from made_pages import made

    differ = []
    for page, path in PAGES.items():
        text = text_of(page)
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as bin_folder:
            fill(Path(folder), text)
            anew = made(page, with_outputs(text, folder, environment(Path(bin_folder))))
        if anew != text:
            differ.append(page)
            if write:
                path.write_text(anew, encoding="utf-8")
    for page in differ:
        print(f"{PAGES[page].relative_to(ROOT)} {'is written anew' if write else 'differs'}")
    return 0 if write or not differ else 1


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main("--write" in sys.argv[1:]))
