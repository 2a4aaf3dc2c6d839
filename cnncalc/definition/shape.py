"""The input's shape: from a definition, and as `--input` changes it."""

from __future__ import annotations

from collections.abc import Sequence

from ..arithmetic import LIMIT, Shape
from ..errors import UsageError
from ..wording import list_hint, quote, shape_text, value_text

MOST_AXES = 3
IMAGE_CHANNELS = (1, 3)


class BadInput(UsageError):
    """A shape that no input can have; the text says what would be right."""


def input_shape(value: object) -> Shape:
    """The shape (channels, *axes) of a definition's `input`; unknown numbers are None.

    >>> input_shape([3, None, None]), input_shape("3x224x224")
    ((3, None, None), (3, 224, 224))
    """
    numbers = _numbers(value)
    if not 2 <= len(numbers) <= MOST_AXES + 1:
        raise BadInput(
            f"input {_text(value)} must be [channels, *axes] with one to three axes, "
            "as in [3, 224, 224]"
        )
    return numbers


def changed_shape(shape: Shape, asked: object) -> Shape:
    """The shape with the asked numbers in: all of them, the axes alone, or one for every axis.

    >>> changed_shape((3, None, None), 320), changed_shape((3, 224, 224), "1x64x48")
    ((3, 320, 320), (1, 64, 48))
    """
    numbers = _numbers([asked] if isinstance(asked, int) or asked is None else asked)
    axes = len(shape) - 1
    if len(numbers) == 1:
        return (shape[0], *numbers * axes)
    if len(numbers) == axes:
        return (shape[0], *numbers)
    if len(numbers) == axes + 1:
        return numbers
    raise BadInput(
        f"input {_text(asked)} does not fit a network of {axes} "
        f"{'axis' if axes == 1 else 'axes'}; give {axes + 1} numbers (channels and axes), "
        + (f"{axes} (axes) or 1 (every axis)" if axes > 1 else "or 1 (the axis)")
    )


def check_asked(text: str) -> None:
    """Raise BadInput for an `--input` that no network takes; whether one does shows in analysis."""
    numbers = text.lower().replace("×", "x").count("x") + 1
    changed_shape((None,) * max(2, min(MOST_AXES + 1, numbers)), text)


def shape_note(shape: Shape) -> str | None:
    """How a shape is read that is probably meant otherwise; None for another.

    >>> shape_note((224, 224, 3))
    'read as 224 channels of 224×3; for channels last write [3, 224, 224]'
    """
    channels, *sizes = shape
    if channels is None or None in sizes:
        return None
    if len(sizes) == MOST_AXES and sizes[0] in IMAGE_CHANNELS:
        hint = f"for a batch of images write {sizes} and use --batch"
    elif (
        len(sizes) == 2
        and sizes[1] in IMAGE_CHANNELS
        and min(channels, sizes[0] or 0) > max(IMAGE_CHANNELS)
    ):
        hint = f"for channels last write {[sizes[1], channels, sizes[0]]}"
    else:
        return None
    read = f"{channels} channel{'' if channels == 1 else 's'} of {shape_text(tuple(sizes))}"
    return f"read as {read}; {hint}"


def _numbers(value: object) -> Shape:
    if isinstance(value, str):
        return tuple(_number(part, value) for part in value.lower().replace("×", "x").split("x"))
    if not isinstance(value, Sequence) or isinstance(value, bytes):
        raise BadInput(f"input must be [channels, *axes], not {_text(value)}")
    return tuple(_possible(number, value) for number in value)


def _number(part: str, whole: str) -> int | None:
    part = part.strip()
    if part in ("?", "null"):
        return None
    if not (part.isascii() and part.isdecimal()) or len(part) > len(str(LIMIT)):
        example = list_hint(whole) or ", as in 3x224x224"
        raise BadInput(f"input {_text(whole)} must be whole numbers joined by x{example}")
    return _possible(int(part), whole)


def _possible(number: object, whole: object) -> int | None:
    if number is None:
        return None
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= LIMIT:
        raise BadInput(
            f"input {_text(whole)} must be whole numbers from 1 to 10^18, or null where unknown"
        )
    return number


def _text(value: object) -> str:
    if isinstance(value, str):
        return quote(value)
    return value_text(list(value) if isinstance(value, Sequence) else value)
