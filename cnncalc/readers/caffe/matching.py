"""Layers of optical flow networks (FlowNet, PWC-Net): two maps compared, one moved by a flow."""

from __future__ import annotations

from .entry import CaffeLayer
from .net import CaffeNet

KINDS = ("MULTIPLY", "SUBTRACT")
FIELDS = (
    *("pad", "kernel_size", "max_displacement", "stride_1", "stride_2"),
    *("do_abs", "correlation_type"),
)


def correlation(net: CaffeNet, layer: CaffeLayer) -> None:
    """A channel for every displacement: patches of one map times those of the other."""
    param = layer.param("correlation_param", FIELDS)
    kernel = param.whole("kernel_size", None, least=1)
    most = param.whole("max_displacement", None)
    if kernel is None or most is None or kernel % 2 == 0:
        raise layer.refuse(f"{layer.type} needs an odd kernel_size, and max_displacement")
    sources = net.sources(layer)
    read = [net.builder.known_shape(source) for source in sources]
    if len(read) != 2 or read[0] != read[1]:
        raise layer.refuse(f"{layer.type} reads two maps of equal shapes")
    channels, *sizes = read[0]
    border = 2 * (most + (kernel - 1) // 2 - param.whole("pad", 0))
    stride, step = (param.whole(name, 1, least=1) for name in ("stride_1", "stride_2"))
    units = [-((border - size) // stride) for size in sizes]
    if min(units) < 1:
        raise layer.refuse("its neighbourhood is larger than its padded inputs", param.line)
    displacements = (2 * (most // step) + 1) ** 2
    macs = channels * kernel**2 * displacements
    for count in units:
        macs *= count
    if param.choice("correlation_type", KINDS) != KINDS[0]:
        macs = 0
    net.add_stated(layer, (displacements, *units), sources, macs=macs, num_products=macs)


def warp(net: CaffeNet, layer: CaffeLayer) -> None:
    """A map's units taken from where a flow says."""
    net.add_stated(layer, net.builder.known_shape(net.source(layer)))
