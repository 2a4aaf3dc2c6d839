"""Where text goes: standard output, or a file that is written whole or not at all."""

from __future__ import annotations

import sys

import click

STANDARD_OUTPUT = (None, "-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")


def write(text: str, path: str | None) -> None:
    """Write to a file, or to standard output where the path is None or names it."""
    if path in STANDARD_OUTPUT:
        _write_stdout(text)
    else:
        write_file(text, str(path))


def _write_stdout(text: str) -> None:
    if hasattr(sys.stdout, "reconfigure"):
        # Lines end as the formats say.
        sys.stdout.reconfigure(newline="\n")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # Who reads has enough: nothing is wrong, and there is nothing more to say.
        raise click.exceptions.Exit(0) from None


def write_file(text: str, path: str) -> None:
    """Replace a regular file whole; what is no regular file is written to."""
    import os

    from ..errors import CnncalcError

    try:
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
        else:
            _replace(text, os.path.realpath(path))
    except OSError as error:
        raise CnncalcError(f"cannot write {path!r}: {error.strerror}") from None


def _replace(text: str, target: str) -> None:
    import os
    import tempfile

    folder = os.path.dirname(target)
    handle, temporary = tempfile.mkstemp(prefix=".cnncalc-", dir=folder)
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _mode(target))
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def _mode(target: str) -> int:
    """The permissions of the file that is replaced, or those of any new file."""
    import os

    if os.path.exists(target):
        return os.stat(target).st_mode & 0o7777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def terminal_width() -> int | None:
    """Columns of the terminal that standard output is, None where it is none."""
    if not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns
