"""The built-in networks with the figures by which people choose among them."""

from __future__ import annotations

import os

from .. import zoo
from ..analysis.analysis import analyze
from ..arithmetic import Number, Shape
from ..loading import load
from ..record import Record
from ..report.report import Report


class Entry(Record):
    """A built-in network; `rf` is its widest receptive field that is not global, in pixels."""

    network: str
    family: str
    input: Shape
    params: Number
    macs: Number
    rf: Number
    source: str | None


def entries() -> list[Entry]:
    """Every built-in network, by family."""
    return [_entry(name, family) for name, family in zoo.by_family()]


def _entry(name: str, family: str) -> Entry:
    network = load(os.path.join(zoo.folder(), name + zoo.SUFFIX))
    report = analyze(network)
    totals = report.totals
    source = network.definition.source
    return Entry(name, family, report.input, totals.params, totals.macs, _widest(report), source)


def _widest(report: Report) -> Number:
    fields = [rf for layer in report if not layer.is_global for rf in layer.rf if rf is not None]
    return max(fields, default=None)
