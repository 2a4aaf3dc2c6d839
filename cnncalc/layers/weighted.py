"""Convolutions, plain, depthwise and transposed, and the fully connected layer."""

from __future__ import annotations

from ..arithmetic import (
    Impossible,
    Number,
    Pair,
    Shape,
    dilated_kernel,
    transposed_output_size,
    within_limit,
)
from ..fields.window import transposed_window
from . import attributes as attribute
from . import formulas
from .attributes import Wrong
from .base import (
    Geometry,
    OwnChannels,
    Reading,
    WholeMap,
    Windows,
    divides,
    per_axis,
    product,
)
from .sliding import SAME, Dilated, once_per_reading, resolved_padding
from .storage import INPUT


class Weighted(OwnChannels):
    """Kinds whose parameters are one weight, and a bias per output channel."""

    keeps = INPUT

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

    def weight_factors(self, reading: Reading) -> formulas.Weight:
        """The weight's factors and the matrix product that they make."""
        raise NotImplementedError

    def explain_costs(self, reading: Reading) -> list[formulas.Step]:
        shape = self.weight_shape(reading) or ()
        return formulas.costs.weight_costs(
            self.weight_factors(reading),
            self.bias,
            (shape, self.weight_channels_last(shape)),
            self.parameters(reading),
            product((reading.copies, self.macs(reading))),
        )


def _check_groups(groups: int, channels: Number, out_channels: Number) -> None:
    divides(groups, channels, "input channels", "groups", out_channels)
    divides(groups, out_channels, "output channels", "groups", channels)


class Convolution(Dilated, Weighted):
    """Kinds whose every weight is used once for every unit of the output."""

    def macs(self, reading: Reading) -> Number:
        return product((*self.output_sizes(reading), *(self.weight_shape(reading) or ())))


class Conv(Convolution):
    """Convolution (cross-correlation, as every framework computes it)."""

    type = "conv"
    example = "--kernel-size 7 --stride 2 --padding 3 --out-channels 64"

    out_channels = attribute.Channels(None)
    groups = attribute.Count(1)

    def output_shape(self, reading: Reading) -> Shape:
        sizes = self.output_sizes(reading)
        _check_groups(self.groups, reading.channels, self.out_channels)
        return (self.out_channels, *sizes)

    def weight_shape(self, reading: Reading) -> Shape | None:
        channels = None if reading.channels is None else reading.channels // self.groups
        return (self.out_channels, channels, *self.kernel_size)

    def weight_factors(self, reading: Reading) -> formulas.Weight:
        channels = (reading.channels, self.out_channels)
        sizes = self.output_sizes(reading)
        return formulas.weights.convolution(
            channels, self.groups, self.kernel_size, sizes, reading.copies
        )

    def convolution_groups(self, reading: Reading) -> Number:
        return self.groups


class DepthwiseConv(Convolution):
    """Convolution of every channel for itself, `multiplier` times."""

    type = "depthwise_conv"
    example = "--kernel-size 3 --padding same --no-bias"

    multiplier = attribute.Count(1)

    def out_channels_of(self, reading: Reading) -> Number:
        """Channels out: channels in times the multiplier."""
        channels = reading.channels
        return (
            None if channels is None else within_limit(channels * self.multiplier, "channel count")
        )

    def output_shape(self, reading: Reading) -> Shape:
        return (self.out_channels_of(reading), *self.output_sizes(reading))

    def weight_shape(self, reading: Reading) -> Shape | None:
        return (self.out_channels_of(reading), 1, *self.kernel_size)

    def weight_channels_last(self, weight: Shape) -> Shape:
        channels = None if weight[0] is None else weight[0] // self.multiplier
        return (*weight[2:], channels, self.multiplier)

    def explain_channels(self, reading: Reading) -> formulas.Step:
        symbols = {"C": reading.channels, "m": self.multiplier}
        return formulas.channels.product(symbols, self.out_channels_of(reading))

    def weight_factors(self, reading: Reading) -> formulas.Weight:
        numbers = (reading.channels, self.multiplier, self.kernel_size)
        return formulas.weights.depthwise(*numbers, self.output_sizes(reading), reading.copies)

    def convolution_groups(self, reading: Reading) -> Number:
        return reading.channels


