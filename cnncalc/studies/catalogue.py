"""The built-in networks with the figures by which people choose among them."""

from __future__ import annotations

import os

from .. import zoo
from ..analysis.analysis import analyze
from ..arithmetic import Number, Shape
from ..loading import load
from ..record import Record
from .compare import widest


class CatalogueEntry(Record):
    """A built-in network; `rf` is its widest receptive field that is not global, in pixels.

    `multiplies` tells whether any layer multiplies activations with each other.
    """

    network: str
    family: str
    input: Shape
    params: Number
    macs: Number
    rf: Number
    source: str | None
    multiplies: bool = False


def entries() -> list[CatalogueEntry]:
    """Every built-in network, by family."""
    return [_entry(name, family) for name, family in zoo.by_family()]


def _entry(name: str, family: str) -> CatalogueEntry:
    network = load(os.path.join(zoo.folder(), name + zoo.SUFFIX))
    report = analyze(network)
    totals = report.totals
    rf = max((rf for rf in widest(report) if rf is not None), default=None)
    source = network.definition.source
    figures = (report.input, totals.params, totals.macs, rf)
    return CatalogueEntry(name, family, *figures, source, network.multiplies)
