"""Exact ratios as people read them."""

from __future__ import annotations

from ..extent import Exact

DIGITS = 3
LARGEST_DENOMINATOR = 100


def times(value: Exact) -> str:
    """A ratio as a factor of three significant digits, rounded half up.

    >>> times((18, 25)), times(1), times((17294693, 528997)), times((1, 300))
    ('×0.72', '×1', '×32.7', '×0.00333')
    """
    top, bottom = value if isinstance(value, tuple) else (value, 1)
    places = 0
    while 0 < top * 10**places < 10 ** (DIGITS - 1) * bottom:
        places += 1
    scaled = str((2 * top * 10**places + bottom) // (2 * bottom)).rjust(places + 1, "0")
    whole, rest = scaled[: len(scaled) - places], scaled[len(scaled) - places :].rstrip("0")
    return f"×{int(whole):,}" + (f".{rest}" if rest else "")


def ratio_text(value: Exact | None) -> str:
    """A ratio as the fraction that it is, where that is short, and as a factor.

    >>> ratio_text((18, 25)), ratio_text(2), ratio_text((528997, 17294693)), ratio_text(None)
    ('18/25 = ×0.72', '×2', '×0.0306', '')
    """
    if value is None:
        return ""
    if not isinstance(value, tuple) or max(value) > LARGEST_DENOMINATOR:
        return times(value)
    exact = value[1] in (2, 4, 5, 8, 10, 20, 25, 40, 50, 100)
    return f"{value[0]}/{value[1]} {'=' if exact else '≈'} {times(value)}"
