"""A rule about the memory that a network takes to run."""

from __future__ import annotations

from collections.abc import Iterator

from ...analysis.trace import Trace
from ...layers.storage import DTYPES
from ...wording import size_text
from ..memory.liveness import run
from ..memory.order import best_order
from ..memory.storages import IDEAL, storages_of
from .rule import INFO, Case, rule

WIDTH = DTYPES["float32"]


@rule(
    "CNN501",
    "memory-peak",
    INFO,
    "a layer that alone makes the peak of live bytes: all others take less by a fifth or more",
    "an earlier stride, or fewer channels where the map is large",
    "Lin et al. 2021, arXiv:2110.15352",
)
def memory_peak(trace: Trace) -> Iterator[Case]:
    """One case: the layer at the peak, with what another order and writing in place would take."""
    storages = storages_of(trace.network, trace.report, WIDTH, False, IDEAL)
    found = run(storages, storages.layers)
    peak = found.peak
    if peak is None or len(found.live) < 2:
        return
    second, _ = sorted(each for each in found.live if each is not None)[-2:]
    if 5 * second > 4 * peak:
        return
    moved = storages_of(trace.network, trace.report, WIDTH, True, IDEAL)
    in_place = run(moved, moved.layers).peak or peak
    ordered = run(storages, best_order(storages)[0]).peak or peak
    ways = {"in place": in_place, "in another order of layers": ordered}
    lower = [f"{size_text(each)} {way}" for way, each in ways.items() if each < peak]
    text = f"{size_text(peak)} are live while it runs, {size_text(second)} at most otherwise"
    evidence = {"peak": peak, "second": second, "in_place": in_place, "order": ordered}
    remedy = f"{' or '.join(lower)} (cnncalc memory)" if lower else None
    yield Case(found.live.index(peak) + 1, None, text, evidence, remedy)
