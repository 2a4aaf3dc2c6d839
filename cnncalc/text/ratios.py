"""Exact ratios as people read them."""

from __future__ import annotations

from ..arithmetic import Exact

DIGITS = 3
LARGEST_DENOMINATOR = 100


def times(value: Exact) -> str:
    """A ratio as a factor of three significant digits, rounded half up; `≈` where it is rounded.

    >>> times((18, 25)), times(1), times((17294693, 528997)), times((1, 300))
    ('×0.72', '×1', '≈ ×32.7', '≈ ×0.00333')
    """
    top, bottom = value if isinstance(value, tuple) else (value, 1)
    places = 0
    while 0 < top * 10**places < 10 ** (DIGITS - 1) * bottom:
        places += 1
    rounded = (2 * top * 10**places + bottom) // (2 * bottom)
    scaled = str(rounded).rjust(places + 1, "0")
    whole, rest = scaled[: len(scaled) - places], scaled[len(scaled) - places :].rstrip("0")
    factor = f"×{int(whole):,}" + (f".{rest}" if rest else "")
    return factor if rounded * bottom == top * 10**places else f"≈ {factor}"


def ratio_text(value: Exact | None) -> str:
    """A ratio as the fraction that it is, where that is short, and as a factor.

    >>> ratio_text((18, 25)), ratio_text((87, 19)), ratio_text((528997, 17294693)), ratio_text(2)
    ('18/25 = ×0.72', '87/19 ≈ ×4.58', '≈ ×0.0306', '×2')
    """
    if value is None:
        return ""
    factor = times(value)
    if not isinstance(value, tuple) or max(value) > LARGEST_DENOMINATOR:
        return factor
    sign = "" if factor.startswith("≈") else "= "
    return f"{value[0]}/{value[1]} {sign}{factor}"
