"""Darknet's convolutions, poolings and fully connected layers."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from ..builder import UNIT
from .net import DarknetNet
from .section import DarknetSection


def _padding(section: DarknetSection, size: int) -> int:
    """Padding on each side: half the kernel where `pad` is set, else the number given."""
    return size // 2 if section.whole("pad", 0) else section.whole("padding", 0)


def _strides(section: DarknetSection) -> list[int]:
    stride = section.whole("stride", 1, least=1)
    return [section.whole(key, stride, least=1) for key in ("stride_y", "stride_x")]


def convolutional(net: DarknetNet, section: DarknetSection) -> None:
    """Convolution, batch normalization where it is asked for, activation."""
    size = section.whole("size", 1, least=1)
    dilation = section.whole("dilation", 1, least=1) if size > 1 else 1
    padding = _padding(section, size)
    if dilation > 1 and 2 * padding != size - 1:
        message = f"dilation={dilation} goes with an odd size and pad=1 only"
        raise section.refuse(f"{message}: Darknet's own output size leaves it out", "dilation")
    _convolution(
        net,
        section,
        "conv",
        kernel_size=size,
        stride=1 if section.whole("antialiasing", 0) else _strides(section),
        padding=padding * dilation,
        dilation=dilation,
        groups=section.whole("groups", 1, least=1),
    )


def deconvolutional(net: DarknetNet, section: DarknetSection) -> None:
    """Transposed convolution, batch normalization where it is asked for, activation."""
    size = section.whole("size", 1, least=1)
    stride = section.whole("stride", 1, least=1)
    padding = _padding(section, size)
    _convolution(net, section, "conv_transpose", kernel_size=size, stride=stride, padding=padding)


def _convolution(net: DarknetNet, section: DarknetSection, type_name: str, **window: Any) -> None:
    normalized = bool(section.whole("batch_normalize", 0) or section.whole("cbn", 0))
    filters = section.whole("filters", 1, least=1)
    owner, *norms = _owners(net, section)
    name = net.add(
        section, type_name, shares=owner, out_channels=filters, bias=not normalized, **window
    )
    net.weighted[section.index] = [name]
    if normalized:
        name = net.add(section, "batch_norm", [name], "batch_norm", norms[0] if norms else None)
        net.weighted[section.index].append(name)
    net.end_with_activation(section, name, "logistic")
    _end_with_blur(net, section)


def _end_with_blur(net: DarknetNet, section: DarknetSection) -> None:
    """Where a section asks for antialiasing, its stride is that of constant averages behind it."""
    form = section.whole("antialiasing", 0)
    if not form:
        return
    channels, *sizes = net.known_map()
    kernel, padding = (2, 0) if form == 2 else (3, 1)
    shape = [(n + 2 * padding - kernel) // s + 1 for n, s in zip(sizes, _strides(section))]
    macs = channels * prod(shape) * kernel**2
    blur = net.add_stated(
        section, (channels, *shape), [net.outputs.pop()], " antialiasing", "blur", macs=macs
    )
    net.end(blur)


def local(net: DarknetNet, section: DarknetSection) -> None:
    """A convolution with weights and a bias of its own for every unit."""
    channels, *sizes = net.known_map()
    filters = section.whole("filters", 1, least=1)
    size, stride = section.whole("size", 1, least=1), section.whole("stride", 1, least=1)
    padding = section.whole("pad", 0)
    if padding and 2 * padding != size - 1:
        raise section.refuse("pad must be 0 or half the kernel of an odd size", "pad")
    if size > min(sizes) + 2 * padding:
        raise section.refuse(f"size={size} is larger than its padded input", "size")
    shape = [(n + 2 * padding - size) // stride + 1 for n in sizes]
    weights = prod(shape) * filters * channels * size**2
    name = net.add_stated(
        section, (filters, *shape), params=weights + prod(shape) * filters, macs=weights
    )
    net.end_with_activation(section, name, "logistic")


def _owners(net: DarknetNet, section: DarknetSection) -> Sequence[str | None]:
    """The layers whose parameters a section uses in place of its own."""
    if "share_index" not in section.options:
        return [None]
    number = section.whole("share_index", 0, least=-(10**9))
    index = number + section.index if number < 0 else number
    if index not in net.weighted:
        raise section.refuse(f"section {index} is no convolution before this one", "share_index")
    return net.weighted[index]


def fully_connected(net: DarknetNet, section: DarknetSection) -> None:
    """A fully connected layer, batch normalization where it is asked for, activation."""
    normalized = bool(section.whole("batch_normalize", 0))
    features = section.whole("output", 1, least=1)
    name = net.add(section, "linear", out_features=features, bias=not normalized)
    if normalized:
        name = net.add(section, "batch_norm", [name], "batch_norm")
    net.end_with_activation(section, name, "logistic")


def pool(net: DarknetNet, section: DarknetSection, type_name: str) -> None:
    """A pooling by Darknet's rule: `padding` in all, its smaller half before, rounding down."""
    if type_name == "max_pool" and section.whole("maxpool_depth", 0):
        channels = section.whole("out_channels", 1, least=1)
        shape = (channels, *net.known_map()[1:])
        net.end(net.add_stated(section, shape, what=" over channels", reads=UNIT))
        return
    size = section.whole("size", section.whole("stride", 1, least=1), least=1)
    padding = section.whole("padding", size - 1)
    pair = [padding // 2, padding - padding // 2]
    blurs = type_name == "max_pool" and section.whole("antialiasing", 0)
    window: dict[str, Any] = {"kernel_size": size, "stride": 1 if blurs else _strides(section)}
    net.end(net.add(section, type_name, **window, padding=[pair, pair]))
    if blurs:
        _end_with_blur(net, section)
