"""Where the built-in networks are, and by what names people may ask for them."""

from __future__ import annotations

import os

from .errors import UsageError, nearest, quote

SUFFIX = ".yaml"


def folder() -> str:
    """The folder of the built-in networks: inside the installed package, or beside it."""
    package = os.path.dirname(os.path.abspath(__file__))
    inside = os.path.join(package, "nets")
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(package), "nets")


def names() -> list[str]:
    """The built-in networks' names, sorted."""
    return sorted(
        entry[: -len(SUFFIX)] for entry in os.listdir(folder()) if entry.endswith(SUFFIX)
    )


def plain(name: str) -> str:
    """A name without what does not matter in it: case, `-`, `_`, `.` and spaces; `+` is `plus`."""
    kept = name.lower().replace("+", "plus")
    return kept.translate({ord(sign): None for sign in "-_. "})


def path(name: str) -> str | None:
    """The file of a built-in network, None where there is none of that name."""
    wanted = plain(name)
    if not wanted.isalnum():
        return None
    for known in names():
        if plain(known) == wanted:
            return os.path.join(folder(), known + SUFFIX)
    return None


def unknown(name: str) -> UsageError:
    """The error for a name that is neither a built-in network nor a file."""
    known = names()
    by_plain = {plain(one): one for one in known}
    close = [by_plain[one] for one in nearest(plain(name), list(by_plain), most=3)]
    if not close:
        return UsageError(f"no network or file is named {quote(name)}; `cnncalc list` shows them")
    return UsageError(
        f"no network or file is named {quote(name)}; did you mean {' or '.join(close)}?"
    )
