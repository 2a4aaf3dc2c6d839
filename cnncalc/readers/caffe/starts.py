"""Which blobs from outside a network computes on: those are its inputs, others are labels."""

from __future__ import annotations

from .entry import CaffeLayer
from .inputs import SourceBlob, is_source
from .operators import OPERATORS, WEIGHTED, is_aside
from .recurrent import GATES
from .windows import POSITION_SENSITIVE, PROPOSALS, REGION_POOLS

# How many of its bottoms a layer computes on, from the first: others are regions, marks, choices.
DATA_PLACES = {
    **dict.fromkeys((*GATES, *REGION_POOLS, POSITION_SENSITIVE, "batchreindex"), 1),
    **dict.fromkeys((*PROPOSALS, "python"), 0),
}


def inputs_of(outside: list[SourceBlob], included: list[CaffeLayer]) -> list[SourceBlob]:
    """The blobs from outside that meet weights, by themselves or joined with another that does.

    Where none does, the first that some layer computes on: a network may be without weights.
    """
    found = _weighted_blobs(outside, included)
    starts = [each for each in outside if each.blob in found]
    if starts or not outside:
        return starts
    read = {layer.bottoms[0] for layer in included if layer.bottoms and not is_aside(layer)}
    return [next((each for each in outside if each.blob in read), outside[0])]


def _weighted_blobs(outside: list[SourceBlob], included: list[CaffeLayer]) -> set[str]:
    leaders = {each.blob: each.blob for each in outside}
    origins: dict[str, str | None] = dict(leaders.items())
    weighted = []
    for layer in included:
        if is_source(layer):
            continue
        if layer.key == "filter":
            passed = {top: origins.get(blob) for blob, top in zip(layer.bottoms, layer.tops)}
            origins.update(passed)
            continue
        found = [one for blob in _computed_on(layer) if (one := origins.get(blob)) is not None]
        for one in found[1:]:
            leaders[_leader(leaders, one)] = _leader(leaders, found[0])
        if layer.key in WEIGHTED:
            weighted += found[:1]
        origins.update(dict.fromkeys(layer.tops, found[0] if found else None))
    groups = {_leader(leaders, blob) for blob in weighted}
    return {blob for blob in leaders if _leader(leaders, blob) in groups}


def _computed_on(layer: CaffeLayer) -> list[str]:
    """The bottoms that a layer's figures come of; what an unknown one joins may be labels."""
    if is_aside(layer):
        return []
    return layer.bottoms[: DATA_PLACES.get(layer.key) if layer.key in OPERATORS else 1]


def _leader(leaders: dict[str, str], blob: str) -> str:
    """The blob that stands for all those that are joined with a blob."""
    while leaders[blob] != blob:
        leaders[blob] = leaders[leaders[blob]]
        blob = leaders[blob]
    return blob
