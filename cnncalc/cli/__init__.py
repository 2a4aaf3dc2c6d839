"""The command line: a thin coat over the library."""

from __future__ import annotations

import gc
import os
import sys


def main(arguments: list[str] | None = None) -> None:
    """Run `cnncalc` with the arguments, those of the process by default, and exit."""
    sys.exit(_run(arguments))


def process() -> None:
    """Run `cnncalc` as a process of its own, which ends as soon as its output is written.

    Freeing every object and module one by one would take a tenth of a short command's time.
    """
    status = _run(None)
    sys.stderr.flush()
    os._exit(status)


def _run(arguments: list[str] | None) -> int:
    # A command is over before collecting garbage gains anything, and imports are faster without.
    gc.disable()
    from .application import run

    return run(arguments)
