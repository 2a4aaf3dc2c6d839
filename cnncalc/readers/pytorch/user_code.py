"""Where in the user's own code something happens or fails: the last line outside PyTorch."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

from ..builder import printable

LONGEST_CODE = 100
FRAME = re.compile(r'File "([^"\n]+)", line (\d+), in ([^\n]+)\n\s*([^\n]*)')
# What PyTorch computes with, which its own frames lead to.
LIBRARIES = frozenset(("torch", "sympy", "mpmath", __name__.partition(".")[0]))


def user_line(stack: str | None) -> str:
    """The last line outside PyTorch of a stack as Python prints it; empty where there is none."""
    import torch

    library = os.path.join(os.path.dirname(torch.__file__), "")
    frames = [found.groups() for found in FRAME.finditer(stack or "")]
    outside = [frame for frame in frames if not frame[0].startswith(library)]
    return _line(*outside[-1]) if outside else ""


def failing_line(error: BaseException | None) -> str:
    """The last line outside PyTorch on the way to an error; empty where there is none."""
    import linecache

    while error is not None:
        outside = [one for one in _frames(error) if _is_users(one[0])]
        if outside:
            frame, line = outside[-1]
            path, function = frame.f_code.co_filename, frame.f_code.co_name
            return _line(path, line, function, linecache.getline(path, line))
        error = error.__cause__ or error.__context__
    return ""


def failing_module(error: BaseException, module: Any) -> str:
    """The path of the innermost part of a module that was called when an error came up."""
    paths = {id(part): path for path, part in module.named_modules()}
    owners = [id(frame.f_locals.get("self")) for frame, _ in _frames(error)]
    return next((paths[owner] for owner in reversed(owners) if owner in paths), "")


def one_line(error: BaseException) -> str:
    """What an exception says, on one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = " ".join(lines[:1]) or type(error).__name__
    return f"{type(error).__name__}: {printable(text).rstrip('.')}"


def _frames(error: BaseException) -> Iterator[tuple[FrameType, int]]:
    """The frames that an error passed through and their lines, the outermost first."""
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next


def _is_users(frame: FrameType) -> bool:
    package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    return bool(package) and package not in LIBRARIES | sys.stdlib_module_names


def _line(path: str, line: int | str, function: str, code: str) -> str:
    """A line of code with its place, on one line: `net.py:12: in forward: if x.sum() > 0`."""
    path = path.removeprefix(os.path.join(os.getcwd(), ""))
    code = " ".join(code.split()).removesuffix(":")[:LONGEST_CODE]
    return f"{printable(path)}:{line}: in {function}" + (f": {printable(code)}" if code else "")
