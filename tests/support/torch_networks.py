"""PyTorch's equivalent of a network description: all its layers, wired as it says."""

import pytest
from oracle import MERGES, Trace, sizes_of, trace
from torch_layers import NORMS, build, each_axis

torch = pytest.importorskip("torch", reason="the differential tests need PyTorch")
flop_counter = pytest.importorskip("torch.utils.flop_counter")
nn, functional = torch.nn, torch.nn.functional


def join(kind, tensors):
    """Concatenation, sum or product, broadcasting as PyTorch does."""
    if kind == "concat":
        return torch.cat(tensors, 1)
    total = tensors[0]
    for each in tensors[1:]:
        total = total + each if kind == "add" else total * each
    return total


class TorchNetwork(nn.Module):
    """A description's modules by layer name; calling it returns every layer's output."""

    def __init__(self, network: dict, trace: Trace):
        super().__init__()
        self.network, self.trace = network, trace
        self.parts = nn.ModuleDict()
        for layer in network["layers"]:
            shape = trace.layers[layer["from"][0]].shape
            if layer["type"] not in (*MERGES, "max_unpool"):
                self.parts[layer["name"]] = build(layer, shape, trace)

    def forward(self, x):
        outputs, indices = {"input": x}, {}
        for layer in self.network["layers"]:
            name, inputs = layer["name"], [outputs[each] for each in layer["from"]]
            result = self.run(layer, inputs, indices)
            if layer["type"] == "max_pool":
                result, indices[name] = result
            outputs[name] = result
        return outputs

    def run(self, layer, inputs, indices):
        """One layer's output; a max pool's is the pair of output and indices."""
        kind = layer["type"]
        if kind in MERGES:
            return join(kind, inputs)
        if kind == "max_unpool":
            return self.unpool(layer, inputs[0], indices[layer["pool"]])
        single = max(sizes_of(self.trace.layers[layer["from"][0]])) == 1
        if kind == "layer_norm" and not single:
            return self.parts[layer["name"]](inputs[0].movedim(1, -1)).movedim(-1, 1)
        return inputs[0] if kind in NORMS and single else self.parts[layer["name"]](inputs[0])

    def unpool(self, layer, x, indices):
        """Max unpooling to the size that the pool read."""
        pool = self.trace.layers[layer["pool"]]
        description, sizes, axes = pool.description, pool.in_sizes, len(pool.in_sizes)
        run = getattr(functional, f"max_unpool{axes}d")
        kernel = each_axis(description, "kernel_size", axes, None)
        stride = each_axis(description, "stride", axes, description["kernel_size"])
        padding = each_axis(description, "padding", axes, 0)
        return run(x, indices, kernel, stride, padding, output_size=sizes)


def parameters(module) -> int:
    """Trainable numbers of a module."""
    return sum(each.numel() for each in module.parameters())


def running_statistics(module) -> int:
    """Running means and variances of a module, in numbers; its batch counter left out."""
    return sum(each.numel() for each in module.buffers() if each.dim())


class CountedNetwork(TorchNetwork):
    """A network that keeps each layer's MACs as PyTorch counts them: half its flops."""

    def run(self, layer, inputs, indices):
        with flop_counter.FlopCounterMode(display=False) as counter:
            result = super().run(layer, inputs, indices)
        self.macs[layer["name"]] = counter.get_total_flops() // 2
        return result


def torch_figures(network):
    """out_shape, params, buffers and macs of every layer, by PyTorch.

    Shapes are propagated on the meta device, save that indices of pools need real numbers.
    """
    unpools = any(layer["type"] == "max_unpool" for layer in network["layers"])
    with torch.device("cpu" if unpools else "meta"), torch.no_grad():
        net = CountedNetwork(network, trace(network)).eval()
        net.macs = {}
        outputs = net(torch.zeros(1, *network["input"]))
    figures = {}
    for layer in network["layers"]:
        name = layer["name"]
        part = net.parts[name] if name in net.parts else nn.Identity()
        figures[name] = {
            "out_shape": tuple(outputs[name].shape[1:]),
            "params": parameters(part),
            "buffers": running_statistics(part),
            "macs": net.macs[name],
        }
    return figures
