"""Drawings of networks: the cone of an axis and the field on the input, against index loops."""

from collections import Counter

import pytest
from oracle import MERGES, sizes_of, trace
from random_networks import SMALL, SMALL_BY_UNITS, generate, to_yaml

import cnncalc
from cnncalc.analysis.analysis import trace_of
from cnncalc.pictures.drawings.cone_rows import cone_of

SEEDS = range(60)
LIMITS = {"phases": SMALL, "by units": SMALL_BY_UNITS}


def sources_that_count(traced, name):
    """What a layer reads; of a merge, those that read whole maps left out if there are others."""
    layer = traced.layers[name]
    sources = layer.description["from"]
    if layer.description["type"] not in MERGES:
        return sources[:1]
    wide = tuple(map(max, zip(*(sizes_of(traced.layers[each]) for each in sources), strict=True)))
    local = [
        each
        for each in sources
        if not any(traced.layers[each].global_axes) and sizes_of(traced.layers[each]) == wide
    ]
    return local or sources


def paths_to(traced, name, axis, unit):
    """By layer, how many paths of one axis lead from a unit to each unit of it, tap by tap."""
    order = list(traced.layers)
    paths = {name: Counter({unit: 1})}
    for reader in reversed(order[1 : order.index(name) + 1]):
        layer = traced.layers[reader]
        for source in sources_that_count(traced, reader) if paths.get(reader) else ():
            below = paths.setdefault(source, Counter())
            for place, count in paths[reader].items():
                merges = layer.description["type"] in MERGES
                for tap in [place] if merges else layer.windows[axis].reads(place):
                    below[tap] += count
    return {layer: +units for layer, units in paths.items() if units}


def random_cones(seed, limits):
    """The cones of some layers of a random network, with the oracle's paths."""
    description = generate(seed, limits=LIMITS[limits])
    traced = trace(description)
    network = cnncalc.loads(to_yaml(description))
    known = trace_of(network, None)
    for name, layer in list(traced.layers.items())[1:]:
        if any(layer.global_axes):
            continue
        for axis, size in enumerate(layer.shape[1:]):
            unit = (seed * 7) % size
            if layer.fields[axis].reads(unit):
                cone = cone_of(known, network.index(name), axis, unit)
                yield cone, paths_to(traced, name, axis, unit), layer.fields[axis].reads(unit)


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("seed", SEEDS)
def test_paths_of_a_cone_are_those_of_an_index_loop(seed, limits):
    for cone, paths, pixels in random_cones(seed, limits):
        for row in cone.rows:
            numbers = {row.first + at: count for at, count in enumerate(row.paths) if count}
            assert numbers == paths[row.layer]
        assert cone.rows[-1].layer == "input"
        assert {*paths["input"]} == pixels
        assert len(cone.rows) + cone.passed == len(paths)
