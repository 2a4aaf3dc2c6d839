"""The built-in networks with the figures by which people choose among them."""

from __future__ import annotations

import os
from math import prod
from typing import Any

from .. import zoo
from ..analysis.analysis import analyze
from ..arithmetic import Input, Number
from ..errors import UsageError
from ..loading import load
from ..record import Record
from ..report.columns import in_order
from ..report.display import DisplayedTuple
from ..synonyms import NETWORK
from ..wording import did_you_mean, quote
from .compare import widest
from .memory import peak_bytes


class CatalogueEntry(Record):
    """A built-in network; `rf` is its widest receptive field that is not global, in pixels.

    `memory` is the peak of live bytes, of float32. `multiplies` tells whether any layer multiplies
    activations with each other.
    """

    network: str
    family: str
    input: Input
    params: Number
    macs: Number
    rf: Number
    source: str | None
    memory: Number
    multiplies: bool = False


class Catalogue(DisplayedTuple[CatalogueEntry]):
    """The built-in networks."""


def entries(pattern: str | None = None, family: str | None = None) -> Catalogue:
    """The built-in networks with their figures, chosen as by `members`."""
    return Catalogue(entry(*member) for member in members(pattern, family))


def members(pattern: str | None = None, family: str | None = None) -> list[tuple[str, str]]:
    """(network, family), by family: of all, or of those in a family whose name fits a pattern.

    A pattern is a glob, or a part of the name; case, `-`, `_` and `.` do not matter. Raises
    UsageError where none fits.
    """
    families = dict.fromkeys(each for _, each in zoo.by_family())
    if family is not None and family not in families:
        hint = did_you_mean(family, families)
        raise UsageError(f"no family is named {quote(family)}; {hint}")
    chosen = [
        (name, each)
        for name, each in zoo.by_family()
        if family in (None, each) and (pattern is None or _fits(name, pattern))
    ]
    if not chosen:
        hint = did_you_mean(str(pattern), zoo.names(), "see `cnncalc list`", topic=NETWORK)
        if pattern in families:
            hint = f"it is a family: --family {pattern}"
        raise UsageError(f"no built-in network fits {quote(pattern)}; {hint}")
    return chosen


def ordered_entries(found: Catalogue, column: str) -> Catalogue:
    """The networks by a column: numbers from the largest, texts from a to z, unknown ones last.

    An input counts by its elements. Raises UsageError where there is no such column.
    """
    if column not in CatalogueEntry._fields:
        hint = did_you_mean(column, CatalogueEntry._fields)
        raise UsageError(f"no column is named {quote(column)}; {hint}")

    def amount(each: CatalogueEntry) -> Any:
        value = getattr(each, column)
        return prod(value) if isinstance(value, tuple) else value

    return Catalogue(in_order(found, amount))


def _fits(name: str, pattern: str) -> bool:
    from fnmatch import fnmatchcase

    wanted = zoo.plain(pattern)
    return fnmatchcase(zoo.plain(name), wanted if set("*?[") & set(wanted) else f"*{wanted}*")


def entry(name: str, family: str) -> CatalogueEntry:
    """A built-in network with its figures."""
    network = load(os.path.join(zoo.folder(), name + zoo.SUFFIX))
    report = analyze(network)
    totals = report.totals
    rf = max((rf for rf in widest(report) if rf is not None), default=None)
    source = network.definition.source
    figures = (report.input, totals.params, totals.macs, rf)
    memory = peak_bytes(report, network)
    return CatalogueEntry(name, family, *figures, source, memory, network.multiplies)
