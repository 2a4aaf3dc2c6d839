"""The input's shape: from a definition, and as `--input` changes it."""

from __future__ import annotations

from collections.abc import Sequence

from ..arithmetic import LIMIT, Shape
from ..errors import UsageError
from ..wording import is_whole, list_hint, quote, shape_text, value_text
from .arguments import plain
from .definition import INPUT

MOST_AXES = 3
IMAGE_CHANNELS = (1, 3)


class BadInput(UsageError):
    """A shape that no input can have; the text says what would be right."""


class ChannelsLast(str):
    """A shape as `--layout nhwc` reads it: where it has the channels, they are its last number."""


def input_shape(value: object, what: str = INPUT, first: Shape | None = None) -> Shape:
    """The shape (channels, *axes) of a definition's `input`; unknown numbers are None.

    `what` is how messages call it. One after a `first` input may be a vector, (length,).

    >>> input_shape([3, None, None]), input_shape("3x224x224")
    ((3, None, None), (3, 224, 224))
    """
    numbers = _numbers(value, what)
    if first is not None and len(first) < len(numbers) <= MOST_AXES + 1:
        raise BadInput(
            f"{what} {_text(value)} has more axes than the first input, {list(first)}; "
            "list the input with the most axes first"
        )
    if not (2 if first is None else 1) <= len(numbers) <= MOST_AXES + 1:
        raise BadInput(
            f"{what} {_text(value)} must be [channels, *axes] with one to three axes, "
            "as in [3, 224, 224]"
        )
    return _channels_first(numbers, value)


def changed_shape(shape: Shape, asked: object, what: str = INPUT) -> Shape:
    """The shape with the asked numbers in: all of them, the axes alone, or one for every axis.

    >>> changed_shape((3, None, None), 320), changed_shape((3, 224, 224), "1x64x48")
    ((3, 320, 320), (1, 64, 48))
    """
    numbers = asked_numbers(asked, what)
    axes = len(shape) - 1
    if axes == 0 and len(numbers) == 1:
        return numbers
    if len(numbers) == 1:
        return (shape[0], *numbers * axes)
    if len(numbers) == axes:
        return (shape[0], *numbers)
    if len(numbers) == axes + 1:
        return _channels_first(numbers, asked)
    if axes == 0:
        raise BadInput(f"{what} {_text(asked)} does not fit a vector; give its length alone")
    raise BadInput(
        f"{what} {_text(asked)} does not fit a network of {_count(axes)}; "
        f"give {axes + 1} numbers (channels and axes), "
        + (f"{axes} (axes) or 1 (every axis)" if axes > 1 else "or 1 (the axis)")
    )


def check_asked(text: str) -> None:
    """Raise BadInput for an `--input` that no network takes; whether one does shows in analysis."""
    numbers = text.lower().replace("×", "x").count("x") + 1
    changed_shape((None,) * max(2, min(MOST_AXES + 1, numbers)), text)


def shape_note(shape: Shape, asked: object = None) -> str | None:
    """How a shape is read that is probably meant otherwise; None for another.

    >>> shape_note((224, 224, 3))
    'read as 224 channels of 224×3; for channels last write [3, 224, 224]'
    """
    channels, *sizes = shape
    if channels is None or None in sizes:
        return None
    if isinstance(asked, ChannelsLast):
        if len(sizes) != 2 or sizes[0] not in IMAGE_CHANNELS or channels in IMAGE_CHANNELS:
            return None
        last = f"{sizes[1]}x{channels}x{sizes[0]}"
        hint = f"--layout nhwc has the channels last: write {last}"
    elif len(sizes) == MOST_AXES and sizes[0] in IMAGE_CHANNELS:
        hint = f"for a batch of images write {sizes} and use --batch"
    elif (
        len(sizes) == 2
        and sizes[1] in IMAGE_CHANNELS
        and min(channels, sizes[0] or 0) > max(IMAGE_CHANNELS)
    ):
        hint = f"for channels last write {[sizes[1], channels, sizes[0]]}"
    else:
        return None
    return f"read as {_channels(channels)} of {shape_text(tuple(sizes))}; {hint}"


