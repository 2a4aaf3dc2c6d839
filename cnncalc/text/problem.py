"""An error as a terminal shows it: its line, and that of the definition with a caret."""

from __future__ import annotations

from ..errors import CnncalcError
from .excerpt import excerpt, words_meant
from .sheet import Line
from .table import terminal_text
from .terminal import Terminal


def problem_text(error: CnncalcError, terminal: Terminal) -> str:
    """The error's words, then where they point; no newline at the end."""
    line: Line = [("error: ", "bad"), (str(error), "")]
    if error.path is not None:
        place, message = error.place, str(error).removeprefix(error.place)
        line = [(place, "title"), (" error: ", "bad"), (message.strip(), "")]
    words = words_meant(error.message, error.layer)
    return terminal_text([line, *excerpt(error.path, error.line, words, terminal.width)], terminal)[
        :-1
    ]
