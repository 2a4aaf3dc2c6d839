"""Charts of networks for slides and papers, drawn with matplotlib."""

from __future__ import annotations

import os
from importlib.util import find_spec

from ...errors import UsageError
from ...wording import install_line, quote
from .charts import Chart

SUFFIXES = ("svg", "png", "pdf")
THEMES = ("light", "dark")


def require_matplotlib() -> None:
    """Raise UsageError where matplotlib is not installed."""
    if find_spec("matplotlib") is None:
        raise UsageError(f"plotting needs matplotlib; {install_line('plot')}")


def suffix_of(path: str) -> str:
    """The form of a file to be written; raises UsageError for one that no chart is drawn in."""
    suffix = os.path.splitext(path)[1][1:].lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"{quote(path)} is no picture's name; end it with .svg, .png or .pdf")
    return suffix


def picture(chart: Chart, suffix: str, theme: str = THEMES[0]) -> bytes:
    """A chart as a file's content: the same for the same chart."""
    require_matplotlib()
    from .drawing import drawn_bytes

    return drawn_bytes(chart, suffix, theme)
