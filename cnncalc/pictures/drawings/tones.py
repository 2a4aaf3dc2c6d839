"""What drawings of networks share: mixtures of two colours, hatches, places in words."""

from __future__ import annotations

from .svg import Theme, element

TONES = 8
LIGHTEST = 20  # per cent of the accent
BOLD = 15  # a title's letters are as wide as those of this size in one width


def mixture(one: str, other: str, share: int) -> str:
    """So many per cent of another colour on one, both as `#rrggbb`.

    >>> mixture("#ffffff", "#000000", 50)
    '#808080'
    """
    pairs = [(int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{(a * (100 - share) + b * share + 50) // 100:02x}" for a, b in pairs)


def accents(theme: Theme) -> list[str]:
    """Tones of the accent on the ground, from the lightest to the accent itself."""
    shares = [LIGHTEST + (100 - LIGHTEST) * tone // (TONES - 1) for tone in range(TONES)]
    return [mixture(theme.ground, theme.accent, share) for share in shares]


def hatch(colour: str, width: float = 1.6) -> str:
    """The definition of a hatch in a colour; `HATCHED` fills with it."""
    stroke = element("path", d="M-1 1l2-2M0 6l6-6M5 7l2-2", stroke=colour, stroke_width=width)
    about = {"width": 6, "height": 6, "patternUnits": "userSpaceOnUse"}
    return element("defs", element("pattern", stroke, id=f"hatch{colour[1:]}", **about))


def hatch_fill(colour: str) -> str:
    """The fill of a hatch in a colour."""
    return f"url(#hatch{colour[1:]})"


def place_text(place: int) -> str:
    """A place with a true minus where it is before the first."""
    return str(place).replace("-", "−")
