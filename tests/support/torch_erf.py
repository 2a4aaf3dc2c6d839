"""Path counts and gradients at initialization, by PyTorch.

With all weights 1, one channel everywhere and every merge a sum, the gradient of a unit with
respect to a pixel is the number of paths between them.
"""

import pytest
from oracle import MERGES, Trace, trace
from torch_fields import readable
from torch_networks import TorchNetwork

torch = pytest.importorskip("torch", reason="the differential tests need PyTorch")

RESAMPLING = ("upsample", "adaptive_avg_pool")


def single_channel(network: dict, traced: Trace) -> dict:
    """The readable description with one channel everywhere: what moves channels moves units."""
    layers = []
    for layer in readable(network, traced)["layers"]:
        kind, factor = layer["type"], layer.get("factor")
        layer = {key: each for key, each in layer.items() if key not in ("groups", "multiplier")}
        if kind in ("slice", "channel_shuffle"):
            layer = {"type": "identity"} | {key: layer[key] for key in ("name", "from")}
        elif kind == "pixel_shuffle":
            layer = {**layer, "type": "upsample", "scale_factor": factor}
        elif kind == "space_to_depth":
            window = {"kernel_size": factor, "stride": factor}
            layer = {**layer, **window, "type": "conv", "out_channels": 1}
        elif kind == "depthwise_conv":
            layer = {**layer, "type": "conv"}
        elif kind in MERGES:
            layer = {**layer, "type": "add"}
        if "out_channels" in layer or layer["type"] == "conv":
            layer["out_channels"] = 1
        layers.append(layer)
    return {**network, "input": [1, *network["input"][1:]], "layers": layers}


def taps(module, size: int, axes: int, axis: int, sizes: tuple):
    """Which units of an axis a resampling takes, whatever their weight: 0 or 1, in × out."""
    planes = torch.zeros(size, 1, *sizes, dtype=torch.float64)
    for unit in range(size):
        planes[unit].select(1 + axis, unit).fill_(1)
    place = [slice(None) if each == axis else 0 for each in range(axes)]
    return (module(planes)[(slice(None), 0, *place)].abs() > 1e-9).double()


class PathNetwork(TorchNetwork):
    """Every layer's output where each unit is the plain sum of the units that it reads."""

    def run(self, layer, inputs, indices):
        if layer["type"] not in RESAMPLING:
            return super().run(layer, inputs, indices)
        x, module = inputs[0], self.parts[layer["name"]]
        sizes = x.shape[2:]
        for axis, size in enumerate(sizes):
            matrix = taps(module, size, len(sizes), axis, sizes)
            x = torch.movedim(torch.tensordot(x, matrix, ([2 + axis], [0])), -1, 2 + axis)
        return x


def path_network(network: dict, traced: Trace) -> PathNetwork:
    """The network in float64 with one channel and all weights 1."""
    single = single_channel(network, traced)
    net = PathNetwork(single, trace(single)).double().eval()
    with torch.no_grad():
        for name, each in net.named_parameters():
            each.fill_(0 if name.endswith("bias") else 1)
    return net
