"""Files as they are at a git revision."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ..errors import UsageError
from ..network.network import Network
from ..wording import quote
from .asked import Asked

DEFINITIONS = (".yaml", ".yml")


def baseline_network(baseline: str, asked: Asked) -> Network:
    """The network to compare one with: a file or name, or REV:FILE, REV: for its own file."""
    revision, colon, path = baseline.partition(":")
    if not colon or os.path.exists(baseline):
        return asked.but(net=baseline, yaml_file=None, spec=None).network_on_input()
    with checked_out(revision, path or asked.title) as file:
        return asked.but(net=file, yaml_file=None, spec=None).network_on_input()


@contextmanager
def checked_out(revision: str, path: str) -> Iterator[str]:
    """The path of a copy of a file at a revision, with the definitions that lie below its folder.

    Raises UsageError where there is no such revision or file.
    """
    if revision.startswith("-"):
        raise UsageError(f"{quote(revision)} is no git revision")
    folder, name = os.path.split(path)
    listed = git("ls-tree", "-r", "--name-only", "-z", revision, "--", ".", at=folder)
    names = [one for one in listed.decode(errors="surrogateescape").split("\0") if one]
    if name not in names:
        raise UsageError(f"git revision {revision} has no file {quote(path)}")
    import tempfile

    with tempfile.TemporaryDirectory(prefix="cnncalc-") as copy:
        for one in names:
            if one == name or one.endswith((".yaml", ".yml")):
                target = os.path.join(copy, one)
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with open(target, "wb") as file:
                    file.write(git("show", f"{revision}:./{one}", at=folder))
        yield os.path.join(copy, name)


def both_states(
    revisions: str, paths: Sequence[str], suffixes: tuple[str, ...]
) -> Iterator[tuple[str, str | None, str | None]]:
    """Files of some suffixes that differ between two revisions, A..B, or one and now.

    Each with the paths of its old and its new state, None where there is none.
    """
    old, dots, new = revisions.partition("..")
    if not old or old.startswith("-") or new.startswith("-") or (dots and not new):
        raise UsageError(f"{quote(revisions)} is neither a git revision nor two, as in main..HEAD")
    between = [old, new] if new else [old]
    listing = ("diff", "--no-renames", "--name-only", "-z", "--relative", *between, "--")
    changed = _paths(*listing, *paths)
    if any(path.lower().endswith(DEFINITIONS) for path in _paths(*listing)):
        # A change of blocks is one of the networks that include them.
        changed = sorted({*changed, *_including(new or None, paths)})
    for path in changed:
        if path.lower().endswith(suffixes):
            with _state(old, path) as before, _state(new, path) as behind:
                yield path, before, behind


def _paths(*words: str) -> list[str]:
    """The paths that git lists, with a null byte behind each."""
    return git(*words).decode(errors="surrogateescape").split("\0")[:-1]


def _including(revision: str | None, paths: Sequence[str]) -> list[str]:
    """Definitions that include others, at a revision or now."""
    at = [] if revision is None else [revision]
    pattern = ["grep", "-lz", "-E", "^include *:", *at, "--", *(paths or ["."])]
    try:
        found = _paths(*pattern)
    except UsageError:
        return []  # so git ends where there is none
    names = [path.removeprefix(f"{revision}:") for path in found]
    return [path for path in names if path.lower().endswith(DEFINITIONS)]


@contextmanager
def _state(revision: str, path: str) -> Iterator[str | None]:
    """The path of a file at a revision, at none of now; None where it does not exist there."""
    if not revision:
        yield path if os.path.exists(path) else None
        return
    if not git("ls-tree", "--name-only", "-z", revision, "--", path):
        yield None
        return
    with checked_out(revision, path) as copy:
        yield copy


def git(*words: str, at: str = "") -> bytes:
    """What git prints in a folder; raises UsageError with its complaint."""
    import subprocess

    try:
        done = subprocess.run(["git", *words], cwd=at or None, capture_output=True, check=False)
    except OSError as error:
        raise UsageError(f"git cannot be run: {error.strerror}") from None
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip().splitlines()
        raise UsageError(f"git: {told[0].removeprefix('fatal: ') if told else 'failed'}")
    return done.stdout
