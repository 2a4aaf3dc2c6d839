"""FLOPs for each byte that a layer moves, and what a device's speed makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

from ...analysis.analysis import analyze
from ...arithmetic import Exact, Number, ratio, total
from ...definition.budgets import whole_bound
from ...definition.inputs import AskedInput
from ...errors import UsageError
from ...layers.base import Reading, product
from ...layers.storage import DTYPES
from ...network.network import Network
from ...record import Record
from ...report.display import Displayed
from ...report.folding import Row
from ...report.layer import LayerReport
from ...report.report import Report
from ...wording import did_you_mean, quote
from ..memory.storages import chosen_word
from .devices import DEVICES

COMPUTE, MEMORY, BOTH = "compute", "memory", "both"


class Roofline(Record):
    """FLOP/s and bytes/s, and where they are from."""

    speed: int
    bandwidth: int
    source: str | None = None


class LayerIntensity(Record):
    """A layer's FLOPs, the bytes that it reads and writes, and their quotient.

    With a roofline `bound` says which of compute and memory takes longer, `seconds` how long.
    """

    index: int
    layer: str
    flops: Number
    bytes: Number
    intensity: Exact | None
    bound: str | None
    seconds: Exact | None


class Intensity(Displayed, Record):
    """The intensity of a network's layers, in the report's order, and of it as a whole.

    `seconds` is a lower bound on the time of layers that run one after another, each of which
    reads and writes memory once; None without a roofline. The sums are None where a layer failed.
    """

    report: Report
    dtype: str
    roofline: Roofline | None
    layers: tuple[LayerIntensity, ...]
    flops: Number
    bytes: Number
    intensity: Exact | None
    seconds: Exact | None

    def of(self, row: Row) -> LayerIntensity:
        """The figures of a layer, or the sums of a block's: its layers run one after another."""
        parts = [self.layers[layer.index - 1] for layer in row.layers]
        if len(parts) == 1:
            return parts[0]
        flops, moved = total(part.flops for part in parts), total(part.bytes for part in parts)
        bounds = {part.bound for part in parts if part.bound is not None}
        seconds = None if self.roofline is None else _sum([part.seconds for part in parts])
        bound = BOTH if len(bounds) > 1 else next(iter(bounds), None)
        quotient = _quotient(flops, moved)
        return LayerIntensity(row.index, row.layer, flops, moved, quotient, bound, seconds)


def intensity(
    network: Network | str | PathLike[str],
    *,
    dtype: str = "float32",
    batch: int = 1,
    roofline: str | None = None,
    input: AskedInput | None = None,
) -> Intensity:
    """FLOPs for each byte read and written: inputs, weights and outputs, each once.

    A roofline is FLOP/s and bytes/s, as in `10T,900G`, or a device's name. Raises what `analyze`
    raises, and UsageError for an argument that there is not.
    """
    chosen_word(dtype, "type of numbers", tuple(DTYPES))
    roof = None if roofline is None else roofline_of(roofline, dtype)
    return intensity_of(analyze(network, input, batch=batch), dtype, roof)


def intensity_of(report: Report, dtype: str, roof: Roofline | None) -> Intensity:
    """The intensity of a network that was analysed."""
    rows = tuple(_row(report, layer, DTYPES[dtype], roof) for layer in report.layers)
    if not report.complete:
        return Intensity(report, dtype, roof, rows, None, None, None, None)
    flops, moved = report.totals.flops, total(row.bytes for row in rows)
    seconds = None if roof is None else _sum([row.seconds for row in rows])
    return Intensity(report, dtype, roof, rows, flops, moved, _quotient(flops, moved), seconds)


def roofline_of(text: str, dtype: str) -> Roofline:
    """What `10T,900G` or a device's name gives; raises UsageError.

    >>> roofline_of("10T,900G", "float32")
    Roofline(speed=10000000000000, bandwidth=900000000000, source=None)
    """
    if "," not in text:
        return _device(text, dtype)
    speed, _, bandwidth = text.partition(",")
    try:
        numbers = whole_bound(speed.strip()), whole_bound(bandwidth.strip())
    except ValueError as wrong:
        raise UsageError(f"in the roofline {quote(text)}, each {wrong}") from None
    if 0 in numbers:
        raise UsageError(f"the roofline {quote(text)} has a 0; FLOP/s and bytes/s are over 0")
    return Roofline(*numbers)


def _device(name: str, dtype: str) -> Roofline:
    if name not in DEVICES:
        hint = did_you_mean(name, DEVICES, f"use FLOP/s,bytes/s as in 10T,900G, or {list(DEVICES)}")
        raise UsageError(f"no device is named {quote(name)}; {hint}")
    device = DEVICES[name]
    if dtype not in device.speeds:
        known = f"it has {', '.join(device.speeds)}" if device.speeds else device.basis
        raise UsageError(f"the data sheet of {name} has no {dtype}; {known}")
    return Roofline(device.speeds[dtype], device.bandwidth, f"{device.source}; {device.basis}")


def _row(report: Report, layer: LayerReport, width: int, roof: Roofline | None) -> LayerIntensity:
    moved, flops = _bytes(report, layer, width), layer.flops
    bound = seconds = None
    if roof is not None and moved is not None and flops is not None:
        computes = flops * roof.bandwidth >= moved * roof.speed
        bound = (COMPUTE if computes else MEMORY) if flops or moved else None
        seconds = ratio(flops, roof.speed) if computes else ratio(moved, roof.bandwidth)
    return LayerIntensity(
        layer.index, layer.layer, flops, moved, _quotient(flops, moved), bound, seconds
    )


def _bytes(report: Report, layer: LayerReport, width: int) -> Number:
    """Bytes of a layer's inputs, weights and output, each once; 0 of one that computes nothing."""
    node = layer.node
    if node.kind.computes_nothing:
        return 0
    counts = [layer.activations, node.kind.parameters(Reading(layer.in_shapes, layer.sources))]
    for source in dict.fromkeys(node.sources):
        values = product(report.shape_of(source))
        given = None if values is None else values * report.batch
        counts.append(report.layers[source - 1].activations if source > 0 else given)
    count = total(counts)
    return None if count is None else count * width


def _quotient(flops: Number, moved: Number) -> Exact | None:
    return None if flops is None or not moved else ratio(flops, moved)


def _sum(times: Sequence[Exact | None]) -> Exact | None:
    from fractions import Fraction

    if None in times:
        return None
    parts = [Fraction(*each) if isinstance(each, tuple) else Fraction(each or 0) for each in times]
    whole = sum(parts, Fraction())
    return ratio(whole.numerator, whole.denominator)
