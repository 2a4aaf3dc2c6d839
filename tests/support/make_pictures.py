"""Draws commands as a terminal shows them, as SVG.

    python tests/support/make_pictures.py                  tests/data/resnet50.svg, the README's
    python tests/support/make_pictures.py FOLDER [WIDTH…]  to look at: several, dark and light

Runs this environment's `cnncalc`, or the one in the folder CNNCALC_BIN, in a pseudo-terminal of
each width (80 and 120 where none is given).
"""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import sysconfig
import termios
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME, SVG_EXPORT_THEME
from rich.text import Text

README = "summary resnet50 --depth 2"
README_WIDTH = 80
PICTURE = Path(__file__).parent.parent / "data" / "resnet50.svg"
COMMANDS = (
    README,
    "summary resnet50",
    "rf vgg16",
    "shape resnet18 --depth 1",
    "flops mobilenet_v2 --top 12 --sort macs",
    "lint deeplab_v2",
    "check mobilenet_v2 --max-params 5M --max-macs 300M --min-rf 224",
    "list",
)
THEMES = {"dark": SVG_EXPORT_THEME, "light": DEFAULT_TERMINAL_THEME}
SCRIPTS = Path(os.environ.get("CNNCALC_BIN") or sysconfig.get_path("scripts"))
WEB_FONT = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)


def shown(command, width, height=1000, **environment):
    """What a terminal is sent by a command, and the command's exit status."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
    settings = {"TERM": "xterm-256color", "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    process = subprocess.Popen(
        [SCRIPTS / "cnncalc", *command.split()],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env=settings | environment,
    )
    os.close(theirs)
    sent = b""
    while True:
        try:
            piece = os.read(ours, 1 << 16)
        except OSError:
            break
        if not piece:
            break
        sent += piece
    os.close(ours)
    return sent.decode().replace("\r\n", "\n"), process.wait()


def picture(command, width, theme):
    """A command's output as SVG; fonts are the reader's own, nothing is fetched."""
    console = Console(
        record=True, file=StringIO(), width=width, force_terminal=True, color_system="truecolor"
    )
    console.print(f"$ cnncalc {command}", style="bold", highlight=False)
    console.print(Text.from_ansi(shown(command, width)[0]), soft_wrap=True)
    exported = console.export_svg(title="cnncalc", theme=THEMES[theme], font_aspect_ratio=0.6)
    return WEB_FONT.sub("", exported).replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")


def main(folder, widths):
    """Write a picture of every command at every width in both themes."""
    folder.mkdir(parents=True, exist_ok=True)
    for command in COMMANDS:
        for width in widths:
            for theme in THEMES:
                name = re.sub(r"[^a-z0-9]+", "-", command)
                path = folder / f"{name}-{width}-{theme}.svg"
                path.write_text(picture(command, width, theme), encoding="utf-8")
                print(path)


if __name__ == "__main__" and not sys.argv[1:]:
    PICTURE.write_text(picture(README, README_WIDTH, "dark"), encoding="utf-8")
elif __name__ == "__main__":
    main(Path(sys.argv[1]), [int(width) for width in sys.argv[2:]] or [80, 120])
