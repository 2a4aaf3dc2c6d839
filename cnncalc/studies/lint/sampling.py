"""Rules about windows: what they leave out of the map that they read, or read unevenly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import gcd, prod
from typing import Any

from ...analysis.trace import Trace
from ...arithmetic import dilated_kernel
from ...fields.window import WHOLE, Window, dropped_units, moves_only
from ...layers.base import Windows
from ...report.layer import LayerReport
from .counting import in_none, read_mask, read_share
from .rule import (
    INFO,
    WARNING,
    Case,
    enumeration,
    layer_names,
    on_axes,
    once_or_each,
    rule,
    window_text,
)


def _shape_of(windows: Sequence[Window | None]) -> tuple[object, ...]:
    """What windows have in common that differ only in where they begin."""
    return tuple(
        window and (window.period, window.shift, tuple(run[1:] for run in window.reads or ()))
        for window in windows
    )


def _either(counts: Sequence[int]) -> str:
    return enumeration(list(map(str, counts)), "or")


@rule(
    "CNN101",
    "checkerboard",
    WARNING,
    "a transposed convolution whose units are made of unequally many taps",
    "a kernel that the stride divides, or upsampling before a convolution",
    "Odena et al. 2016, doi:10.23915/distill.00003",
)
def checkerboard(trace: Trace) -> Iterator[Case]:
    """Convolutions whose units are made of unequally many taps: only transposed ones are."""
    for layer in trace.layers:
        windows = trace.windows[layer.index][0]
        if layer.groups is None or all(w is None or w.period == 1 for w in windows):
            continue
        taps = [sorted({count for _, _, count in w.reads}) for w in windows if w and w.reads]
        if len(taps) < len(windows) or all(len(counts) == 1 for counts in taps):
            continue
        together = {1}
        for counts in taps:
            together = {product * count for product in together for count in counts}
        counted = on_axes(trace, [f"{_either(counts)} taps" for counts in taps])
        text = f"{window_text(layer)} makes its units of {counted}"
        if len(taps) > 1:
            text = f"{text}: {_either(sorted(together))} together"
        evidence = {"taps": taps, "together": sorted(together)}
        cause = (layer.kernel, layer.stride, layer.dilation)
        yield Case(layer.index, cause, text, evidence, _even_kernel(layer))


def _even_kernel(layer: LayerReport) -> str | None:
    """Which kernels would give every unit as many taps."""
    kernel, stride, dilation = layer.kernel, layer.stride, layer.dilation
    if not kernel or not stride or not dilation:
        return None
    if any(gcd(s, d) > 1 for s, d in zip(stride, dilation)):
        return "choose a dilation that shares no factor with the stride, or upsample and convolve"
    larger = once_or_each([-(-k // s) * s for k, s in zip(kernel, stride)])
    smaller = once_or_each([max(k // s, 1) * s for k, s in zip(kernel, stride)])
    fitting = larger if smaller == larger else f"{larger} or {smaller}"
    return (
        f"a kernel that the stride divides ({fitting}) makes all of equally many; "
        "or upsample and convolve"
    )


class _Share:
    """What a layer's windows read on one axis but for its dropped edge: `read` of `of` units.

    `counted` tells whether that is of the whole map, or of a period away from its borders.
    """

    def __init__(self, layer: LayerReport, window: Window | None, axis: int) -> None:
        size, outputs = layer.in_shape[1 + axis], layer.out_shape[1 + axis]
        mask = read_mask(window, size, outputs)
        dropped = 0 if layer.stride is None else dropped_units(window, size, outputs)
        self.counted = mask is not None and dropped is not None and size is not None
        if mask is not None and dropped is not None and size is not None:
            self.read, self.of = mask.bit_count() + dropped, size
        else:
            self.read, self.of = read_share(window) or (1, 1)

    @property
    def text(self) -> str | None:
        """`28 of 56 units`; None where all are read."""
        if self.read == self.of:
            return None
        every = "" if self.counted else "every "
        return f"{self.read:,} of {every}{self.of:,} units"


@rule(
    "CNN103",
    "skipped-pixels",
    WARNING,
    "windows further apart than they reach: units of the map between them are never read (info "
    "where another branch reads them)",
    "a kernel that reaches over the stride, or pooling by the stride before it",
    "He et al. 2019, arXiv:1812.01187, section 4.1",
)
def skipped_pixels(trace: Trace) -> Iterator[Case]:
    """Windows that leave units between them, or at the map's border, unread."""
    for layer in trace.layers:
        windows = trace.windows[layer.index][0]
        if {len(layer.in_shape), len(layer.out_shape)} != {1 + len(trace.axes)}:
            continue
        if all(window is WHOLE or moves_only(window) for window in windows):
            continue
        shares = [_Share(layer, window, axis) for axis, window in enumerate(windows)]
        if all(share.read == share.of for share in shares):
            continue
        evidence: dict[str, Any] = {
            "read": [share.read for share in shares],
            "of": [share.of for share in shares],
        }
        reads = on_axes(trace, [share.text for share in shares])
        text = f"{window_text(layer)} reads {reads}"
        if all(share.counted for share in shares):
            evidence["never_read"] = prod(evidence["of"]) - prod(evidence["read"])
            of = prod(evidence["of"])
            text = f"{text}: {evidence['never_read']:,} of {of:,} units are never read"
        text += _by_others(trace, layer, evidence)
        severity = INFO if _read_elsewhere(trace, layer, evidence) else WARNING
        cause = (_shape_of(windows), evidence.get("read_by_none", 0) > 0, severity)
        remedy = _reaching(layer, windows)
        yield Case(layer.index, cause, text, evidence, remedy, severity=severity)


