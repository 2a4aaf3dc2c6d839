"""The rule about gaps in a field that dilation leaves."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from ...fields.field import Field
from ...fields.window import Window
from ...report.layer import LayerReport
from .rule import WARNING, Case, Rule, Subject, once_or_each


def _gridding(subject: Subject) -> Iterator[Case]:
    """Regions of layers with gaps in their fields, each from the dilation that it begins with."""
    regions: list[list[int]] = []
    region_of: dict[int, int] = {}
    for layer in subject.layers:
        if not _has_gaps(subject, layer.index):
            continue
        inherited = {region_of[source] for source in layer.node.sources if source in region_of}
        if not inherited and not _opens_gaps(subject, layer):
            continue
        first, *others = sorted(inherited) or [len(regions)]
        if first == len(regions):
            regions.append([])
        for other in others:
            regions[first] += regions[other]
            region_of.update(dict.fromkeys(regions[other], first))
            regions[other] = []
        regions[first].append(layer.index)
        region_of[layer.index] = first
    for region in map(sorted, regions):
        if any(_ends_with_gaps(subject, index) for index in region):
            yield _case(subject, region)


def _shares(subject: Subject, index: int) -> tuple[int | Fraction | None, ...]:
    """The share of its field that a unit reads, per axis; None where units have no field each."""
    if index == 0:
        return (1,) * len(subject.axes)
    return tuple(
        share if isinstance(field, Field) else None
        for share, field in zip(subject.layer(index).coverage, subject.fields[index])
    )


def _has_gaps(subject: Subject, index: int) -> bool:
    return any(share is not None and share < 1 for share in _shares(subject, index))


def _opens_gaps(subject: Subject, layer: LayerReport) -> bool:
    """Whether taps that stand apart make gaps that the layer's input does not have."""
    windows = subject.windows[layer.index][0]
    columns = zip(windows, _shares(subject, layer.index), _shares(subject, layer.node.sources[0]))
    return any(
        _stand_apart(window) and share is not None and before is not None and share < before
        for window, share, before in columns
    )


def _stand_apart(window: Window | None) -> bool:
    runs = (window.reads if window else None) or ()
    return any(step > 1 and count > 1 for _, step, count in runs)


def _ends_with_gaps(subject: Subject, index: int) -> bool:
    """Whether no later window fills the gaps: nothing reads the layer, or it is read as a whole."""
    readers = subject.readers[index]
    return not readers or any(
        not isinstance(field, Field) for reader in readers for field in subject.fields[reader]
    )


def _case(subject: Subject, region: list[int]) -> Case:
    first, *others = region
    layer = subject.layer(first)
    apart = f"dilation {once_or_each(layer.dilation)}" if layer.dilation else "its window"
    counts = _counts(subject, first)
    evidence: dict[str, Any] = {"read": counts, "layers": len(region)}
    unit = "pixels" if subject.report.origin is None else f"units of {subject.report.origin!r}"
    told = _told(subject, counts, f" {unit}")
    found = f"{apart} leaves gaps in its units' field: each reads {told}"
    if others:
        inherit = "inherits" if len(others) == 1 else "inherit"
        found = f"{found}; {subject.named(others)} {inherit} gaps"
        least = min(region, key=lambda index: _least_share(subject, index))
        if least != first:
            evidence["least"] = subject.name(least)
            evidence["least_read"] = _counts(subject, least)
            told = _told(subject, evidence["least_read"])
            found = f"{found}, the most {subject.named([least])}: {told}"
    return Case(first, first, found, evidence, None, others)


def _least_share(subject: Subject, index: int) -> int | Fraction:
    return min(share for share in _shares(subject, index) if share is not None)


def _counts(subject: Subject, index: int) -> list[tuple[int, int] | None]:
    """Per axis how many pixels a unit reads, and of how many; None where that is unknown."""
    return [
        None if share is None or rf is None else (int(share * rf), rf)
        for share, rf in zip(_shares(subject, index), subject.layer(index).rf)
    ]


def _told(subject: Subject, counts: list[tuple[int, int] | None], unit: str = "") -> str:
    told = [f"{c[0]:,} of {c[1]:,}{unit}" if c and c[0] < c[1] else None for c in counts]
    return subject.on_axes(told)


GRIDDING = Rule(
    "CNN102",
    "gridding",
    WARNING,
    "dilation that leaves pixels out of the field of a unit, and that no later layer fills",
    "dilations without a common factor that grow from 1 (1, 2, 5), or undilated layers after them",
    "Yu et al. 2017, arXiv:1705.09914; Wang et al. 2018, arXiv:1702.08502",
    _gridding,
)
