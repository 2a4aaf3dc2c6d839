"""Windows that slide: what convolutions and poolings share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from ..arithmetic import (
    Impossible,
    Number,
    Pair,
    Shape,
    ceil_output_size,
    dilated_kernel,
    output_size,
    same_output_size,
    same_padding,
    split_padding,
)
from ..fields.window import Window, floating, sliding
from . import attributes as attribute
from . import formulas
from .base import Geometry, Layer, Reading, Windows, per_axis

SAME = ("same", "same_lower")

T = TypeVar("T")


def once_per_reading(answer: Callable[[Any, Reading], T]) -> Callable[[Any, Reading], T]:
    """The answer, kept for the reading of last time: one measurement asks for it several times."""
    last: tuple[object, object, T] | None = None

    @wraps(answer)
    def remember(kind: Any, reading: Reading) -> T:
        nonlocal last
        known = last
        if known is not None and known[0] is kind and known[1] is reading:
            return known[2]
        result = answer(kind, reading)
        last = kind, reading, result
        return result

    return remember


class Sliding(Layer):
    """A window of `kernel_size` that slides by `stride`, each axis for itself."""

    windowed = True
    divides_gradient = True

    kernel_size = attribute.PerAxis()
    stride = attribute.PerAxis(1)
    padding: attribute.Padding[attribute.Pairs | str] = attribute.Padding(0, (*SAME, "valid"))

    def dilations(self) -> tuple[int, ...]:
        """Dilation per axis."""
        return (1,) * self.axes

    def strides(self) -> tuple[int, ...]:
        """Stride per axis."""
        return self.stride

    def rounding(self) -> bool | str:
        """false floors, true rounds up as PyTorch does, `caffe` as Caffe does."""
        return False

    @once_per_reading
    def geometry(self, reading: Reading) -> Geometry:
        sizes = self.map_sizes(reading)
        strides, dilations = self.strides(), self.dilations()

        def total(axis: int) -> Number:
            kernel, stride, dilation = self.kernel_size[axis], strides[axis], dilations[axis]
            size = sizes[axis]
            if size is None:
                # At stride 1, or with a single tap, every size needs the same padding.
                extent = dilated_kernel(kernel, dilation)
                return extent - 1 if stride == 1 or extent == 1 else None
            return same_padding(size, kernel, stride, dilation)

        padding = resolved_padding(self.padding, self.axes, total)
        return Geometry(self.kernel_size, strides, padding, dilations)

    @once_per_reading
    def output_sizes(self, reading: Reading) -> Shape:
        """Output size per axis."""
        geometry = self.geometry(reading)
        rounding = self.rounding()
        padded = any(pair != (0, 0) for pair in geometry.padding)
        same = self.padding in SAME

        def size_on_axis(size: Number, k: int, s: int, padding: Pair, d: int) -> Number:
            before, after = padding
            if size is None:
                return None
            if same:
                return same_output_size(size, s)
            assert before is not None and after is not None
            if rounding is False:
                return output_size(size, k, s, before, after, d)
            drop = rounding is True or padded
            return ceil_output_size(size, k, s, before, after, d, drop)

        return per_axis(size_on_axis, self.map_sizes(reading), *geometry)

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        geometry = self.geometry(reading)
        rule = self.padding if isinstance(self.padding, str) else ""
        rounding = self.rounding()
        padded = any(pair != (0, 0) for pair in geometry.padding)
        columns = zip(reading.sizes, *geometry, self.output_sizes(reading))
        return [
            formulas.sizes.sliding(formulas.sizes.Slide(n, k, s, p, d, rule, rounding, padded), to)
            for n, k, s, p, d, to in columns
        ]

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        return (tuple(map(self._window, *self.geometry(reading))),)

    def _window(self, kernel: int, stride: int, padding: Pair, dilation: int) -> Window:
        before = padding[0]
        if before is None:
            extent = dilated_kernel(kernel, dilation)
            return floating(kernel, stride, dilation, extent, self.padding == "same_lower")
        return sliding(kernel, stride, before, dilation)


class Dilated(Sliding):
    """A sliding window whose taps may be apart."""

    dilation = attribute.PerAxis(1)

    def dilations(self) -> tuple[int, ...]:
        return self.dilation


def refuse_wide_padding(padding: tuple[int, int], kernel: int) -> None:
    """Refuse a pooling's padding over half its kernel (without dilation), as PyTorch does."""
    widest = max(padding)
    if 2 * widest > kernel:
        raise Impossible(
            f"padding {widest} is over half its kernel of {kernel}",
            f"use at most {kernel // 2}, or pad with a pad layer before it",
        )


def resolved_padding(
    padding: attribute.Pairs | str, axes: int, totals: Callable[[int], Number]
) -> tuple[Pair, ...]:
    """Padding (before, after) per axis; `totals` gives the total of a `same` axis."""
    if not isinstance(padding, str):
        return padding
    if padding == "valid":
        return ((0, 0),) * axes
    lower = padding == "same_lower"
    return tuple(
        (None, None) if total is None else split_padding(total, lower)
        for total in map(totals, range(axes))
    )
