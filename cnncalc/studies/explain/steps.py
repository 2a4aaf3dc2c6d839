"""Steps for the four figures of a field, as all ways of coming about share them."""

from __future__ import annotations

from ...fields.extent import Exact, Extent
from ...fields.field import Figures
from ...layers.formulas.step import Step, fixed, unknown

RF = "receptive field"
STRIDE = "effective stride"
PADDING = "effective padding"
CENTRE = "centre"

GLOBAL = "global: every unit reads the same"
ANCHORED = "padding `same` on a map of unknown size: where the field lies is not known"
NOTHING = "the first unit reads nothing"


def unchanged(source: Figures, found: Figures, branch: str) -> list[Step]:
    """All four as they are on the input."""
    named = (
        (RF, "r", source.rf, found.rf),
        (STRIDE, "j", source.eff_stride, found.eff_stride),
        (PADDING, "P", source.eff_pad, found.eff_pad),
        (CENTRE, "c", source.center, found.center),
    )
    return [
        Step(quantity, symbol, f"{symbol}_in", {f"{symbol}_in": before}, after, branch)
        for quantity, symbol, before, after in named
    ]


def extent_width(extent: Extent | None, branch: str = "", quantity: str = RF) -> Step:
    """The field of a unit by its first and its last pixel."""
    if extent is None:
        return fixed(quantity, "r", 0, branch or "reads nothing")
    first, last, _ = extent
    values = {"first": first, "last": last}
    return Step(quantity, "r", "last − first + 1", values, last - first + 1, branch)


def stride_step(source: Exact | None, factor: Exact, result: Exact | None) -> Step:
    """The effective stride: the input's, times the stride."""
    return Step(STRIDE, "j", "j_in·s", {"j_in": source, "s": factor}, result)


def place_steps(extent: Extent | None, found: Figures, branch: str = "") -> list[Step]:
    """Effective padding and centre, by the first unit's first and last pixel."""
    if extent is None or found.eff_pad is None:
        reason = NOTHING if extent is None else ANCHORED
        return [unknown(PADDING, "P", reason), unknown(CENTRE, "c", reason)]
    values = {"first": extent[0], "last": extent[1]}
    return [
        Step(PADDING, "P", "−first", values, found.eff_pad, "of the first unit"),
        Step(CENTRE, "c", "(first + last)/2", values, found.center, branch),
    ]


def centre_step(found: Figures) -> Step:
    """The centre by effective padding and field."""
    if found.center is None:
        return unknown(CENTRE, "c", ANCHORED)
    values = {"P": found.eff_pad, "r": found.rf}
    return Step(CENTRE, "c", "−P + (r − 1)/2", values, found.center)


def unknown_steps(reason: str, stride: Step | None = None) -> list[Step]:
    """All four unknown, but perhaps the stride, and why."""
    return [
        unknown(RF, "r", reason),
        stride or unknown(STRIDE, "j", reason),
        unknown(PADDING, "P", reason),
        unknown(CENTRE, "c", reason),
    ]
