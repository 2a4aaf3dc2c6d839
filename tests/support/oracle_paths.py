"""Paths along one axis of a traced network, from a unit back to the input, tap by tap."""

from collections import Counter

from oracle import MERGES, Trace
from oracle_erf import counted_sources


def paths_to(traced: Trace, name: str, axis: int, unit: int) -> dict:
    """By layer, how many paths lead from a unit to each unit of it."""
    order = list(traced.layers)
    paths = {name: Counter({unit: 1})}
    for reader in reversed(order[1 : order.index(name) + 1]):
        layer = traced.layers[reader]
        merges = layer.description["type"] in MERGES
        sources = counted_sources(traced, layer) if merges else layer.description["from"][:1]
        for source in sources if paths.get(reader) else ():
            below = paths.setdefault(source, Counter())
            for place, count in paths[reader].items():
                for tap in [place] if merges else layer.windows[axis].reads(place):
                    below[tap] += count
    return {layer: units for layer, units in paths.items() if units}