def _by_others(trace: Trace, layer: LayerReport, evidence: dict[str, Any]) -> str:
    """What other layers read of the same map, as the text goes on; put into the evidence too.

    Empty where there are no others, or where it is unknown.
    """
    source, sizes = layer.node.sources[0], layer.in_shape[1:]
    others = [index for index in trace.readers[source] if index != layer.index]
    masks = []
    for index in trace.readers[source]:
        outputs = trace.shape(index)[1:] or (None,) * len(sizes)
        for place, windows in zip(trace.node(index).sources, trace.windows[index]):
            if place == source:
                masks.append(tuple(map(read_mask, windows, sizes, outputs)))
    if not others or any(None in reader for reader in masks):
        return ""
    evidence["read_by_none"] = left = in_none(masks, sizes)  # type: ignore[arg-type]
    names, reads = layer_names(trace, others), "reads" if len(others) == 1 else "read"
    if left:
        other = f"{names}, which {reads} the same map,"
        return f"; together with {other} it leaves {left:,} of its units unread"
    return f"; {names} {reads} them from the same map: only this branch skips them"


def _read_elsewhere(trace: Trace, layer: LayerReport, evidence: dict[str, Any]) -> bool:
    """Whether other layers read what this one skips, so that nothing of the map is lost.

    Where the units cannot be counted, one that leaves none between its windows is enough.
    """
    if "read_by_none" in evidence:
        return bool(evidence["read_by_none"] == 0)
    source = layer.node.sources[0]
    return any(
        place == source and all(window is WHOLE or _reads_all(window) for window in windows)
        for index in trace.readers[source]
        for place, windows in zip(trace.node(index).sources, trace.windows[index])
    )


def _reads_all(window: Window | None) -> bool:
    share = read_share(window)
    return share is not None and share[0] == share[1]


def _reaching(layer: LayerReport, windows: Windows) -> str | None:
    """What would let the windows meet every unit, by why they do not."""
    kernel, stride, dilation = layer.kernel, layer.stride, layer.dilation
    if not kernel or not stride or not dilation:
        return "pool or blur the map before it shrinks, so that every unit has a part"
    if all(read == of for read, of in filter(None, map(read_share, windows))):
        return "pad the map by dilation·(kernel - 1)/2: the units left out are at its border"
    if any(gcd(s, d) > 1 for s, d in zip(stride, dilation)):
        return "choose a dilation that shares no factor with the stride"
    reach, pool = once_or_each([max(k, s) for k, s in zip(kernel, stride)]), once_or_each(stride)
    return f"use kernel {reach}, which reaches over the stride, or pool {pool} and keep stride 1"


@rule(
    "CNN104",
    "dropped-edge",
    WARNING,
    "rows or columns at the map's end that no window reads, because the output size floors",
    "an input size or a padding that the windows fit exactly, or rounding up",
    "Dumoulin and Visin 2016, arXiv:1603.07285, section 2.4",
)
def dropped_edge(trace: Trace) -> Iterator[Case]:
    """Windows that stop short of the map's end."""
    for layer in trace.layers:
        if layer.stride is None or max(layer.stride) == 1:
            continue
        windows, sizes = trace.windows[layer.index][0], layer.in_shape[1:]
        counts = list(map(dropped_units, windows, sizes, layer.out_shape[1:]))
        if not any(counts):
            continue
        parts = [f"{n:,} of {size:,} units" if n else None for n, size in zip(counts, sizes)]
        text = f"the floor in its output size leaves the last {on_axes(trace, parts)} unread"
        fits = [_fitting(layer, axis) if n else None for axis, n in enumerate(counts)]
        evidence: dict[str, Any] = {"dropped": counts, "of": list(sizes), "fits": fits}
        if None not in counts and len(sizes) > 1:
            read = [size - n for size, n in zip(sizes, counts)]  # type: ignore[operator]
            evidence["units"] = prod(sizes) - prod(read)  # type: ignore[arg-type]
            text = f"{text}, {evidence['units']:,} units together"
        text += _by_others(trace, layer, evidence)
        cause = (_shape_of(windows), layer.padding, tuple(counts))
        yield Case(layer.index, cause, text, evidence, _fit(trace, layer, fits))


def _fitting(layer: LayerReport, axis: int) -> tuple[int, int, int] | None:
    """A smaller and the next larger input of which all is read, and the padding that does it."""
    size, geometry = layer.in_shape[1 + axis], layer.measures.geometry
    if size is None or geometry is None:
        return None
    kernel, stride, (before, after), dilation = [values[axis] for values in geometry]
    if before is None or after is None:
        return None
    reach = dilated_kernel(kernel, dilation)
    rest = (size + before + after - reach) % stride
    return size - (rest - after), size - rest + stride, stride - rest


def _fit(trace: Trace, layer: LayerReport, fits: list[tuple[int, int, int] | None]) -> str:
    sizes = [fit and f"{fit[0]:,} or {fit[1]:,}" for fit in fits]
    paddings = [fit and f"{fit[2]} more after" for fit in fits]
    ceil = ", or ceil_mode: true" if "ceil_mode" in layer.node.kind.attributes else ""
    sized, padded = on_axes(trace, sizes), on_axes(trace, paddings)
    return f"it reads all of an input of {sized}; or pad {padded}{ceil}"
