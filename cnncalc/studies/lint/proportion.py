"""Rules about windows and fields that are too large for their map or for the input."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from ...analysis.trace import Trace
from ...arithmetic import total
from ...fields.window import sliding
from ...report.layer import LayerReport
from .counting import Taps, live_taps
from .rule import INFO, WARNING, Case, on_axes, once_or_each, rule, units_text


@rule(
    "CNN301",
    "field-beyond-input",
    INFO,
    "convolutions whose input already sees the whole image, so that they bring no more context",
    "a larger input, fewer layers or less stride before them; or leave them out",
    "Richter et al. 2021, arXiv:2106.12307",
)
def field_beyond_input(trace: Trace) -> Iterator[Case]:
    """One case: the first convolution that cannot see more, and all others."""
    layers = [layer for layer in trace.layers if _sees_no_more(trace, layer)]
    if not layers:
        return
    first, others = layers[0], [layer.index for layer in layers[1:]]
    rf, sizes, unit = _input_fields(trace, first), trace.origin_sizes, units_text(trace)
    params, of = total(layer.params for layer in layers), trace.report.totals.params
    over = [
        f"{r:,} over {size:,} {unit}" if r is not None and size is not None and r >= size else None
        for r, size in zip(rf, sizes)
    ]
    text = f"its input already has a receptive field of {on_axes(trace, over)}"
    if others:
        many = "1 more convolution" if len(others) == 1 else f"{len(others):,} more convolutions"
        text = f"{text}; so it is with {many} after it"
    if params is not None and of is not None:
        text = f"{text}: {params:,} of {of:,} parameters"
    evidence = {"rf": rf, "input": list(sizes), "layers": len(layers), "params": params}
    yield Case(first.index, None, text, evidence, None, others)


def _input_fields(trace: Trace, layer: LayerReport) -> list[int | None]:
    source = layer.node.sources[0]
    return list(trace.layer(source).rf) if source > 0 else [1] * len(trace.axes)


def _sees_no_more(trace: Trace, layer: LayerReport) -> bool:
    """Whether every axis that the convolution widens the field on has the whole input already."""
    source = layer.node.sources[0]
    if layer.groups is None or layer.is_global or (source > 0 and trace.layer(source).is_global):
        return False
    columns = zip(_input_fields(trace, layer), layer.rf, trace.origin_sizes)
    widened = [
        (before, size)
        for before, after, size in columns
        if before is None or after is None or before < after
    ]
    return bool(widened) and all(
        before is not None and size is not None and before >= size for before, size in widened
    )


@rule(
    "CNN302",
    "hollow-kernel",
    WARNING,
    "a kernel so far dilated, or so large, for its map that its taps meet padding more often "
    "than the map",
    "a smaller dilation or kernel, or a larger input; features pooled over the image for context",
    "Chen et al. 2017, arXiv:1706.05587, section 3.3",
)
def hollow_kernel(trace: Trace) -> Iterator[Case]:
    """Convolutions whose taps meet padding more often than the map."""
    for layer in trace.layers:
        if layer.groups is None or layer.kernel is None or layer.dilation is None:
            continue
        windows, sizes = trace.windows[layer.index][0], layer.in_shape[1:]
        taps = list(map(live_taps, windows, sizes, layer.out_shape[1:]))
        counted = [axis for axis in taps if axis is not None]
        if len(counted) < len(taps) or not _is_hollow(counted):
            continue
        live, all_taps = prod(axis.live for axis in counted), prod(axis.all for axis in counted)
        kernel = prod(layer.kernel)
        idle = kernel - prod(k - axis.idle for k, axis in zip(layer.kernel, counted))
        size = "×".join(map(str, sizes))
        apart = once_or_each(layer.dilation)
        text = (
            f"kernel {once_or_each(layer.kernel)} with dilation {apart} on a map of {size}: its "
            f"taps meet the map in {live:,} of {all_taps:,} cases, padding in the others"
        )
        if idle:
            text = f"{text}; {idle:,} of {kernel:,} taps never meet it"
        evidence: dict[str, Any] = {"live": live, "taps": all_taps, "idle": idle}
        cause = (layer.kernel, layer.dilation, sizes)
        yield Case(layer.index, cause, text, evidence, _denser(layer))


def _is_hollow(taps: list[Taps]) -> bool:
    """Whether the taps meet padding more often than the map, all axes together.

    One half is where a kernel reads more padding than map. At 65×65, where rates of ASPP were
    first looked at, rate 24 keeps 57 % of the taps of a 3×3 kernel and rate 36 keeps 40 %; towards
    rate 65 all but the centre are lost and a 1×1 kernel is left.
    """
    return 2 * prod(axis.live for axis in taps) < prod(axis.all for axis in taps)


def _denser(layer: LayerReport) -> str | None:
    """The largest dilation that is not hollow on this map, where padding grows with it."""
    sizes, kernel = layer.in_shape[1:], layer.kernel or ()
    same = layer.out_shape[1:] == sizes and len(set(layer.dilation or ())) == 1
    if not same or any(k % 2 == 0 for k in kernel) or max(layer.stride or (1,)) > 1:
        return None
    least, most = 0, max(layer.dilation or (1,))
    while most - least > 1:
        middle = (least + most) // 2
        windows = [sliding(k, 1, middle * (k // 2), middle) for k in kernel]
        taps = [live_taps(window, size, size) for window, size in zip(windows, sizes)]
        if _is_hollow([axis for axis in taps if axis is not None]):
            most = middle
        else:
            least = middle
    if not least:
        return "a larger input, or a smaller kernel here"
    return f"a dilation of at most {least} on this map, or a larger input"
