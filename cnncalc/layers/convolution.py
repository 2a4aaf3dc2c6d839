"""Convolutions, plain, depthwise and transposed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arithmetic import (
    Impossible,
    Number,
    Pair,
    Shape,
    bounded,
    dilated_kernel,
    transposed_output_size,
)
from ..fields.window import transposed
from . import attributes as attribute
from .attributes import Wrong
from .base import Geometry, Layer, Reading, Windows, divides, per_axis, product, resolved_padding
from .sliding import SAME, Sliding

if TYPE_CHECKING:
    from .formulas.step import Step
    from .formulas.weights import Weight


class Weighted(Layer):
    """Kinds whose parameters are one weight, and a bias per output channel."""

    bias = attribute.Flag(True)

    @property
    def adds_bias(self) -> bool:
        return self.bias

    def parameters(self, reading: Reading) -> Number:
        weights = product(self.weight_shape(reading) or (None,))
        out_channels = self.output_shape(reading)[0]
        if weights is None or out_channels is None:
            return None
        return weights + (out_channels if self.bias else 0)

    def buffers(self, reading: Reading) -> Number:
        return 0

    def weight_factors(self, reading: Reading) -> Weight:
        """The weight's factors and the matrix product that they make."""
        raise NotImplementedError

    def explain_costs(self, reading: Reading) -> list[Step]:
        from .formulas import costs

        shape = self.weight_shape(reading) or ()
        figures = costs.Figures(
            shape, self.weight_channels_last(shape), self.parameters(reading), self.macs(reading)
        )
        return costs.weighted(self.weight_factors(reading), self.bias, figures)


def _check_groups(groups: int, channels: Number, out_channels: Number) -> None:
    divides(groups, channels, "input channels", "groups", out_channels)
    divides(groups, out_channels, "output channels", "groups", channels)


class Conv(Sliding, Weighted):
    """Convolution (cross-correlation, as every framework computes it)."""

    type = "conv"
    example = "--kernel-size 7 --stride 2 --padding 3 --out-channels 64"

    out_channels = attribute.Channels(None)
    dilation = attribute.PerAxis(1)
    groups = attribute.Count(1)

    def dilations(self) -> tuple[int, ...]:
        return self.dilation

    def output_shape(self, reading: Reading) -> Shape:
        sizes = self.output_sizes(reading)
        _check_groups(self.groups, reading.channels, self.out_channels)
        return (self.out_channels, *sizes)

    def weight_shape(self, reading: Reading) -> Shape | None:
        channels = None if reading.channels is None else reading.channels // self.groups
        return (self.out_channels, channels, *self.kernel_size)

    def macs(self, reading: Reading) -> Number:
        return product((*self.output_sizes(reading), *(self.weight_shape(reading) or ())))

    def explain_channels(self, reading: Reading) -> Step:
        from .formulas import channels

        return channels.given(self.out_channels)

    def weight_factors(self, reading: Reading) -> Weight:
        from .formulas import weights

        channels = (reading.channels, self.out_channels)
        sizes = self.output_sizes(reading)
        return weights.convolution(channels, self.groups, self.kernel_size, sizes)

    def convolution_groups(self, reading: Reading) -> Number:
        return self.groups


class DepthwiseConv(Sliding, Weighted):
    """Convolution of every channel for itself, `multiplier` times."""

    type = "depthwise_conv"
    example = "--kernel-size 3 --padding same --no-bias"

    multiplier = attribute.Count(1)
    dilation = attribute.PerAxis(1)

    def dilations(self) -> tuple[int, ...]:
        return self.dilation

    def out_channels_of(self, reading: Reading) -> Number:
        """Channels out: channels in times the multiplier."""
        channels = reading.channels
        return None if channels is None else bounded(channels * self.multiplier, "channel count")

    def output_shape(self, reading: Reading) -> Shape:
        return (self.out_channels_of(reading), *self.output_sizes(reading))

    def weight_shape(self, reading: Reading) -> Shape | None:
        return (self.out_channels_of(reading), 1, *self.kernel_size)

    def weight_channels_last(self, weight: Shape) -> Shape:
        channels = None if weight[0] is None else weight[0] // self.multiplier
        return (*weight[2:], channels, self.multiplier)

    def macs(self, reading: Reading) -> Number:
        return product((*self.output_sizes(reading), *(self.weight_shape(reading) or ())))

    def explain_channels(self, reading: Reading) -> Step:
        from .formulas import channels

        symbols = {"C": reading.channels, "m": self.multiplier}
        return channels.product(symbols, self.out_channels_of(reading))

    def weight_factors(self, reading: Reading) -> Weight:
        from .formulas import weights

        numbers = (reading.channels, self.multiplier, self.kernel_size)
        return weights.depthwise(*numbers, self.output_sizes(reading))

    def convolution_groups(self, reading: Reading) -> Number:
        return reading.channels


