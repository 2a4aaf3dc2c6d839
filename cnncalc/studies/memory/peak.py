"""The peak of live bytes as a sum of the tensors that are alive then."""

from __future__ import annotations

from os import PathLike

from ...analysis.analysis import analyze
from ...arithmetic import Number, Shape
from ...layers.storage import DTYPES
from ...loading import network_of
from ...network.network import Network
from ...record import Record
from .liveness import run
from .storages import IDEAL, storages_of


class PeakTerm(Record):
    """A tensor alive at the peak: `copies` (images times regions) of a shape, and its bytes.

    It is made at step `first` and last read at step `last`.
    """

    tensor: str
    shape: Shape
    copies: int
    bytes: int
    first: int
    last: int


class PeakSum(Record):
    """The peak, in bytes of numbers of `width` bytes, at a layer, and the terms of its sum."""

    network: str
    layer: str | None
    width: int
    peak: Number
    terms: tuple[PeakTerm, ...]


def peak_sum(network: Network | str | PathLike[str], *, batch: int = 1) -> PeakSum:
    """Which tensors make the peak of a network in its own order, of float32.

    >>> [(term.tensor, term.bytes) for term in peak_sum("alexnet").terms]
    [('conv1', 1161600), ('relu1', 1161600)]
    """
    network = network_of(network)
    report = analyze(network, batch=batch)
    width = DTYPES["float32"]
    storages = storages_of(network, report, width, False, IDEAL)
    found = run(storages, storages.layers)
    if found.peak is None or not found.live:
        return PeakSum(network.name, None, width, found.peak, ())
    step = found.live.index(found.peak) + 1
    terms = [
        PeakTerm(
            network.name_of(each.key),
            report.shape_of(each.key),
            report.layers[each.key - 1].scale if each.key > 0 else report.batch,
            each.size or 0,
            each.first,
            each.last,
        )
        for each in found.lifetimes
        if each.first <= step <= each.last
    ]
    return PeakSum(network.name, network.name_of(step), width, found.peak, tuple(terms))
