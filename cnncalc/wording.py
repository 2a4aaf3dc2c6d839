"""How messages and tables spell values, shapes and numbers, and suggest names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, TypeGuard

from .arithmetic import Exact, Input, Shape

LONGEST_QUOTE = 60
MOST_LISTED = 20
DEEPEST_LIST = 3
MOST_COMPARED = 1000


def quote(text: object) -> str:
    """The text in quotes, on one line, shortened where it is long: for messages."""
    try:
        words = str(text)
    except Exception:  # an object of the caller's, or a number with too many digits to write
        words = f"<{type(text).__name__}>"
    if len(words) > LONGEST_QUOTE:
        words = words[: LONGEST_QUOTE - 1] + "…"
    return repr(words)


def name_list(names: Iterable[str]) -> str:
    """The names with commas between them, the first ones where there are many: for messages."""
    first = list(islice(names, MOST_LISTED + 1))
    return ", ".join([*first[:MOST_LISTED], "…"] if len(first) > MOST_LISTED else first)


def nearest(word: str, choices: list[str], most: int = 1) -> list[str]:
    """The choices that look most like the word, best first.

    Of very many choices only some are compared, those that begin as the word does.
    """
    import difflib

    if len(choices) > MOST_COMPARED:
        choices = [choice for choice in choices if choice[:2] == word[:2]][:MOST_COMPARED]
    return difflib.get_close_matches(word[:100], choices, n=most, cutoff=0.5)


def did_you_mean(
    name: str,
    choices: Iterable[str],
    otherwise: str | None = None,
    most: int = 1,
    spelling: Callable[[str], str] = quote,
    topic: str = "",
    of: str = "",
) -> str:
    """The nearest choices as a question; where none is near, `otherwise` or else all choices.

    With a topic, the field's synonyms come before spelling; `of` is the type that a key is of.
    """
    choices = list(choices)
    near = None
    if topic:
        from . import synonyms

        advice = synonyms.advice(topic, name, of)
        near = synonyms.names_meant(topic, name, choices)
        if advice is not None and (of or not near):
            return advice
    if near is None:
        near = nearest(name, choices, most)
    if near:
        return f"did you mean {' or '.join(map(spelling, near))}?"
    return f"use {', '.join(choices)}" if otherwise is None else otherwise


def is_whole(value: object) -> TypeGuard[int]:
    """Whether the value is an integer; a boolean is not."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_exact(value: object) -> bool:
    """Whether the value is an exact number: an integer or a fraction; a boolean is not."""
    return not isinstance(value, bool) and isinstance(getattr(value, "denominator", None), int)


def value_text(value: Any, depth: int = DEEPEST_LIST) -> str:
    """A value as an error message shows it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        items = [value_text(item, depth - 1) for item in value[:20]] if depth else ["…"]
        return quote("[" + ", ".join(items) + "]")[1:-1]
    if isinstance(value, str):
        return f"the text {quote(value)}"
    if is_exact(value) and not isinstance(value, int):
        value = decimal_text(value) + (".0" if value.denominator == 1 else "")
    return quote(value)[1:-1]


def list_hint(value: object) -> str:
    """What to write in place of `(3, 3)`, `3,3` or `3x3`, which are texts; empty for another."""
    import re

    one = "[1-9][0-9]*"
    joined = rf"\(\s*{one}\s*,?\s*\)|\(?\s*{one}(\s*[,x×]\s*{one})+,?\s*\)?"
    if not isinstance(value, str) or not re.fullmatch(joined, value):
        return ""
    numbers = re.findall(one, value)
    return f"; write {numbers[0] if len(numbers) == 1 else '[' + ', '.join(numbers) + ']'}"


def install_line(extra: str) -> str:
    """How an optional package is installed: beside a checkout, and from an index."""
    return f'from a checkout: pip install ".[{extra}]", else: pip install "cnncalc[{extra}]"'


def decimal_text(value: Any) -> str:
    """An exact number in decimal digits where it has some, else as a fraction."""
    if value.denominator == 1:
        return str(value.numerator)
    digits = 0
    while digits < 30 and 10**digits % value.denominator:
        digits += 1
    if digits == 30:
        return f"{value.numerator}/{value.denominator}"
    scaled = str(abs(value.numerator) * 10**digits // value.denominator).rjust(digits + 1, "0")
    return f"{'-' if value < 0 else ''}{scaled[:-digits]}.{scaled[-digits:]}"


UNKNOWN = "?"


def shape_text(shape: Shape, channels_last: bool = False) -> str:
    """A shape as people write it: `64×112×112`, or `112×112×64` channels last; unknown as `?`."""
    ordered = (*shape[1:], shape[0]) if channels_last else shape
    return "×".join(UNKNOWN if number is None else str(number) for number in ordered)


def flat_shape(shape: Shape, unknown: str = "") -> str:
    """A shape as files have it: `3x224x224`; unknown numbers are left out."""
    return "x".join(unknown if number is None else str(number) for number in shape)


def input_text(input: Input, channels_last: bool = False) -> str:
    """A network's input as people write it; of several, `left 3×64×64, right 3×64×64`."""
    if not isinstance(input, Mapping):
        return shape_text(input, channels_last)
    texts = [f"{name} {shape_text(shape, channels_last)}" for name, shape in input.items()]
    return ", ".join(texts)