class ConvTranspose(Weighted):
    """Transposed convolution (deconvolution): every unit read is spread over a window."""

    type = "conv_transpose"
    example = "--kernel-size 4 --stride 2 --padding 1 --out-channels 32"
    windowed = True
    spreads = True
    divides_gradient = True

    out_channels = attribute.Channels(None)
    kernel_size = attribute.PerAxis()
    stride = attribute.PerAxis(1)
    padding: attribute.Padding[attribute.Pairs | str] = attribute.Padding(0, (*SAME, "valid"))
    output_padding = attribute.PerAxis(0, least=0)
    dilation = attribute.PerAxis(1)
    groups = attribute.Count(1)

    def check(self) -> None:
        if self.padding in SAME and any(self.output_padding):
            raise Wrong(f"output_padding goes with numbers for padding, not with {self.padding}")

    @once_per_reading
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
        return (tuple(transposed_window(k, s, before or 0, d) for k, s, before, d in columns),)

    def weight_shape(self, reading: Reading) -> Shape | None:
        channels = None if self.out_channels is None else self.out_channels // self.groups
        return (reading.channels, channels, *self.kernel_size)

    def macs(self, reading: Reading) -> Number:
        return product((*reading.sizes, *(self.weight_shape(reading) or ())))

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        rule = self.padding if isinstance(self.padding, str) else ""
        columns = zip(
            reading.sizes,
            *self.geometry(reading),
            self.output_padding,
            self.output_shape(reading)[1:],
        )
        return [
            formulas.sizes.transposed_convolution(
                formulas.sizes.Slide(size, k, s, pair, d, rule), extra, result
            )
            for size, k, s, pair, d, extra, result in columns
        ]

    def weight_factors(self, reading: Reading) -> formulas.Weight:
        channels = (reading.channels, self.out_channels)
        return formulas.weights.transposed_convolution(
            channels, self.groups, self.kernel_size, reading.sizes, reading.copies
        )

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
        return within_limit(size * s, "output size")
    before, after = padding
    assert before is not None and after is not None
    return transposed_output_size(size, k, s, before, after, d, output_padding)


class Linear(WholeMap, Weighted):
    """Fully connected layer; reads its input flattened."""

    type = "linear"
    example = "--out-features 1000"

    out_features = attribute.Channels()

    def output_axes(self, network: int, referred: int) -> int:
        return network

    def output_shape(self, reading: Reading) -> Shape:
        return (self.out_features,)

    def weight_shape(self, reading: Reading) -> Shape | None:
        return (self.out_features, product(reading.shapes[0]))

    def macs(self, reading: Reading) -> Number:
        return product(self.weight_shape(reading) or (None,))

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        return []

    def weight_factors(self, reading: Reading) -> formulas.Weight:
        length = product(reading.shapes[0])
        return formulas.weights.linear(length, self.out_features, reading.copies)

    def explain_costs(self, reading: Reading) -> list[formulas.Step]:
        steps = super().explain_costs(reading)
        if not reading.sizes:
            return steps
        (shape,) = reading.shapes
        return [formulas.channels.flat_length(shape, product(shape), flat_input=True), *steps]


class WindowOnly(Dilated, OwnChannels):
    """A window of unknown channels and parameters: a line of a [kernel, stride, padding] list."""

    type = "window"
    keeps = None
    example = "--kernel-size 3x5 --stride 2"
    reason = "only the window is given, not whether it has weights"

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

    def explain_costs(self, reading: Reading) -> list[formulas.Step]:
        return formulas.costs.unknown_weights(self.reason)
