"""Layers that change a map's size without weights: resizing, padding, cropping, shuffling."""

from __future__ import annotations

from collections.abc import Callable

from ..arithmetic import Impossible, Number, Shape, within_limit
from ..fields import window
from ..fields.window import Window
from . import attributes as attribute
from . import formulas
from .attributes import Wrong
from .base import Costless, Geometry, KeepsChannels, Reading, Windows, per_axis
from .storage import INPUT, NOTHING, Saved

CUBIC = "bicubic"
MODES: dict[str, Callable[..., Window]] = {
    "bilinear": window.linear,
    "linear": window.linear,
    "trilinear": window.linear,
    CUBIC: window.cubic,
}


class Upsample(KeepsChannels, Costless):
    """Resizing by a factor, to a size, or to the size of another layer's output."""

    type = "upsample"
    keeps = NOTHING
    example = "--scale-factor 2 --mode bilinear"
    windowed = True
    passes_shift = True  # the weights of every unit add up to 1
    reference = "like"

    scale_factor = attribute.ScaleFactor(None)
    size = attribute.PerAxis(None)
    like = attribute.LayerName(None)
    mode = attribute.Choice("nearest", "nearest", *MODES)
    align_corners = attribute.Flag(False)

    @property
    def divides_gradient(self) -> bool:  # type: ignore[override]
        """Whether frameworks agree on its weights: bicubic's constant is −1/2 or −3/4."""
        return bool(self.mode != CUBIC)

    def check(self) -> None:
        given = [n for n in ("scale_factor", "size", "like") if getattr(self, n) is not None]
        if len(given) != 1:
            found = " and ".join(given) if given else "none of them"
            raise Wrong(f"upsample needs one of scale_factor, size and like, not {found}")
        if self.align_corners and self.mode == "nearest":
            raise Wrong("align_corners goes with mode bilinear or bicubic, not with nearest")

    def output_shape(self, reading: Reading) -> Shape:
        sizes = self.map_sizes(reading)
        return (reading.channels, *per_axis(_output_size, sizes, self._targets(reading)))

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        outputs = self.output_shape(reading)[1:]
        mode = f"{self.mode}, corners aligned" if self.align_corners else self.mode
        if self.scale_factor is not None:
            columns = zip(reading.sizes, self.scale_factor, outputs)
            return [formulas.sizes.resizing(*axis, mode) for axis in columns]
        target = "the size asked for" if self.like is None else f"the size of {self.like}"
        return [formulas.sizes.own(size, f"resizing, {mode}: {target}") for size in outputs]

    def _targets(self, reading: Reading) -> tuple[Number | tuple[int, int], ...]:
        """Per axis the output size, or the factor as (numerator, denominator)."""
        if self.scale_factor is not None:
            return self.scale_factor
        return like_sizes(reading, self.like) if self.like is not None else self.size

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        return (tuple(map(self._window, reading.sizes, self._targets(reading))),)

    def _window(self, size: Number, target: Number | tuple[int, int]) -> Window | None:
        if self.align_corners:
            output = _output_size(size, target)
            if size is None or output is None:
                return None
            return self._corner_window(size, output)
        if isinstance(target, tuple):
            units, pixels = target
        elif size is None or target is None:
            return None
        else:
            units, pixels = target, size
        return MODES.get(self.mode, window.nearest)(pixels, units)

    def _corner_window(self, size: int, output: int) -> Window | None:
        if size == 1:
            return window.WHOLE
        if output == 1:
            return None
        return MODES[self.mode](size - 1, output - 1, True)


def _output_size(size: Number, target: Number | tuple[int, int]) -> Number:
    if not isinstance(target, tuple):
        return target
    if size is None:
        return None
    numerator, denominator = target
    output = size * numerator // denominator
    if output < 1:
        raise Impossible(
            f"scale_factor {numerator}/{denominator} leaves nothing of {size}",
            f"it needs an input of at least {-(-denominator // numerator)}",
        )
    return within_limit(output, "output size")


def like_sizes(reading: Reading, name: str) -> Shape:
    """Sizes of the layer that an attribute names; a vector is refused."""
    assert reading.referred is not None
    sizes = reading.referred.shape[1:]
    if not sizes:
        raise Impossible(f"like {name!r} gives a vector", "name a layer that gives a map")
    return sizes


