"""Pools as PyTorch modules, and what undoes them."""

from __future__ import annotations

from ...arithmetic import ceil_output_size, dilated_kernel
from ...layers.attributes import Pairs
from ...record import Record
from ..layer_context import by_type
from ..python_code import once
from .constructor_calls import Argument, Build, positional
from .layer_code import TorchCode, TorchContext, Writer
from .windows import is_even, padding_call

LEAST = 'float("-inf")'


class PoolPadding(Record):
    """A pool's own padding on both sides, what is padded before it, and its rounding."""

    own: tuple[int, ...]
    before: Pairs
    ceil: bool


def max_pool(context: TorchContext) -> TorchCode:
    """A max pool; one that is undone later gives its indices."""
    padding = _pool_padding(context)
    if padding.before and context.undone:
        raise context.refuse("PyTorch cannot undo a pool whose padding differs by side")
    options = [
        Argument("dilation", once(context.kind.dilation), 1),
        Argument("return_indices", context.undone, False),
        Argument("ceil_mode", padding.ceil, False),
    ]
    return _pool(context, "MaxPool", padding, options, LEAST)


def avg_pool(context: TorchContext) -> TorchCode:
    """An average pool."""
    padding = _pool_padding(context, _is_too_wide(context))
    counts_padding = bool(context.kind.count_include_pad)
    if not counts_padding and any(map(any, padding.before)):
        raise context.refuse(
            "PyTorch's average pool cannot leave out padding that differs by side; "
            "use count_include_pad: true, or padding alike on both sides"
        )
    options = [
        Argument("ceil_mode", padding.ceil, False),
        Argument("count_include_pad", counts_padding, True),
    ]
    return _pool(context, "AvgPool", padding, options, "")


def _pool(
    context: TorchContext, family: str, padding: PoolPadding, options: list[Argument], value: str
) -> TorchCode:
    kernel = once(context.kind.kernel_size)
    arguments = (
        Argument("kernel_size", kernel),
        Argument("stride", once(context.kind.strides()), kernel),
        Argument("padding", once(padding.own), 0),
        *options,
    )
    reads = padding_call(padding.before, value=value) if padding.before else "{0}"
    build = Build(context.module(family), arguments)
    return TorchCode(build, f"{{module}}({reads})", pair=context.undone)


def _is_too_wide(context: TorchContext) -> bool:
    """Whether PyTorch refuses a pool by its kernel: an average pool on three axes, unpadded."""
    sizes = context.report.in_shape[1:]
    return context.axes == 3 and any(
        size is not None and size < kernel for size, kernel in zip(sizes, context.kind.kernel_size)
    )


def _pool_padding(context: TorchContext, explicit: bool = False) -> PoolPadding:
    """Padding and rounding as PyTorch has them; what it has not is padded before the pool."""
    kind = context.kind
    pairs = context.padding
    own, none = tuple(before for before, _ in pairs), (0,) * len(pairs)
    even = not explicit and is_even(pairs)
    if even and isinstance(kind.ceil_mode, bool):
        return PoolPadding(own, (), kind.ceil_mode)
    if kind.ceil_mode is False:
        return PoolPadding(none, pairs, False)
    sizes = context.require(context.report.in_shape[1:], "input size")
    outputs = context.require(context.report.out_shape[1:], "output size")
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
    wider = tuple(
        (before, max(reach - size - before, 0))
        for reach, size, (before, _) in zip(reaches, sizes, pairs)
    )
    return PoolPadding(none, wider, False)


def adaptive_pool(family: str, whole: bool = False) -> Writer:
    """A pool to a size; over the whole map to 1."""

    def write(context: TorchContext) -> TorchCode:
        size = 1 if whole else once(context.kind.output_size)
        return TorchCode(Build(context.module(family), (positional("output_size", size),)))

    return write


def max_unpool(context: TorchContext) -> TorchCode:
    """A max unpool, by the indices of the pool that it undoes."""
    geometry = context.geometry
    pairs = context.padding
    if set(geometry.dilation) != {1} or not is_even(pairs):
        raise context.refuse(
            "PyTorch undoes no pool with dilation, or padding that differs by side"
        )
    kernel = once(geometry.kernel)
    arguments = (
        Argument("kernel_size", kernel),
        Argument("stride", once(geometry.stride), kernel),
        Argument("padding", once([before for before, _ in pairs]), 0),
    )
    build = Build(context.module("MaxUnpool"), arguments)
    return TorchCode(build, "{module}({0}, {indices}, output_size={size})")


POOLS: dict[str, Writer] = {
    **by_type(max_pool, avg_pool, max_unpool),
    "global_avg_pool": adaptive_pool("AdaptiveAvgPool", whole=True),
    "global_max_pool": adaptive_pool("AdaptiveMaxPool", whole=True),
    "adaptive_avg_pool": adaptive_pool("AdaptiveAvgPool"),
    "adaptive_max_pool": adaptive_pool("AdaptiveMaxPool"),
}
