"""What convolutions and linear layers compute: weights, and the matrix products that do it."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from ...arithmetic import AXES, Number
from ...record import Record
from .step import Values


class Factor(Record):
    """A factor of a product: as it is written, and its number."""

    text: str
    number: Number


Factors = tuple[Factor, ...]


class Weight(Record):
    """What a layer with one weight computes, as factors.

    `shape` and `last` are the weight's, channels first and last; `units` those of the units that
    every weight is used for, in all copies of the input; `outputs` what has a bias each; `rows`,
    `inner` and `columns` the sides of the matrix product, `operands` what is multiplied and
    `product` how often.
    """

    values: Values
    shape: Factors
    last: Factors
    units: Factors
    outputs: Factors
    rows: Factors
    inner: Factors
    columns: Factors
    operands: tuple[str, str] = ("im2col: weight matrix", "im2col: column matrix")
    product: str = ""


def times(factors: Sequence[Factor]) -> str:
    """The product as it is written, ones left out."""
    return "·".join(factor.text for factor in factors if factor.text != "1") or "1"


def product(factors: Sequence[Factor]) -> Number:
    """The product's number, None where any factor is unknown."""
    numbers = [factor.number for factor in factors]
    return None if None in numbers else prod(numbers)  # type: ignore[arg-type]


def per_axis(symbol: str, numbers: Sequence[Number]) -> Factors:
    """A factor for every axis: `k_h` and `k_w`."""
    axes = AXES.get(len(numbers), ())
    return tuple(Factor(f"{symbol}_{axis}", number) for axis, number in zip(axes, numbers))


def _batch(copies: int) -> Factors:
    """The factor of several inputs at once; none for a single one."""
    return (Factor("b", copies),) if copies > 1 else ()


def _share(of: Factor, groups: int) -> Factor:
    """The channels of one group: `C`, or `(C/g)` where there is more than one."""
    if groups == 1:
        return of
    return Factor(f"({of.text}/g)", None if of.number is None else of.number // groups)


def _values(*factors: Factor) -> dict[str, Number]:
    return {factor.text: factor.number for factor in factors}


def _often(groups: Number) -> str:
    if groups == 1:
        return ""
    return f"{'?' if groups is None else groups} such products, one per group"


def _convolution(
    reads: Factor,
    gives: Factor,
    groups: int,
    kernel_size: Sequence[Number],
    units: Factors,
    copies: int,
) -> Weight:
    group_in, group_out = _share(reads, groups), _share(gives, groups)
    kernel, batch = per_axis("k", kernel_size), _batch(copies)
    return Weight(
        values=_values(reads, gives, *kernel, *units, *batch, Factor("g", groups)),
        shape=(gives, group_in, *kernel),
        last=(*kernel, group_in, gives),
        units=(*batch, *units),
        outputs=(gives,),
        rows=(group_out,),
        inner=(group_in, *kernel),
        columns=(*units, *batch),
        product=_often(groups),
    )


def convolution(
    channels: tuple[Number, Number],
    groups: int,
    kernel_size: Sequence[Number],
    sizes: Sequence[Number],
    copies: int,
) -> Weight:
    """A convolution that gives a map of `sizes`: every unit's window is a column.

    `channels` are those in and those out.
    """
    reads, gives = Factor("C", channels[0]), Factor("O", channels[1])
    return _convolution(reads, gives, groups, kernel_size, per_axis("N", sizes), copies)


def depthwise(
    channels: Number,
    multiplier: int,
    kernel_size: Sequence[Number],
    sizes: Sequence[Number],
    copies: int,
) -> Weight:
    """A convolution of every channel for itself."""
    each, times_each, one = Factor("C", channels), Factor("m", multiplier), Factor("1", 1)
    kernel, units, batch = per_axis("k", kernel_size), per_axis("N", sizes), _batch(copies)
    outputs = Factor("C·m", product((each, times_each)))
    return Weight(
        values=_values(each, times_each, *kernel, *units, *batch),
        shape=(outputs, one, *kernel),
        last=(*kernel, each, times_each),
        units=(*batch, *units),
        outputs=(outputs,),
        rows=(times_each,),
        inner=kernel,
        columns=(*units, *batch),
        product=_often(channels),
    )


def transposed_convolution(
    channels: tuple[Number, Number],
    groups: int,
    kernel_size: Sequence[Number],
    sizes: Sequence[Number],
    copies: int,
) -> Weight:
    """A transposed convolution that reads a map of `sizes`: every unit gives a column.

    Its weight is that of the convolution the other way, its matrix that one's transposed.
    """
    reads, gives = Factor("C", channels[0]), Factor("O", channels[1])
    back = _convolution(gives, reads, groups, kernel_size, per_axis("n", sizes), copies)
    often = f"{back.product}; " if back.product else ""
    return back.but(
        outputs=(gives,),
        rows=back.inner,
        inner=back.rows,
        operands=("col2im: weight matrix, transposed", "col2im: input matrix"),
        product=f"{often}col2im adds the columns up where they belong",
    )


def linear(length: Number, features: Number, copies: int) -> Weight:
    """A fully connected layer: a row for every vector, times a matrix."""
    reads, gives, batch = Factor("F", length), Factor("O", features), _batch(copies)
    return Weight(
        values=_values(reads, gives, *batch),
        shape=(gives, reads),
        last=(reads, gives),
        units=batch,
        outputs=(gives,),
        rows=batch,
        inner=(reads,),
        columns=(gives,),
        operands=("matrix product: input", "matrix product: weight"),
        product="transposed",
    )