# What they pad with is known without any unit further in; None is a mode that nobody gave.
EDGE_MODES = (None, "constant", "zeros", "zero", "edge", "replicate")
# What they pad with is one number, or copied as it is: a gradient needs nothing of the map.
FILLING_MODES = (None, "constant", "zeros", "zero", "circular", "wrap")
# What they pad with is units of the map itself.
COPYING_MODES = ("edge", "replicate", "reflect", "symmetric", "circular", "wrap")


class Pad(KeepsChannels, Costless):
    """Adds units around the map."""

    type = "pad"
    divides_gradient = True
    example = "--padding 0:1"
    windowed = True

    padding: attribute.Padding[attribute.Pairs] = attribute.Padding()
    mode = attribute.Kept("constant")
    value = attribute.Kept(0)

    @property
    def passes_shift(self) -> bool:  # type: ignore[override]
        """Whether all that it adds is units of the map."""
        return self.mode in COPYING_MODES or all(pair == (0, 0) for pair in self.padding)

    def autograd_rule(self, reading: Reading) -> Saved | None:
        """Nothing of zeros or of a map that is copied around; what mirrors keeps its input."""
        if self.mode in FILLING_MODES:
            return NOTHING
        return INPUT if self.mode in COPYING_MODES else None

    def beyond_window(self) -> str | None:
        if self.mode in EDGE_MODES:
            return None
        return f"pads by {self.mode}, from units away from the edge"

    def output_shape(self, reading: Reading) -> Shape:
        return (reading.channels, *per_axis(_padded_size, self.map_sizes(reading), self.padding))

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        columns = zip(reading.sizes, self.padding, self.output_shape(reading)[1:])
        return [formulas.sizes.padding(*axis) for axis in columns]

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        return (tuple(window.sliding(1, 1, before) for before, _ in self.padding),)

    def geometry(self, reading: Reading) -> Geometry:
        ones = (1,) * self.axes
        return Geometry(ones, ones, self.padding, ones)


def _padded_size(size: Number, pair: tuple[int, int]) -> Number:
    return None if size is None else within_limit(size + sum(pair), "output size")


class Crop(KeepsChannels, Costless):
    """Takes units off the map's sides, or cuts it to another layer's size from an offset on."""

    type = "crop"
    divides_gradient = True
    computes_nothing = True
    keeps = NOTHING
    example = "--amount 4"
    windowed = True
    passes_shift = True
    reference = "like"

    amount: attribute.Padding[attribute.Pairs] = attribute.Padding(None)
    like = attribute.LayerName(None)
    offset = attribute.PerAxis(0, least=0)

    def check(self) -> None:
        if (self.amount is None) == (self.like is None):
            raise Wrong("crop needs either amount or like")
        if self.like is None and any(self.offset):
            raise Wrong("offset goes with like; amount says what to take off each side")

    def output_shape(self, reading: Reading) -> Shape:
        sizes = self.map_sizes(reading)
        if self.like is None:
            return (reading.channels, *per_axis(_cropped_size, sizes, self.amount))
        targets = like_sizes(reading, self.like)
        return (reading.channels, *per_axis(_cut_size, sizes, targets, self.offset))

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        outputs = self.output_shape(reading)[1:]
        if self.like is None:
            columns = zip(reading.sizes, self.amount, outputs)
            return [formulas.sizes.cropping(*axis) for axis in columns]
        cuts = [f"the size of {self.like}, cut from {first} on" for first in self.offset]
        return [formulas.sizes.own(*axis) for axis in zip(outputs, cuts)]

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        starts = [before for before, _ in self.amount] if self.like is None else self.offset
        return (tuple(window.sliding(1, 1, -start) for start in starts),)


def _cropped_size(size: Number, pair: tuple[int, int]) -> Number:
    if size is None:
        return None
    if sum(pair) >= size:
        raise Impossible(
            f"crop {pair[0]}+{pair[1]} leaves nothing of {size}",
            f"it needs an input of at least {sum(pair) + 1}",
        )
    return size - sum(pair)


def _cut_size(size: Number, target: Number, offset: int) -> Number:
    if size is not None and target is not None and offset + target > size:
        raise Impossible(
            f"crop from {offset} to {offset + target} leaves its input of {size}",
            f"it needs an input of at least {offset + target}",
        )
    return target
