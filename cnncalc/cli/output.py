"""Where output goes: standard output, or a file that is written whole or not at all."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

import click

from ..errors import CnncalcError, UsageError
from ..record import Record
from ..text.answer import Answer, pieces
from ..text.terminal import Terminal

NOT_ASCII = re.compile(r"[^\x00-\x7f]")
STANDARD_OUTPUT = (None, "-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".json": "json",
    ".md": "markdown",
    ".svg": "svg",
    ".html": "html",
    ".tex": "latex",
}
# What only a file's suffix asks for.
PICTURES = ("svg", "html")


def form_of_file(path: str | None, forms: Sequence[str]) -> str:
    """The form that a file's suffix stands for, the first of a command's forms for any other."""
    suffix = os.path.splitext(path or "")[1].lower()
    form = SUFFIXES.get(suffix, forms[0])
    return form if form in forms or form in PICTURES else forms[0]


class Output(Record):
    """Where a command's output goes, and in which format."""

    form: str
    path: str | None
    exact: bool = False
    wide: bool = False

    def write(self, answer: Answer) -> None:
        """Write an answer; CSV, TSV and JSON as they are, whatever standard output's encoding."""
        encoding = _narrow_encoding() if self.path in STANDARD_OUTPUT else None
        if encoding is not None and self.form == "table":
            from ..text.spelling import plain_answer

            answer = plain_answer(answer, encoding)
        terminal = None if self.path else terminal_of(sys.stdout, self.exact, self.wide)
        content: Iterable[str] = pieces(answer, self.form, terminal)
        if encoding is not None and self.form == "json":
            content = (NOT_ASCII.sub(_json_escape, piece) for piece in content)
        if encoding is not None and self.form in ("csv", "tsv"):
            content = [*content]
            _require_encodable("".join(content), encoding)
        write(content, self.path)


def terminal_of(stream: TextIO, exact: bool = False, wide: bool = False) -> Terminal | None:
    """The terminal that a stream is, or that FORCE_COLOR takes it for; None where it is none.

    NO_COLOR leaves bold and dim, TERM=dumb nothing.
    """
    is_terminal, forced = stream.isatty(), bool(os.environ.get("FORCE_COLOR"))
    if not (is_terminal or forced):
        return None
    from shutil import get_terminal_size

    columns, lines = get_terminal_size()
    styled = forced or os.environ.get("TERM") not in ("dumb", "unknown")
    colours = _colours() if styled and not os.environ.get("NO_COLOR") else 0
    return Terminal(columns, lines if is_terminal else None, colours, styled, exact, wide)


def _colours() -> int:
    """How many colours the terminal says that it has."""
    if os.environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return 1 << 24
    return 256 if "256color" in os.environ.get("TERM", "") else 16


def _narrow_encoding() -> str | None:
    """Standard output's encoding where it does not have every sign."""
    encoding: str = getattr(sys.stdout, "encoding", None) or "utf-8"
    return None if encoding.lower().startswith("utf") else encoding


def _json_escape(sign: re.Match[str]) -> str:
    from json import dumps

    return dumps(sign[0])[1:-1]


def write(content: Iterable[str] | str | bytes, path: str | None) -> None:
    """Write to a file, or to standard output where the path is None or names it.

    Bytes, which are no text, are not written to a terminal: that raises UsageError.
    """
    if isinstance(content, str):
        content = [content]
    if path not in STANDARD_OUTPUT:
        parts = [content] if isinstance(content, bytes) else (part.encode() for part in content)
        write_file(parts, str(path))
    elif isinstance(content, bytes):
        _write_stdout_bytes(content)
    else:
        _write_stdout(content)


def _require_encodable(text: str, encoding: str) -> None:
    try:
        text.encode(encoding)
    except UnicodeEncodeError as error:
        raise CnncalcError(
            f"standard output is {encoding}, which has no {text[error.start]!a}; write into "
            "a file with -o, which is UTF-8, or set PYTHONIOENCODING=utf-8"
        ) from None


def _write_stdout(parts: Iterable[str]) -> None:
    if hasattr(sys.stdout, "reconfigure"):
        # Lines end as the formats say.
        sys.stdout.reconfigure(newline="\n")
    try:
        sys.stdout.writelines(parts)
        sys.stdout.flush()
    except BrokenPipeError:
        # Who reads has enough: nothing is wrong, and there is nothing more to say.
        raise click.exceptions.Exit(0) from None


def _write_stdout_bytes(content: bytes) -> None:
    if sys.stdout.isatty():
        raise UsageError("what is written is no text; name a file with -o, or write into a pipe")
    try:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise click.exceptions.Exit(0) from None


def write_file(parts: Iterable[bytes], path: str) -> None:
    """Replace a regular file whole; what is no regular file is written to."""
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "wb") as stream:
                stream.writelines(parts)
        else:
            _replace(parts, os.path.realpath(path))
    except OSError as error:
        raise CnncalcError(f"cannot write {path!r}: {error.strerror}") from None


def _replace(parts: Iterable[bytes], target: str) -> None:
    import tempfile

    folder = os.path.dirname(target)
    handle, temporary = tempfile.mkstemp(prefix=".cnncalc-", dir=folder)
    try:
        with open(handle, "wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _mode(target))
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def _mode(target: str) -> int:
    """The permissions of the file that is replaced, or those of any new file."""
    if os.path.exists(target):
        return os.stat(target).st_mode & 0o7777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def warn(warnings: Sequence[str]) -> None:
    """An analysis' warnings, on standard error."""
    for warning in warnings:
        _say("warning", "doubtful", warning)


def tell(note: str | None) -> None:
    """What may be meant otherwise, on standard error; nothing where there is nothing to tell."""
    if note is not None:
        _say("note", "field", note)


def _say(word: str, style: str, text: str) -> None:
    terminal = terminal_of(sys.stderr)
    line = f"{word}: {text}"
    if terminal is not None:
        from ..text.table import terminal_text

        line = terminal_text([[(f"{word}: ", style), (text, "")]], terminal)[:-1]
    click.echo(line, err=True, color=True)


def complain(error: CnncalcError) -> None:
    """An error's line; on a terminal in colour, with the definition's line that it is about."""
    terminal = terminal_of(sys.stderr)
    if terminal is None:
        say_wrong(str(error))
        return
    from ..text.problem import problem_text

    say_wrong(problem_text(error, terminal))


def say_wrong(message: str) -> None:
    """One line on standard error, after what standard output has so far."""
    try:
        sys.stdout.flush()
    except OSError:
        silence_output()
    click.echo(message, err=True, color=True)


def silence_output() -> None:
    """Let nothing more reach a standard output that is closed or full, also not at exit."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
