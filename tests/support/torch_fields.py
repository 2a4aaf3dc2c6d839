"""The pixels that a unit reads, found by PyTorch's gradients.

With positive weights everywhere no two paths cancel, so the gradient of a unit with respect to
the input is non-zero exactly at the pixels it reads. Pools become depthwise convolutions of the
same window, max unpooling its transpose, and elementwise kinds are left out: none of that
changes what is read. Channels must all read alike, so that no slice tells them apart.
"""

import pytest
from oracle import MERGES, Trace, sizes_of
from oracle_windows import ELEMENTWISE, POOLS, along, reach, sliding_padding, stride_of
from torch_networks import TorchNetwork

torch = pytest.importorskip("torch", reason="the differential tests need PyTorch")


def has_uniform_channels(network: dict) -> bool:
    """Whether all channels of every layer read the same pixels, so that gradients show them."""
    kinds = {layer["type"] for layer in network["layers"]}
    mixing = {"concat", "space_to_depth"}
    return "slice" not in kinds and not ("pixel_shuffle" in kinds and mixing & kinds)


def pool_window(pool: dict, axis: int, size: int) -> tuple:
    """(kernel, stride, dilation, padding before, dilated kernel) of a pool on one axis."""
    kernel, dilation = along(pool["kernel_size"], axis), along(pool.get("dilation", 1), axis)
    before, _ = sliding_padding(pool, axis, size)
    return kernel, stride_of(pool, axis), dilation, before, reach(kernel, dilation)


def pool_as_conv(layer: dict, sizes: tuple, units: tuple) -> dict:
    """A depthwise convolution with a pool's windows; the padding after makes the count agree."""
    windows = [pool_window(layer, axis, size) for axis, size in enumerate(sizes)]
    padding = [
        [before, (count - 1) * stride + extent - size - before]
        for (_, stride, _, before, extent), size, count in zip(windows, sizes, units, strict=True)
    ]
    kernels, strides, dilations = (list(each) for each in list(zip(*windows, strict=True))[:3])
    return {
        **{key: layer[key] for key in ("name", "from")},
        "type": "depthwise_conv",
        "kernel_size": kernels,
        "stride": strides,
        "dilation": dilations,
        "padding": padding,
        "bias": False,
    }


def unpool_as_transpose(layer: dict, pool: dict, sizes: tuple, channels: int) -> dict:
    """A depthwise transposed convolution with the windows of the pool that is undone."""
    conv = pool_as_conv(pool, sizes[0], sizes[1])
    del conv["padding"]
    padding = []
    for axis, (size, units) in enumerate(zip(*sizes, strict=True)):
        _, stride, _, before, extent = pool_window(pool, axis, size)
        padding.append([before, (units - 1) * stride + extent - before - size])
    return {
        **conv,
        "name": layer["name"],
        "from": layer["from"],
        "type": "conv_transpose",
        "padding": padding,
        "out_channels": channels,
        "groups": channels,
    }


def readable(network: dict, trace: Trace) -> dict:
    """The description with every layer replaced by one whose gradient shows what it reads."""
    layers = []
    for layer in network["layers"]:
        traced, kind = trace.layers[layer["name"]], layer["type"]
        if kind in POOLS:
            layer = pool_as_conv(layer, traced.in_sizes, sizes_of(traced))
        elif kind == "max_unpool":
            pool = trace.layers[layer["pool"]]
            sizes = (pool.in_sizes, sizes_of(pool))
            layer = unpool_as_transpose(layer, pool.description, sizes, traced.shape[0])
        elif kind == "mul":  # a factor of 0 would hide the other input
            layer = {**layer, "type": "add"}
        elif kind == "adaptive_max_pool":
            layer = {**layer, "type": "adaptive_avg_pool"}
        elif kind in ELEMENTWISE and kind != "channel_shuffle":
            layer = {**layer, "type": "identity"}
        layers.append(layer)
    return {**network, "layers": layers}


def positive_network(network: dict, trace: Trace, seed: int) -> TorchNetwork:
    """The readable network in float64 with random weights above 0, outputs of order one."""
    generator = torch.Generator().manual_seed(seed)
    net = TorchNetwork(readable(network, trace), trace).double().eval()
    with torch.no_grad():
        for each in net.parameters():
            each.copy_(0.5 + torch.rand(each.shape, generator=generator, dtype=torch.float64))
            each.div_(max(each[0].numel(), 1))
    return net


def pixels_read(output: torch.Tensor, units: tuple, image: torch.Tensor) -> list:
    """The pixels per axis that one unit's channels reach in the image, as sets."""
    total = output[(0, slice(None), *units)].sum()
    gradient = torch.autograd.grad(total, image, retain_graph=True)[0][0].abs().sum(0)
    found = (gradient > 1e-9 * gradient.max()).nonzero()
    return [set(found[:, axis].tolist()) for axis in range(found.shape[1])]


def is_interior(trace: Trace, name: str, axis: int, unit: int) -> bool:
    """Whether a unit and all that it reads, layer by layer, lie within the real maps."""
    layer = trace.layers[name]
    if not 0 <= unit < sizes_of(layer)[axis]:
        return False
    if name == "input":
        return True
    description = layer.description
    sources = description["from"] if description["type"] in MERGES else description["from"][:1]
    reads = layer.windows[axis].reads(unit)
    return all(is_interior(trace, source, axis, each) for source in sources for each in reads)


def interior_units(trace: Trace, name: str, axis: int) -> range | None:
    """One whole period of interior units in the middle of a map, from a multiple of the period."""
    field, size = trace.layers[name].fields[axis], sizes_of(trace.layers[name])[axis]
    start = size // 2 // field.period * field.period
    units = range(start, start + field.period)
    return units if all(is_interior(trace, name, axis, unit) for unit in units) else None