def flat_input(input: Input) -> str:
    """A network's input as files have it; of several, `left=3x64x64;right=3x64x64`."""
    if not isinstance(input, Mapping):
        return flat_shape(input)
    return ";".join(f"{name}={flat_shape(shape)}" for name, shape in input.items())


def plain_input(input: Input) -> Any:
    """A network's input in JSON's form: a list, of several an object of them."""
    if not isinstance(input, Mapping):
        return list(input)
    return {name: list(shape) for name, shape in input.items()}


def number(value: Exact | str | None) -> str:
    """A number with thousands separators; fractions as decimals where those are short."""
    if value is None:
        return UNKNOWN
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    top, bottom = value
    return repr(top / bottom) if 1000 % bottom == 0 else f"{top}/{bottom}"


UNITS = ("", " k", " M", " G", " T", " P", " E")


def short_number(value: int | None) -> str:
    """A count in at most five digits and a unit, rounded half up; below 10,000 as it is.

    >>> short_number(11_689_512), short_number(1_814_073_344), short_number(9_408)
    ('11.69 M', '1.81 G', '9,408')
    """
    if value is None or abs(value) < 10_000:
        return number(value)
    unit, scale = 1, 1000
    while unit < len(UNITS) - 1 and (200 * abs(value) + scale) // (2 * scale) >= 100_000:
        unit, scale = unit + 1, scale * 1000
    hundredths = (200 * abs(value) + scale) // (2 * scale)
    sign = "-" if value < 0 else ""
    return f"{sign}{hundredths // 100:,}.{hundredths % 100:02}{UNITS[unit]}"


SIZE_UNITS = ("GiB", "MiB", "KiB")


def size_text(value: int | None) -> str:
    """A number of bytes in the largest unit that it fills, of 1024 each, rounded half up.

    >>> size_text(6_422_528), size_text(1023), size_text(None)
    ('6.13 MiB', '1,023 B', '?')
    """
    if value is None:
        return UNKNOWN
    for power, unit in zip((3, 2, 1), SIZE_UNITS):
        scale: int = 1024**power
        if abs(value) >= scale:
            hundredths = (200 * abs(value) + scale) // (2 * scale)
            sign = "-" if value < 0 else ""
            return f"{sign}{hundredths // 100:,}.{hundredths % 100:02} {unit}"
    return f"{value:,} B"


def axes_once(values: Sequence[Exact | str | None] | None) -> str:
    """Per-axis values, written once where they are equal; empty where there are none."""
    if values is None:
        return ""
    texts = [number(value) for value in values]
    return texts[0] if len(set(texts)) == 1 else "×".join(texts)


def share(part: int | None, total: int | None) -> str:
    """The part in per cent of the total, rounded half up to one decimal."""
    if part is None or total is None:
        return UNKNOWN
    if not total:
        return ""
    tenths = (2000 * part + total) // (2 * total)
    return f"{tenths // 10}.{tenths % 10} %"
