"""Pools as PyTorch modules, and what undoes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...arithmetic import ceil_output_size, dilated_kernel
from ...record import Record
from .build import Build
from .part import PLAIN, Context, Part, argument, first, once
from .windows import Pairs, is_even, padded, pairs_of

LEAST = 'float("-inf")'


def max_pool(context: Context) -> Part:
    """A max pool; one that is undone later gives its indices."""
    padding = _pool_padding(context)
    if padding.before and context.undone:
        raise context.refuse("PyTorch cannot undo a pool whose padding differs by side")
    options = [
        argument("dilation", once(context.kind.dilation), 1),
        argument("return_indices", context.undone, False),
        argument("ceil_mode", padding.ceil, False),
    ]
    return _pool(context, "MaxPool", padding, options, LEAST)


def avg_pool(context: Context) -> Part:
    """An average pool."""
    padding = _pool_padding(context, _is_too_wide(context))
    counted = bool(context.kind.count_include_pad)
    if not counted and any(map(any, padding.before)):
        raise context.refuse(
            "PyTorch's average pool cannot leave out padding that differs by side; "
            "use count_include_pad: true, or padding alike on both sides"
        )
    options = [
        argument("ceil_mode", padding.ceil, False),
        argument("count_include_pad", counted, True),
    ]
    return _pool(context, "AvgPool", padding, options, "")


class PoolPadding(Record):
    """A pool's own padding on both sides, what is padded before it, and its rounding."""

    own: tuple[int, ...]
    before: Pairs
    ceil: bool


def _pool(
    context: Context, family: str, padding: PoolPadding, options: list[Any], value: str
) -> Part:
    kind = context.kind
    own = once(kind.kernel_size)
    build = Build(
        context.module(family),
        (
            argument("kernel_size", own),
            argument("stride", once(kind.strides()), own),
            argument("padding", once(padding.own), 0),
            *options,
        ),
    )
    forward = f"{{module}}({padded(padding.before, value=value)})" if padding.before else PLAIN
    return Part(build, forward, pair=context.undone)


def _is_too_wide(context: Context) -> bool:
    """Whether PyTorch refuses a pool by its kernel: an average pool on three axes, unpadded."""
    sizes = context.report.in_shape[1:]
    return context.axes == 3 and any(
        size is not None and size < kernel for size, kernel in zip(sizes, context.kind.kernel_size)
    )


def _pool_padding(context: Context, explicit: bool = False) -> PoolPadding:
    """Padding and rounding as PyTorch has them; what it has not is padded before the pool."""
    kind = context.kind
    pairs = pairs_of(context, context.report.padding)
    own, none = tuple(before for before, _ in pairs), (0,) * len(pairs)
    even = not explicit and all(before == after for before, after in pairs)
    if even and kind.ceil_mode in (True, False):
        return PoolPadding(own, (), kind.ceil_mode)
    if kind.ceil_mode is False:
        return PoolPadding(none, pairs, False)
    sizes = context.known(context.report.in_shape[1:], "input size")
    outputs = context.known(context.report.out_shape[1:], "output size")
    windows = list(zip(kind.kernel_size, kind.strides(), kind.dilations()))
    rounded = [
        ceil_output_size(size, kernel, stride, before, after, dilation, True)
        for size, (kernel, stride, dilation), (before, after) in zip(sizes, windows, pairs)
    ]
    if even and rounded == list(outputs):
        return PoolPadding(own, (), True)
    reaches = [
        (output - 1) * stride + dilated_kernel(kernel, dilation)
        for output, (kernel, stride, dilation) in zip(outputs, windows)
    ]
    grown = tuple(
        (before, max(reach - size - before, 0))
        for reach, size, (before, _) in zip(reaches, sizes, pairs)
    )
    return PoolPadding(none, grown, False)


def global_pool(family: str) -> Callable[[Context], Part]:
    """A pool over the whole map."""
    return lambda context: Part(Build(context.module(family), (first("output_size", 1),)))


def adaptive_pool(family: str) -> Callable[[Context], Part]:
    """An adaptive pool."""

    def made(context: Context) -> Part:
        size = once(context.kind.output_size)
        return Part(Build(context.module(family), (first("output_size", size),)))

    return made


def max_unpool(context: Context) -> Part:
    """A max unpool, by the indices of the pool that it undoes."""
    geometry = context.report.measures.geometry
    assert geometry is not None
    pairs = pairs_of(context, geometry.padding)
    if set(geometry.dilation) != {1} or not is_even(pairs):
        raise context.refuse(
            "PyTorch undoes no pool with dilation, or padding that differs by side"
        )
    kernel = once(geometry.kernel)
    build = Build(
        context.module("MaxUnpool"),
        (
            argument("kernel_size", kernel),
            argument("stride", once(geometry.stride), kernel),
            argument("padding", once([before for before, _ in pairs]), 0),
        ),
    )
    return Part(build, "{module}({0}, {indices}, output_size={size})")


POOLS: dict[str, Callable[[Context], Part]] = {
    "max_pool": max_pool,
    "avg_pool": avg_pool,
    "global_avg_pool": global_pool("AdaptiveAvgPool"),
    "global_max_pool": global_pool("AdaptiveMaxPool"),
    "adaptive_avg_pool": adaptive_pool("AdaptiveAvgPool"),
    "adaptive_max_pool": adaptive_pool("AdaptiveMaxPool"),
    "max_unpool": max_unpool,
}
