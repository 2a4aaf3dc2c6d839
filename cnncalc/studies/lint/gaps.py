"""The rule about gaps in a field that dilation leaves."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from ...analysis.trace import Trace
from ...fields.field import Field
from ...fields.unit_field import UnitField
from ...fields.window import Window
from ...report.layer import LayerReport
from .grids import Stage, stages
from .rule import WARNING, Case, layer_names, on_axes, once_or_each, rule, units_text


@rule(
    "CNN102",
    "gridding",
    WARNING,
    "dilation that leaves pixels, or behind strides units of a stage's own input, out of the field "
    "of a unit, and that no later layer fills",
    "dilations without a common factor that grow from 1 (1, 2, 5), or undilated layers after them",
    "Yu et al. 2017, arXiv:1705.09914; Wang et al. 2018, arXiv:1702.08502",
)
def gridding(trace: Trace) -> Iterator[Case]:
    """Regions of layers with gaps in their fields, each from the dilation that it begins with."""
    regions: list[list[int]] = []
    region_of: dict[int, int] = {}
    for layer in trace.layers:
        if not _has_gaps(trace, layer.index):
            continue
        inherited = {region_of[source] for source in layer.node.sources if source in region_of}
        if not inherited and not _opens_gaps(trace, layer):
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
    told: set[int] = set()
    for region in map(sorted, regions):
        if any(_ends_with_gaps(trace, index) for index in region):
            told.update(region)
            yield _case(trace, region)
    for stage in stages(trace):
        if told.isdisjoint(stage.layers):
            yield _stage_case(trace, stage)


def _shares(trace: Trace, index: int) -> tuple[int | Fraction | None, ...]:
    """The share of its field that a unit reads, per axis; None where units have no field each."""
    if index <= 0:
        return (None if trace.fields[index][0] is None else 1,) * len(trace.axes)
    return tuple(
        share if isinstance(field, (Field, UnitField)) else None
        for share, field in zip(trace.layer(index).coverage, trace.fields[index])
    )


def _has_gaps(trace: Trace, index: int) -> bool:
    return any(share is not None and share < 1 for share in _shares(trace, index))


def _opens_gaps(trace: Trace, layer: LayerReport) -> bool:
    """Whether taps that stand apart make gaps that the layer's input does not have."""
    windows = trace.windows[layer.index][0]
    columns = zip(windows, _shares(trace, layer.index), _shares(trace, layer.node.sources[0]))
    return any(
        _stand_apart(window) and share is not None and before is not None and share < before
        for window, share, before in columns
    )


def _stand_apart(window: Window | None) -> bool:
    runs = (window.reads if window else None) or ()
    return any(step > 1 and count > 1 for _, step, count in runs)


def _ends_with_gaps(trace: Trace, index: int) -> bool:
    """Whether no later window fills the gaps: nothing reads the layer, or it is read as a whole."""
    readers = trace.readers[index]
    fields = [field for reader in readers for field in trace.fields[reader]]
    return not readers or not all(isinstance(field, (Field, UnitField)) for field in fields)


def _case(trace: Trace, region: list[int]) -> Case:
    first, *others = region
    layer = trace.layer(first)
    apart = f"dilation {once_or_each(layer.dilation)}" if layer.dilation else "its window"
    counts = _counts(trace, first)
    evidence: dict[str, Any] = {"read": counts, "layers": len(region)}
    reads = _reads(trace, counts, f" {units_text(trace)}")
    text = f"{apart} leaves gaps in its units' field: each reads {reads}"
    if others:
        inherit = "inherits" if len(others) == 1 else "inherit"
        text = f"{text}; {layer_names(trace, others)} {inherit} gaps"
        least = min(region, key=lambda index: _least_share(trace, index))
        if least != first:
            evidence["least"] = trace.name(least)
            evidence["least_read"] = _counts(trace, least)
            reads = _reads(trace, evidence["least_read"])
            text = f"{text}, the most {layer_names(trace, [least])}: {reads}"
    return Case(first, first, text, evidence, None, others)


def _stage_case(trace: Trace, stage: Stage) -> Case:
    first, *others = stage.layers
    layer = trace.layer(first)
    texts = [f"1 of {apart:,}" if apart > 1 else None for apart in stage.apart]
    rate = once_or_each(layer.dilation or (None,))
    last, source = layer_names(trace, [stage.last]), layer_names(trace, [stage.source])
    text = (
        f"dilation {rate} begins a grid that nothing fills up to {last}: of the units of {source}, "
        f"the input of the stage, its units read only {on_axes(trace, texts)}"
    )
    evidence = {
        "stage": trace.name(stage.source),
        "apart": list(stage.apart),
        "layers": len(stage.layers),
    }
    return Case(first, first, text, evidence, None, others)


def _least_share(trace: Trace, index: int) -> int | Fraction:
    return min(share for share in _shares(trace, index) if share is not None)


def _counts(trace: Trace, index: int) -> list[tuple[int, int] | None]:
    """Per axis how many pixels a unit reads, and of how many; None where that is unknown."""
    return [
        None if share is None or rf is None else (int(share * rf), rf)
        for share, rf in zip(_shares(trace, index), trace.layer(index).rf)
    ]


def _reads(trace: Trace, counts: list[tuple[int, int] | None], unit: str = "") -> str:
    texts = [f"{c[0]:,} of {c[1]:,}{unit}" if c and c[0] < c[1] else None for c in counts]
    return on_axes(trace, texts)
