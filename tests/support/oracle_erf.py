"""A brute-force oracle of effective fields: joint distributions over pixels, unit by unit.

What a unit's expected squared gradient, or the paths from it, are at every pixel of all axes
together, by propagating a dict of places through the windows that `oracle_windows` lists.
"""

import itertools
import math
from collections import Counter
from fractions import Fraction

from oracle import MERGES, Trace, extent, sizes_of
from oracle_windows import resize_step

RULELESS = ("bicubic",)


def own_place(trace: Trace, name: str) -> tuple:
    """The layer's unit of which the figures are: per axis the first of the largest extent."""
    place = []
    for field in trace.layers[name].fields:
        sets = [field.reads(unit) for unit in range(field.units or field.period)]
        place.append(max(range(len(sets)), key=lambda unit: (extent(sets[unit]), -unit)))
    return tuple(place)


def counted_sources(trace: Trace, layer) -> list:
    """A merge's inputs, those that read whole maps left out if there are others."""
    sources = [trace.layers[name] for name in layer.description["from"]]
    wide = tuple(map(max, zip(*map(sizes_of, sources), strict=True)))
    local = [
        name
        for name, source in zip(layer.description["from"], sources, strict=True)
        if not any(source.global_axes) and sizes_of(source) == wide
    ]
    return local or list(layer.description["from"])


def linear_weights(layer: dict, axis: int, size: int, units: int, unit: int, reads) -> list:
    """How much linear interpolation takes of each unit: 1 less how far it is."""
    step = resize_step(layer, axis, size, units)
    offset = Fraction(0) if layer.get("align_corners", False) else (step - 1) / 2
    return [1 - abs(unit * step + offset - each) for each in reads]


class Spread:
    """What units of a traced network have at every pixel: shares of a gradient, or paths."""

    def __init__(self, trace: Trace, shares: bool):
        self.trace, self.shares = trace, shares
        self.known = {}

    def at(self, name: str, place: tuple) -> dict:
        """By pixels' places, what a unit has; shares add up to 1 where it reads anything."""
        if name == "input":
            return {place: Fraction(1)}
        if (name, place) not in self.known:
            total = Counter()
            for source, unit, weight in self.reads(name, place):
                for pixel, value in self.at(source, unit).items():
                    total[pixel] += weight * value
            whole = sum(total.values()) if self.shares else 1
            self.known[name, place] = {pixel: value / whole for pixel, value in total.items()}
        return self.known[name, place]

    def reads(self, name: str, place: tuple):
        """The units of the layers before that a unit reads, with their weights."""
        layer = self.trace.layers[name]
        if layer.description["type"] in MERGES:
            for source in counted_sources(self.trace, layer):
                concat = self.shares and layer.description["type"] == "concat"
                yield source, place, self.trace.layers[source].shape[0] if concat else 1
            return
        axes = [self.along(layer, axis, unit) for axis, unit in enumerate(place)]
        for taps in itertools.product(*axes):
            weight = math.prod(weight for _, weight in taps)
            yield layer.description["from"][0], tuple(unit for unit, _ in taps), weight

    def along(self, layer, axis: int, unit: int) -> list:
        """The units read on one axis, each with its weight."""
        description, window = layer.description, layer.windows[axis]
        reads = sorted(window.reads(unit))
        if not self.shares or "linear" not in description.get("mode", ""):
            return [(each, 1) for each in reads]
        size, units = layer.in_sizes[axis], window.size
        weights = linear_weights(description, axis, size, units, unit, reads)
        return [(each, weight**2) for each, weight in zip(reads, weights, strict=True)]

    def along_axis(self, name: str, axis: int) -> list:
        """What the layer's own unit has from the first pixel to the last, the others summed."""
        joint = Counter()
        for pixel, value in self.at(name, own_place(self.trace, name)).items():
            joint[pixel[axis]] += value
        return [joint[pixel] for pixel in range(min(joint), max(joint) + 1)] if joint else []


def without_rule(network: dict) -> set:
    """Layers that some path reaches through a kind without a rule, or a unit that reads nothing."""
    lost = set()
    for layer in network["layers"]:
        if layer.get("mode") in RULELESS or lost & {*layer["from"]}:
            lost.add(layer["name"])
    return lost
