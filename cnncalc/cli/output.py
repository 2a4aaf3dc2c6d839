"""Where text goes: standard output, or a file that is written whole or not at all."""

from __future__ import annotations

import sys


def write(text: str, path: str | None) -> None:
    """Write to a file, or to standard output where the path is None or `-`."""
    if path is None or path == "-":
        _write_stdout(text)
    else:
        write_file(text, path)


def _write_stdout(text: str) -> None:
    if hasattr(sys.stdout, "reconfigure"):
        # Lines end as the formats say, and a terminal that cannot show × still gets the figures.
        sys.stdout.reconfigure(newline="\n", errors="backslashreplace")
    sys.stdout.write(text)
    sys.stdout.flush()


def write_file(text: str, path: str) -> None:
    """Replace a regular file whole; what is no regular file is written to."""
    import os

    from ..errors import CnncalcError

    target = os.path.realpath(path)
    try:
        if os.path.exists(target) and not os.path.isfile(target):
            with open(target, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
        else:
            _replace(text, target)
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
