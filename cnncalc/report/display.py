"""What a notebook shows of a result: the one place where a result knows how it is drawn."""

from __future__ import annotations

from importlib import import_module
from typing import Any

# Which function of the text room draws a result of a class.
RENDERERS = {"Report": ("..text.html", "report_html")}


def html(result: Any) -> str:
    """The result as HTML."""
    module, function = RENDERERS[type(result).__name__]
    return getattr(import_module(module, __package__), function)(result)  # type: ignore[no-any-return]
