"""The built-in networks with the figures by which people choose among them."""

from __future__ import annotations

import os
from collections.abc import Iterable

from .. import zoo
from ..analysis.analysis import analyze
from ..arithmetic import Number, Shape
from ..loading import load
from ..record import Record
from ..report.display import DisplayedTuple
from .compare import widest


class CatalogueEntry(Record):
    """A built-in network; `rf` is its widest receptive field that is not global, in pixels."""

    network: str
    family: str
    input: Shape
    params: Number
    macs: Number
    rf: Number
    source: str | None


class Catalogue(DisplayedTuple[CatalogueEntry]):
    """The built-in networks, by family."""


def entries(networks: Iterable[tuple[str, str]] | None = None) -> Catalogue:
    """Every built-in network, by family; or those that (network, family) pairs name."""
    pairs = zoo.by_family() if networks is None else networks
    return Catalogue(_entry(name, family) for name, family in pairs)


def _entry(name: str, family: str) -> CatalogueEntry:
    network = load(os.path.join(zoo.folder(), name + zoo.SUFFIX))
    report = analyze(network)
    totals = report.totals
    rf = max((rf for rf in widest(report) if rf is not None), default=None)
    source = network.definition.source
    return CatalogueEntry(name, family, report.input, totals.params, totals.macs, rf, source)
