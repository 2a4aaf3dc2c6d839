"""The same numbers, in their order, under another shape."""

from __future__ import annotations

from typing import Any

from ..arithmetic import Impossible, Number, Shape, within_limit
from ..fields import window
from ..fields.window import IDENTITY, WHOLE, Window
from ..wording import is_whole, shape_text
from . import attributes as attribute
from . import formulas
from .attributes import Listed
from .base import (
    Costless,
    Elementwise,
    OwnChannels,
    Reading,
    WholeMap,
    Windows,
    divides,
    per_axis,
    product,
)
from .storage import NOTHING

KEPT, LEFT = 0, -1


class TargetShape(Listed[tuple[int, ...]]):
    """A shape with 0 for a number of the input's and one −1 for what is left."""

    expects = (
        "[length], or channels and a size per axis ({axes}): whole numbers, "
        "0 for the input's own, one -1 for what is left"
    )

    def value(self, given: Any, axes: int) -> tuple[int, ...]:
        fits = isinstance(given, list) and len(given) in (1, axes + 1) and given.count(LEFT) <= 1
        if not fits or not all(is_whole(number) and number >= LEFT for number in given):
            raise self.refuse(given, axes)
        return tuple(map(self.within_bound, given))


class Reshape(OwnChannels, Costless):
    """Gives the numbers that it reads another shape: a map's, or a vector's."""

    type = "reshape"
    divides_gradient = True
    computes_nothing = True
    keeps = NOTHING
    example = "--shape 128,28,56"

    shape = TargetShape()

    def output_axes(self, network: int, referred: int) -> int:
        return self.axes if len(self.shape) > 1 else network

    def output_shape(self, reading: Reading) -> Shape:
        read = reading.shapes[0]
        target: list[Number] = list(self.shape)
        for place, number in enumerate(self.shape):
            if number == KEPT:
                if place >= len(read):
                    raise Impossible(
                        f"shape {self._text()} keeps number {place + 1} of {shape_text(read)}",
                        "give that number itself",
                    )
                target[place] = read[place]
        total = product(read)
        if LEFT in self.shape:
            target[self.shape.index(LEFT)] = self._rest(target, total, read)
        if total is not None and product(target) not in (None, total):
            raise self._unfit(read, f"give a shape of {total} numbers, or -1 for what is left")
        return tuple(target)

    def _rest(self, target: list[Number], total: Number, read: Shape) -> Number:
        others = product([number for number in target if number != LEFT])
        if total is None or others is None:
            return None
        whole, rest = divmod(total, others)
        if rest:
            raise self._unfit(read, f"its other numbers must divide {total}")
        return within_limit(whole, "what is left of the shape")

    def _unfit(self, read: Shape, remedy: str) -> Impossible:
        return Impossible(
            f"shape {self._text()} does not fit its input of {shape_text(read)}", remedy
        )

    def _text(self) -> str:
        return f"[{', '.join(map(str, self.shape))}]"

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        read, to = reading.shapes[0], self.output_shape(reading)
        single = all(size == 1 for size in to[1:]) or all(size == 1 for size in read[1:])
        windows: list[Window | None] = [WHOLE if single else None] * self.axes
        # An axis stays as it is as far as all axes after it stay; what is before is scattered.
        axis = self.axes if len(read) == len(to) > 1 else 0
        while axis and self._keeps(axis, read, to):
            windows[axis - 1] = IDENTITY
            axis -= 1
        return (tuple(windows),)

    def _keeps(self, axis: int, read: Shape, to: Shape) -> bool:
        return self.shape[axis] == KEPT or (read[axis] is not None and read[axis] == to[axis])

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        sizes = self.output_shape(reading)[1:]
        return [formulas.sizes.own(size, "the shape asked for") for size in sizes]


class Slice(Costless, Elementwise):
    """Takes the channels [from, to)."""

    type = "slice"
    computes_nothing = True
    keeps = NOTHING
    passes_shift = True
    example = "--channels 0:32"

    channels = attribute.Range()

    def output_shape(self, reading: Reading) -> Shape:
        first, end = self.channels
        if reading.channels is not None and end > reading.channels:
            raise Impossible(
                f"channels [{first}, {end}) leave its input of {reading.channels} channels",
                f"end at {reading.channels} or before",
            )
        return (end - first, *reading.sizes)

    def explain_channels(self, reading: Reading) -> formulas.Step:
        return formulas.channels.cut(*self.channels)


class ChannelShuffle(Costless, Elementwise):
    """Interleaves groups of channels."""

    type = "channel_shuffle"
    keeps = NOTHING
    passes_shift = True
    example = "--groups 4"

    groups = attribute.Count()

    def output_shape(self, reading: Reading) -> Shape:
        divides(self.groups, reading.channels, "input channels", "groups")
        return reading.shapes[0]


class Flatten(WholeMap, Costless):
    """Makes a vector of all numbers of the map."""

    type = "flatten"
    computes_nothing = True
    keeps = NOTHING
    passes_shift = True

    def output_axes(self, network: int, referred: int) -> int:
        return network

    def output_shape(self, reading: Reading) -> Shape:
        length = product(reading.shapes[0])
        return (None if length is None else within_limit(length, "vector length"),)

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        return []

    def explain_channels(self, reading: Reading) -> formulas.Step:
        return formulas.channels.flat_length(reading.shapes[0], self.output_shape(reading)[0])


class Shuffle(Costless):
    """Moves a factor per axis between channels and space."""

    example = "--factor 2"
    windowed = True
    divides_gradient = True
    keeps = NOTHING
    grows: bool

    factor = attribute.Count()

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        columns = zip(reading.sizes, self.output_shape(reading)[1:])
        return [formulas.sizes.shuffling(n, self.factor, to, self.grows) for n, to in columns]

    def explain_channels(self, reading: Reading) -> formulas.Step:
        numbers = (reading.channels, self.factor, self.axes, self.output_shape(reading)[0])
        return formulas.channels.shuffling(*numbers, self.grows)


class PixelShuffle(Shuffle):
    """Moves channels into space: C·r² channels become C on an r times larger map."""

    type = "pixel_shuffle"
    grows = True

    def output_shape(self, reading: Reading) -> Shape:
        sizes = self.map_sizes(reading)
        share = self.factor**self.axes
        channels = reading.channels
        if channels is not None and channels % share:
            raise Impossible(
                f"factor^{self.axes}={share} does not divide its {channels} input channels",
                f"give it a multiple of {share} channels, {-(-channels // share) * share} say",
            )
        return (None if channels is None else channels // share, *per_axis(self._larger, sizes))

    def _larger(self, size: Number) -> Number:
        return None if size is None else within_limit(size * self.factor, "output size")

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        return ((window.nearest(1, self.factor),) * self.axes,)


class SpaceToDepth(Shuffle):
    """Moves space into channels: an r times smaller map of C·r² channels."""

    type = "space_to_depth"
    passes_shift = True
    grows = False

    def output_shape(self, reading: Reading) -> Shape:
        sizes = per_axis(self._smaller, self.map_sizes(reading))
        channels = reading.channels
        if channels is not None:
            channels = within_limit(channels * self.factor**self.axes, "channel count")
        return (channels, *sizes)

    def _smaller(self, size: Number) -> Number:
        if size is None:
            return None
        if size % self.factor:
            larger = (size // self.factor + 1) * self.factor
            raise Impossible(
                f"factor {self.factor} does not divide its input of {size}",
                f"pad it to {larger} first",
            )
        return size // self.factor

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        return ((window.sliding(self.factor, self.factor, 0),) * self.axes,)