def _channels(count: int | None) -> str:
    return f"{count} channel{'' if count == 1 else 's'}"


def layer_shape(asked: object, axes: int) -> Shape:
    """What a single layer reads: a map, its channels unknown with axes alone, or a vector.

    >>> layer_shape("3x224x224", 2), layer_shape((2, 2), 2), layer_shape(4096, 2)
    ((3, 224, 224), (None, 2, 2), (4096,))
    """
    numbers = asked_numbers(asked)
    if len(numbers) == axes + 1:
        return _channels_first(numbers, asked)
    if len(numbers) == axes:
        return (None, *numbers)
    if len(numbers) == 1:
        return numbers
    fewer = " or 1 (the axis)" if axes == 1 else f", {axes} (axes) or 1 (a vector's length)"
    raise BadInput(
        f"input {_text(asked)} does not fit a layer of {_count(axes)}; "
        f"give {axes + 1} numbers (channels and axes){fewer}"
    )


def layer_axes(inputs: Sequence[object]) -> int:
    """The axes of a layer by what it reads: three where that is four numbers, else two."""
    return 3 if any(len(asked_numbers(each)) == MOST_AXES + 1 for each in inputs) else 2


def asked_note(asked: object, axes: int) -> str | None:
    """How an input that is asked for is read that is probably meant otherwise; None for another."""
    try:
        note = shape_note(changed_shape((None,) * (axes + 1), asked), asked)
    except BadInput:
        return None
    return note and f"input {asked} is {note}"


def layer_note(asked: str, axes: int, axes_given: bool) -> str | None:
    """How a single layer's input is read that is probably meant otherwise; None for another.

    >>> layer_note("3x100", 2, False)
    'input 3x100 is read as ?×3×100; --axes 1 means 3 channels of length 100'
    """
    shape = layer_shape(asked, axes)
    first, *sizes = asked_numbers(asked)
    perhaps_one_axis = not (axes_given or isinstance(asked, ChannelsLast))
    if perhaps_one_axis and len(sizes) == 1 and first in IMAGE_CHANNELS:
        length = f"{_channels(first)} of length {sizes[0]}"
        return f"input {asked} is read as {shape_text(shape)}; --axes 1 means {length}"
    note = shape_note(shape, asked)
    return note and f"input {asked} is {note}"


def _channels_first(numbers: Shape, asked: object) -> Shape:
    return (numbers[-1], *numbers[:-1]) if isinstance(asked, ChannelsLast) else numbers


def _count(axes: int) -> str:
    return f"{axes} {'axis' if axes == 1 else 'axes'}"


def asked_numbers(asked: object, what: str = INPUT) -> Shape:
    """The numbers that are asked for, or a single one."""
    number = plain(asked)
    return _numbers([number] if number is None or is_whole(number) else asked, what)


def _numbers(value: object, what: str) -> Shape:
    if isinstance(value, str):
        parts = value.lower().replace("×", "x").split("x")
        return tuple(_number(part, value, what) for part in parts)
    given = plain(value)
    if not isinstance(given, list):
        raise BadInput(f"{what} must be [channels, *axes], not {_text(value)}")
    return tuple(_possible(number, value, what) for number in given)


def _number(part: str, whole: str, what: str) -> int | None:
    part = part.strip()
    if part in ("?", "null"):
        return None
    if not (part.isascii() and part.isdecimal()) or len(part) > len(str(LIMIT)):
        example = list_hint(whole) or ", as in 3x224x224"
        raise BadInput(f"{what} {_text(whole)} must be whole numbers joined by x{example}")
    return _possible(int(part), whole, what)


def _possible(number: object, whole: object, what: str) -> int | None:
    if number is None:
        return None
    if not is_whole(number) or not 1 <= number <= LIMIT:
        raise BadInput(
            f"{what} {_text(whole)} must be whole numbers from 1 to 10^18, or null where unknown"
        )
    return number


def _text(value: object) -> str:
    return quote(value) if isinstance(value, str) else value_text(plain(value))
