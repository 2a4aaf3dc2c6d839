"""The command line: a thin coat over the library."""

from __future__ import annotations

import gc
import os
import sys

from .status import INTERRUPTED


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
    _replace_closed_streams()
    try:
        from .application import run

        return run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED


def _replace_closed_streams() -> None:
    """Put something in the place of standard streams that the caller has closed."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: SIM115
    if sys.stdout is None:
        # Cannot be written to, so that output that gets lost is an error.
        sys.stdout = open(os.devnull)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
