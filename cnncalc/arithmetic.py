"""The formulas, on plain integers: sizes, paddings, exact ratios.

Every function speaks of one axis. Sizes, strides and paddings are in units of the layer's input.
A figure that cannot be is refused with `Impossible`, which carries the numbers and the way out;
who calls adds the axis, the layer and the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import gcd

LIMIT = 10**18
AXES = {1: ("l",), 2: ("h", "w"), 3: ("d", "h", "w")}

Exact = int | tuple[int, int]
Number = int | None
Shape = tuple[Number, ...]
Input = Shape | Mapping[str, Shape]  # an only one's shape, or those of inputs by name
Pair = tuple[Number, Number]


class Impossible(ValueError):
    """A figure that no layer can have: what was found, on which axis, and what would be right."""

    def __init__(self, found: str, remedy: str = "", axis: str = "") -> None:
        super().__init__(found)
        self.found = found
        self.remedy = remedy
        self.axis = axis

    def on(self, axis: str) -> Impossible:
        """The same refusal, told of the axis."""
        return Impossible(self.found, self.remedy, axis)

    def __str__(self) -> str:
        found = f"{self.found} on axis {self.axis}" if self.axis else self.found
        return f"{found}; {self.remedy}" if self.remedy else found


def within_limit(value: int, quantity: str) -> int:
    """The value, refused where it is over 10^18.

    >>> within_limit(7, "output size")
    7
    """
    if value > LIMIT:
        raise Impossible(f"{quantity} is over 10^18", "nothing that large is computed")
    return value


def ratio(numerator: int, denominator: int) -> int | tuple[int, int]:
    """An exact quotient: an integer, or a reduced (numerator, denominator) with denominator > 1.

    >>> ratio(6, 3), ratio(6, 4)
    (2, (3, 2))
    """
    common = gcd(numerator, denominator)
    if common == denominator:
        return numerator // denominator
    return numerator // common, denominator // common


def total(numbers: Iterable[int | None]) -> int | None:
    """The sum, None where any number is unknown.

    >>> total([1, 2]), total([1, None])
    (3, None)
    """
    result = 0
    for number in numbers:
        if number is None:
            return None
        result += number
    return result


def dilated_kernel(kernel: int, dilation: int) -> int:
    """Extent of a kernel whose taps are `dilation` apart, in units: d·(k − 1) + 1.

    >>> dilated_kernel(3, 2)
    5
    """
    return dilation * (kernel - 1) + 1


def output_size(
    size: int, kernel: int, stride: int, before: int, after: int, dilation: int = 1
) -> int:
    """Output size of a convolution or pooling that floors, in units.

    >>> output_size(224, kernel=7, stride=2, before=3, after=3)
    112
    """
    reach = dilated_kernel(kernel, dilation)
    padded = size + before + after
    if reach > padded:
        raise Impossible(
            f"window {reach} is larger than its padded input {padded}",
            f"it needs an input of at least {reach - before - after}, not {size}",
        )
    return within_limit((padded - reach) // stride + 1, "output size")


def ceil_output_size(
    size: int,
    kernel: int,
    stride: int,
    before: int,
    after: int,
    dilation: int = 1,
    drop_outside: bool = True,
) -> int:
    """Output size of a pooling that rounds up, in units.

    `drop_outside` takes away a last window that would start at or past the input and its padding
    before: always so in PyTorch, in Caffe only where some axis is padded.

    >>> ceil_output_size(9, kernel=4, stride=4, before=2, after=2)
    3
    """
    reach = dilated_kernel(kernel, dilation)
    padded = size + before + after
    windows = -((reach - padded) // stride) + 1
    if drop_outside and (windows - 1) * stride >= size + before:
        windows -= 1
    if windows < 1:
        raise Impossible(
            f"window {reach} is larger than its padded input {padded} even when rounded up",
            f"it needs an input of at least {max(1, reach - stride + 1 - before - after)}",
        )
    return within_limit(windows, "output size")


def same_output_size(size: int, stride: int) -> int:
    """Output size under `same` padding, in units: ⌈n/s⌉.

    >>> same_output_size(7, 2)
    4
    """
    return -(-size // stride)


def same_padding(size: int, kernel: int, stride: int, dilation: int = 1) -> int:
    """Total `same` padding of a convolution or pooling, in units, both sides together.

    TensorFlow, Keras and ONNX agree on it: max((⌈n/s⌉ − 1)·s + e − n, 0).

    >>> same_padding(224, kernel=3, stride=2), same_padding(225, kernel=3, stride=2)
    (1, 2)
    """
    reach = dilated_kernel(kernel, dilation)
    return max((same_output_size(size, stride) - 1) * stride + reach - size, 0)


def transposed_output_size(
    size: int,
    kernel: int,
    stride: int,
    before: int,
    after: int,
    dilation: int = 1,
    output_padding: int = 0,
) -> int:
    """Output size of a transposed convolution, in units.

    >>> transposed_output_size(2, kernel=4, stride=3, before=0, after=0)
    7
    """
    reach = dilated_kernel(kernel, dilation)
    output = (size - 1) * stride - before - after + reach + output_padding
    if output < 1:
        lacking = before + after - reach - output_padding
        raise Impossible(
            f"padding {before}+{after} leaves an output of {output}",
            f"it needs an input of at least {-(-(lacking + 1) // stride) + 1}, or less padding",
        )
    return within_limit(output, "output size")


def adaptive_span(unit: int, size: int, output: int) -> tuple[int, int]:
    """First unit that an adaptive pooling's unit reads, and how many.

    >>> [adaptive_span(unit, 7, 3) for unit in range(3)]
    [(0, 3), (2, 3), (4, 3)]
    """
    first = unit * size // output
    return first, -(-(unit + 1) * size // output) - first


def split_padding(total: int, odd_before: bool = False) -> tuple[int, int]:
    """`same` padding (before, after); the odd one after, or before for `same_lower`.

    >>> split_padding(3), split_padding(3, odd_before=True)
    ((1, 2), (2, 1))
    """
    small, large = total // 2, total - total // 2
    return (large, small) if odd_before else (small, large)
