"""What the units of a tile are made of, down to the pixels, to compare with the whole image's.

A unit's origin is a number that stands for all that its value comes from: its layer, its phase, and
the origins of the units that it reads, tap by tap, padding and edges included. Equal numbers are
equal values, whatever the weights.
"""

from oracle import MERGES, Trace, sizes_of
from oracle_windows import Refused

CLAMPED = ("upsample",)


class Origins:
    """The origins of the units of a network's maps on one axis, for inputs of many sizes."""

    def __init__(self, network, axis):
        self.network, self.axis = network, axis
        self.known = {}

    def number(self, *made_of):
        """The number that stands for these, the same for the same."""
        return self.known.setdefault(made_of, len(self.known))

    def of(self, traced: Trace, start: int, size: int, image: int) -> dict:
        """The origins of all units of every layer, of a piece of an image.

        The piece is read from pixel `start` on; `traced` is the network traced at its size.
        """
        assert start >= 0 and start + size <= image
        maps = {"input": [self.number("pixel", start + pixel) for pixel in range(size)]}
        for layer in self.network["layers"]:
            if layer["name"] in traced.layers:
                maps[layer["name"]] = self.layer(layer, traced, maps)
        return maps

    def layer(self, layer, traced, maps):
        """The origins of one layer's units."""
        window = traced.layers[layer["name"]].windows[self.axis]
        units = sizes_of(traced.layers[layer["name"]])[self.axis]
        sources = [maps[name] for name in layer["from"]]
        if layer["type"] == "max_unpool":  # where a value goes is up to what the pool read
            sources.append(maps[layer["pool"]])
        if layer["type"] in MERGES and any(len(source) != units for source in sources):
            sources = [source * units if len(source) == 1 else source for source in sources]
        return [
            self.number(
                layer["name"],
                unit % window.period if window.reads else 0,
                tuple(self.read(layer, window, unit, source) for source in sources),
            )
            for unit in range(units)
        ]

    def read(self, layer, window, unit, source):
        """Origins of the units that one unit reads of a source, in their order."""
        last = len(source) - 1
        places = range(last + 1) if window.reads is None else sorted(window.reads(unit))
        if layer["type"] in CLAMPED:
            places = [min(max(place, 0), last) for place in places]
        return tuple(source[place] if 0 <= place <= last else "padding" for place in places)


def traced_at(network, sizes):
    """The network traced on an input of the sizes; None where it is refused."""
    traced = Trace([network["input"][0], *sizes])
    try:
        for layer in network["layers"]:
            traced.add(layer)
    except Refused:
        return None
    return traced
