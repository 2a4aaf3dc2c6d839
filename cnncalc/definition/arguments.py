"""Arguments of the public functions, as Python's callers have them: checked in one place.

Whole numbers of any kind (numpy's, PyTorch's) are whole numbers and booleans are none, arrays are
lists, and a single name is a list of itself. Else it raises UsageError.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import Any

from ..arithmetic import LIMIT
from ..errors import UsageError
from ..wording import is_whole, quote

DEEPEST = 4  # lists within lists: nothing that is asked for has more than a list of pairs
LARGEST = 10**9


def plain(value: Any, depth: int = DEEPEST) -> Any:
    """A value as a definition would give it: int, exact fraction, bool, text or a list of them.

    >>> plain((3, [1, 0.5]))
    [3, [1, Fraction(1, 2)]]
    """
    if hasattr(value, "tolist"):
        try:
            value = value.tolist()
        except Exception:  # whatever another library's object raises: it has no numbers
            return value
    if isinstance(value, (list, tuple)):
        return [plain(item, depth - 1) for item in value] if depth else value
    if isinstance(value, (str, bool)):
        return value
    try:
        return index(value)
    except TypeError:
        return exact(value)


def exact(value: Any) -> Any:
    """A decimal as the fraction that it is written as; what is none, or not finite, as it is."""
    from decimal import Decimal
    from fractions import Fraction

    try:
        return Fraction(str(value)) if isinstance(value, (float, Decimal)) else value
    except ValueError:
        return value


def argument_text(value: object) -> str:
    """What a caller gave, for messages: its type too, but of whole numbers, lists and None.

    >>> argument_text(0), argument_text(None), argument_text("x")
    ('0', 'None', "str 'x'")
    """
    words = quote(value)
    if value is None or is_whole(value) or isinstance(value, (list, tuple)):
        return words[1:-1]
    return f"{type(value).__name__} {words}"


def whole_number(value: object, what: str, least: int = 1, most: int = LARGEST) -> int:
    """A whole number within bounds."""
    number = plain(value)
    if not is_whole(number) or not least <= number <= most:
        bounds = f"from {least} to {_power(most)}"
        raise UsageError(f"{what} must be a whole number {bounds}, not {argument_text(value)}")
    return number


def _power(number: int) -> str:
    """A bound in short: `10^9`."""
    zeros = len(str(number)) - 1
    return f"10^{zeros}" if number == 10**zeros and zeros > 3 else str(number)


def along_axes(value: object, axes: Sequence[str], what: str) -> tuple[int, ...]:
    """A whole number per axis, given so or as one for all."""
    numbers = plain(value)
    numbers = numbers if isinstance(numbers, list) else [numbers] * len(axes)
    if len(numbers) != len(axes) or not all(map(_is_possible, numbers)):
        names = ", ".join(axes)
        raise UsageError(
            f"{what} must be one number, or one per axis ({names}), not {argument_text(value)}"
        )
    return tuple(numbers)


def _is_possible(number: object) -> bool:
    return is_whole(number) and -LIMIT <= number <= LIMIT


def flag(value: object, what: str) -> bool:
    """True or False."""
    given = plain(value)
    if not isinstance(given, bool):
        raise UsageError(f"{what} must be True or False, not {argument_text(value)}")
    return given


def checked_text(value: object, what: str) -> str:
    """A text: a name, say."""
    if not isinstance(value, str):
        raise UsageError(f"{what} must be a text, not {argument_text(value)}")
    return value


def items(values: Any, what: str) -> list[Any]:
    """The items of a list; a single text, or a whole number, is a list of itself."""
    if isinstance(values, str) or is_whole(plain(values)):
        return [values]
    try:
        return list(values)
    except TypeError:
        raise UsageError(
            f"{what} must be a name or a list of names, not {argument_text(values)}"
        ) from None
