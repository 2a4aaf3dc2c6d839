"""Normalizations and learned scales. Statistics over a map do not count as reading it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arithmetic import Number, Shape
from . import attributes as attribute
from .base import Costless, Elementwise, Reading, divides

if TYPE_CHECKING:
    from .formulas.step import Step

OF_THE_MAP = "normalizes by statistics of the whole map"


class Affine(Elementwise):
    """A normalization with a weight and a bias per channel, where `affine`."""

    affine = attribute.Flag(True)
    eps = attribute.Kept(1e-05)

    def parameters(self, reading: Reading) -> Number:
        if not self.affine:
            return 0
        return None if reading.channels is None else 2 * reading.channels

    def buffers(self, reading: Reading) -> Number:
        return 0

    def weight_shape(self, reading: Reading) -> Shape | None:
        return (reading.channels,) if self.affine else None

    def explain_costs(self, reading: Reading) -> list[Step]:
        from .formulas import costs

        if not self.affine:
            return costs.nothing()
        branch = "a weight and a bias per channel"
        return costs.per_channel(reading.channels, 2, self.parameters(reading), branch)


class BatchNorm(Affine):
    """Batch normalization; its running mean and variance are buffers."""

    type = "batch_norm"
    subtracts_mean = True

    momentum = attribute.Kept(0.1)
    track_running_stats = attribute.Flag(True)

    def beyond_window(self) -> str | None:
        return None if self.track_running_stats else OF_THE_MAP

    def buffers(self, reading: Reading) -> Number:
        if not self.track_running_stats:
            return 0
        return None if reading.channels is None else 2 * reading.channels

    def explain_costs(self, reading: Reading) -> list[Step]:
        from .formulas import costs

        steps = Affine.explain_costs(self, reading)
        if self.track_running_stats:
            steps.append(costs.statistics(reading.channels, self.buffers(reading)))
        return steps


class GroupNorm(Affine):
    """Normalization over groups of channels."""

    type = "group_norm"
    example = "--num-groups 32"

    num_groups = attribute.Count()

    def beyond_window(self) -> str | None:
        return OF_THE_MAP

    def output_shape(self, reading: Reading) -> Shape:
        divides(self.num_groups, reading.channels, "input channels", "num_groups")
        return reading.shapes[0]


class LayerNorm(Affine):
    """Normalization over the channels of each unit."""

    type = "layer_norm"


class InstanceNorm(BatchNorm):
    """Normalization of every channel over its map; no statistics are kept by default."""

    type = "instance_norm"

    affine = attribute.Flag(False)
    track_running_stats = attribute.Flag(False)


class Scale(Elementwise):
    """A learned factor per channel, and a bias where `bias`."""

    type = "scale"

    bias = attribute.Flag(True)

    @property
    def adds_bias(self) -> bool:
        return self.bias

    def parameters(self, reading: Reading) -> Number:
        channels = reading.channels
        return None if channels is None else channels * (2 if self.bias else 1)

    def buffers(self, reading: Reading) -> Number:
        return 0

    def weight_shape(self, reading: Reading) -> Shape | None:
        return (reading.channels,)

    def explain_costs(self, reading: Reading) -> list[Step]:
        from .formulas import costs

        each = 2 if self.bias else 1
        branch = "a factor and a bias per channel" if self.bias else "a factor per channel"
        return costs.per_channel(reading.channels, each, self.parameters(reading), branch)


class LocalResponseNorm(Costless, Elementwise):
    """Local response normalization over neighbouring channels."""

    type = "lrn"

    size = attribute.Kept(5)
    alpha = attribute.Kept(0.0001)
    beta = attribute.Kept(0.75)
    k = attribute.Kept(1)