class ConvTranspose(Weighted):
    """Transposed convolution (deconvolution): every unit read is spread over a window."""

    type = "conv_transpose"
    example = "--kernel-size 4 --stride 2 --padding 1 --out-channels 32"
    windowed = True

    out_channels = attribute.Channels(None)
    kernel_size = attribute.PerAxis()
    stride = attribute.PerAxis(1)
    padding = attribute.Padding(0, (*SAME, "valid"))
    output_padding = attribute.PerAxis(0, least=0)
    dilation = attribute.PerAxis(1)
    groups = attribute.Count(1)

    def check(self) -> None:
        if self.padding in SAME and any(self.output_padding):
            raise Wrong(f"output_padding goes with numbers for padding, not with {self.padding}")

    def geometry(self, reading: Reading) -> Geometry:
        def total(axis: int) -> int:
            extent = dilated_kernel(self.kernel_size[axis], self.dilation[axis])
            return max(extent - self.stride[axis], 0)

        padding = resolved_padding(self.padding, self.axes, total)
        return Geometry(self.kernel_size, self.stride, padding, self.dilation)

    def output_shape(self, reading: Reading) -> Shape:
        sizes = self.map_sizes(reading)
        _check_groups(self.groups, reading.channels, self.out_channels)
        per_axis(_check_output_padding, self.output_padding, self.stride, self.dilation)
        geometry = self.geometry(reading)
        same = (self.padding in SAME,) * self.axes
        outputs = per_axis(_transposed_size, sizes, *geometry, self.output_padding, same)
        return (self.out_channels, *outputs)

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        geometry = self.geometry(reading)
        befores = (before for before, _ in geometry.padding)
        columns = zip(self.kernel_size, self.stride, befores, self.dilation)
        return (tuple(transposed(k, s, before or 0, d) for k, s, before, d in columns),)

    def weight_shape(self, reading: Reading) -> Shape | None:
        channels = None if self.out_channels is None else self.out_channels // self.groups
        return (reading.channels, channels, *self.kernel_size)

    def macs(self, reading: Reading) -> Number:
        return product((*reading.sizes, *(self.weight_shape(reading) or ())))

    def explain_size(self, reading: Reading) -> list[list[Step]]:
        from .formulas import sizes

        rule = self.padding if isinstance(self.padding, str) else ""
        columns = zip(
            reading.sizes,
            *self.geometry(reading),
            self.output_padding,
            self.output_shape(reading)[1:],
        )
        return [
            sizes.transposed(sizes.Slide(size, k, s, pair, d, rule), extra, result)
            for size, k, s, pair, d, extra, result in columns
        ]

    def explain_channels(self, reading: Reading) -> Step:
        from .formulas import channels

        return channels.given(self.out_channels)

    def weight_factors(self, reading: Reading) -> Weight:
        from .formulas import weights

        channels = (reading.channels, self.out_channels)
        return weights.transposed(channels, self.groups, self.kernel_size, reading.sizes)

    def convolution_groups(self, reading: Reading) -> Number:
        return self.groups


def _check_output_padding(output_padding: int, stride: int, dilation: int) -> None:
    bound = max(stride, dilation)
    if output_padding >= bound:
        raise Impossible(
            f"output_padding {output_padding} is not below max(stride, dilation) = {bound}",
            f"use at most {bound - 1}",
        )


def _transposed_size(
    size: Number, k: int, s: int, padding: Pair, d: int, output_padding: int, same: bool
) -> Number:
    if size is None:
        return None
    if same:
        return bounded(size * s, "output size")
    before, after = padding
    assert before is not None and after is not None
    return transposed_output_size(size, k, s, before, after, d, output_padding)


class WindowOnly(Sliding):
    """A window of unknown channels and parameters: a line of a [kernel, stride, padding] list."""

    type = "window"
    example = "--kernel-size 3x5 --stride 2"

    dilation = attribute.PerAxis(1)

    def dilations(self) -> tuple[int, ...]:
        return self.dilation

    def output_shape(self, reading: Reading) -> Shape:
        return (None, *self.output_sizes(reading))

    def parameters(self, reading: Reading) -> Number:
        return None

    def buffers(self, reading: Reading) -> Number:
        return 0

    def macs(self, reading: Reading) -> Number:
        return None

    def weight_shape(self, reading: Reading) -> Shape | None:
        return None

    def explain_channels(self, reading: Reading) -> Step:
        from .formulas import channels

        return channels.given(None)

    def explain_costs(self, reading: Reading) -> list[Step]:
        from .formulas import costs

        return costs.unknown_weights("only the window is given, not whether it has weights")
