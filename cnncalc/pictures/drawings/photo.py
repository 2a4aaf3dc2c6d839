"""A picture of the user's own, as it is written into a drawing."""

from __future__ import annotations

import os
from os import PathLike

from ...errors import UsageError
from ...wording import quote, size_text

LARGEST = 16 << 20
# What a file of each type begins with.
TYPES = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpeg",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
}


def photo_link(path: str | PathLike[str]) -> str:
    """A PNG, JPEG, GIF or WebP file as a link that holds it whole.

    Raises UsageError where there is none, where it is no such picture, or too large.
    """
    try:
        size = os.path.getsize(os.fspath(path))  # a number would be an open file's
        if size > LARGEST:
            most = size_text(LARGEST)
            raise UsageError(f"picture {quote(path)} is over {most}; make it smaller first")
        with open(path, "rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError, TypeError) as error:
        reason = getattr(error, "strerror", None) or "it is no file's name"
        raise UsageError(f"cannot read the picture {quote(path)}: {reason}") from None
    from base64 import b64encode

    return f"data:image/{_type(content, path)};base64,{b64encode(content).decode()}"


def _type(content: bytes, path: object) -> str:
    for start, name in TYPES.items():
        if content.startswith(start):
            return name
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    raise UsageError(f"{quote(path)} is no picture that a drawing can hold: PNG, JPEG, GIF or WebP")
