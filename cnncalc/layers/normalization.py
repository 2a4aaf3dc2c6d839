"""Normalizations and learned scales. Statistics over a map do not count as reading it."""

from __future__ import annotations

from ..arithmetic import Number, Shape
from ..wording import is_whole
from . import attributes as attribute
from . import formulas
from .base import Costless, Elementwise, Reading, Simple, divides, product
from .storage import INPUT, NOTHING, MayBeInPlace, Saved

OF_THE_MAP = "normalizes by statistics of the whole map"


class PerChannel(Elementwise, Simple):
    """Kinds with so many learned numbers for every channel."""

    def each(self) -> tuple[int, str]:
        """How many a channel has, and what they are."""
        raise NotImplementedError

    def parameters(self, reading: Reading) -> Number:
        count, channels = self.each()[0], reading.channels
        if not count:
            return 0
        return None if channels is None else count * channels

    def weight_shape(self, reading: Reading) -> Shape | None:
        return (reading.channels,) if self.each()[0] else None

    def explain_costs(self, reading: Reading) -> list[formulas.Step]:
        count, branch = self.each()
        if not count:
            return formulas.costs.nothing()
        result = self.parameters(reading)
        return formulas.costs.per_channel(reading.channels, count, result, branch)


class Affine(PerChannel):
    """A normalization with a weight and a bias per channel, where `affine`."""

    affine = attribute.Flag(True)
    eps = attribute.Kept(1e-05)

    def each(self) -> tuple[int, str]:
        return (2, "a weight and a bias per channel") if self.affine else (0, "")


class Tracking(Affine):
    """A normalization of channels whose running mean and variance, where kept, are buffers."""

    subtracts_mean = True

    momentum = attribute.Kept(0.1)
    track_running_stats = attribute.Flag(True)

    def beyond_window(self) -> str | None:
        return None if self.track_running_stats else OF_THE_MAP

    def buffers(self, reading: Reading) -> Number:
        if not self.track_running_stats:
            return 0
        return None if reading.channels is None else 2 * reading.channels

    def explain_costs(self, reading: Reading) -> list[formulas.Step]:
        steps = super().explain_costs(reading)
        if self.track_running_stats:
            steps.append(formulas.costs.statistics(reading.channels, self.buffers(reading)))
        return steps


class BatchNorm(MayBeInPlace, Tracking):
    """Batch normalization; its running mean and variance are buffers."""

    type = "batch_norm"

    def autograd_rule(self, reading: Reading) -> Saved | None:
        """Its input, with mean and inverse deviation of each channel; unknown of one in place."""
        if self.is_in_place or reading.channels is None:
            return None
        return INPUT.but(statistics=2 * reading.channels)


class GroupNorm(Affine):
    """Normalization over groups of channels."""

    type = "group_norm"
    example = "--num-groups 32"

    num_groups = attribute.Count()

    def autograd_rule(self, reading: Reading) -> Saved | None:
        """Its input, with mean and inverse deviation of each group."""
        return INPUT.but(numbers=2 * self.num_groups)

    def beyond_window(self) -> str | None:
        return OF_THE_MAP

    def output_shape(self, reading: Reading) -> Shape:
        divides(self.num_groups, reading.channels, "input channels", "num_groups")
        return reading.shapes[0]


class LayerNorm(Affine):
    """Normalization over the channels of each unit."""

    type = "layer_norm"

    def autograd_rule(self, reading: Reading) -> Saved | None:
        """Its input, with mean and inverse deviation of each unit."""
        units = product(reading.sizes)
        return None if units is None else INPUT.but(numbers=2 * units)


class InstanceNorm(Tracking):
    """Normalization of every channel over its map; no statistics are kept by default."""

    type = "instance_norm"

    affine = attribute.Flag(False)
    track_running_stats = attribute.Flag(False)

    def autograd_rule(self, reading: Reading) -> Saved | None:
        """As batch normalization of the images' channels side by side: all is repeated for each."""
        if reading.channels is None:
            return None
        repeated = 1 * self.affine + 2 * self.track_running_stats
        return INPUT.but(numbers=(2 + repeated) * reading.channels)


class Scale(PerChannel):
    """A learned factor per channel, and a bias where `bias`.

    Where `of_weight`, it is the weight of the layer before that is multiplied, not its output.
    """

    type = "scale"

    bias = attribute.Flag(True)
    of_weight = attribute.Flag(False)

    @property
    def computes_nothing(self) -> bool:  # type: ignore[override]
        return self.of_weight

    def autograd_rule(self, reading: Reading) -> Saved | None:
        return NOTHING if self.of_weight else INPUT

    @property
    def adds_bias(self) -> bool:
        return self.bias

    def each(self) -> tuple[int, str]:
        return (2, "a factor and a bias per channel") if self.bias else (1, "a factor per channel")


class LocalResponseNorm(Costless, Elementwise):
    """Local response normalization over neighbouring channels."""

    type = "lrn"

    size = attribute.Kept(5)
    alpha = attribute.Kept(0.0001)
    beta = attribute.Kept(0.75)
    k = attribute.Kept(1)

    def autograd_rule(self, reading: Reading) -> Saved | None:
        """Its input, the padded squares, what is raised to a power and what it divides by."""
        channels, units = reading.channels, product(reading.sizes)
        if channels is None or units is None or not is_whole(self.size):
            return None
        return INPUT.but(numbers=(3 * channels + self.size - 1) * units)
