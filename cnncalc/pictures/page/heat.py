"""How much each pixel counts in the effective field of a layer's units, in tones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...studies.erf import EffectiveFields

TONES = 9
WIDEST = 4_096  # pixels, of which a page shows nothing finer


def tones(shares: Sequence[int]) -> str:
    """A digit a pixel, from the first to the last: 9 is the largest share, 0 next to none.

    >>> tones([1, 2, 3, 2, 1])
    '36963'
    """
    most = max(shares)
    return "".join(str((TONES * share + most // 2) // most) for share in shares)


def heat_table(effective: EffectiveFields | None) -> tuple[list[str], dict[int, list[int]]]:
    """Different tones, and per layer their places in that list for every axis."""
    places: dict[str, int] = {}
    of_layers: dict[int, list[int]] = {}
    for layer in effective.layers if effective else ():
        shares: Sequence[Any] = layer.shares or (None,)
        if all(each is not None and 1 < len(each) <= WIDEST for each in shares):
            texts = [tones(each) for each in shares]
            of_layers[layer.index] = [places.setdefault(text, len(places)) for text in texts]
    return list(places), of_layers
