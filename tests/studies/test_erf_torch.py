"""Effective fields against PyTorch: counts of paths, and gradients at initialization."""

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from oracle import trace
from oracle_erf import own_place
from random_networks import WIDE, generate, to_yaml
from torch_erf import path_network
from torch_fields import interior_units

import cnncalc

torch = pytest.importorskip("torch", reason="the differential tests need PyTorch")

NETWORKS = 200
DATA = Path(__file__).parent.parent / "data"


def interior_place(traced, name):
    """The layer's own unit, moved by whole periods to where no border is near; None if nowhere."""
    place = []
    for axis, unit in enumerate(own_place(traced, name)):
        units = interior_units(traced, name, axis)
        if units is None:
            return None
        place.append(units[0] + unit)
    return tuple(place)


def gradient(output, place, image):
    """The gradient of the unit's channels' sum with respect to the image, its channels summed."""
    total = output[(0, slice(None), *place)].sum()
    return torch.autograd.grad(total, image, retain_graph=True)[0][0].sum(0)


def path_counts(seed):
    """Per layer that borders leave room for: its paths by cnncalc and by gradients."""
    network = generate(seed, portable=True, limits=WIDE)
    traced, found = trace(network), cnncalc.erf(cnncalc.loads(to_yaml(network)), paths=True)
    net = path_network(network, traced)
    image = torch.zeros(1, 1, *network["input"][1:], dtype=torch.float64, requires_grad=True)
    outputs = net(image)
    for layer in found.layers:
        place = None if None in layer.paths else interior_place(traced, layer.layer)
        if place is not None:
            yield layer, gradient(outputs[layer.layer], place, image), to_yaml(network)


@pytest.mark.parametrize("first", range(0, NETWORKS, 20))
def test_paths_are_gradients_of_ones(first):
    compared = 0
    for seed in range(first, first + 20):
        for layer, counts, text in path_counts(seed):
            assert counts.max() < 2**53
            for axis, paths in enumerate(layer.paths):
                others = [each for each in range(counts.dim()) if each != axis]
                line = counts.sum(others) if others else counts
                read = line.nonzero().flatten()
                expected = line[read.min() : read.max() + 1].long().tolist()
                assert list(paths) == expected, f"{layer.layer} on axis {axis}\n{text}"
                compared += 1
    assert compared > 20


def torchvision_model(name):
    """A network of torchvision at initialization, as it is evaluated."""
    sys.path.insert(0, str(DATA))
    try:
        from framework_rows import torchvision_models
    finally:
        sys.path.remove(str(DATA))
    return getattr(torchvision_models(), name)(weights=None).eval()


def with_equal_branches(net):
    """A ResNet whose residual branches have the gradients of what they are added to.

    He et al.'s weights double them: no ReLU stands between a branch's last convolution and its sum.
    """
    for block in net.modules():
        if type(block).__name__ == "BasicBlock" and block.downsample is None:
            torch.nn.init.constant_(block.bn2.weight, 0.5**0.5)
    return torch.nn.Sequential(*list(net.children())[:6])


# Per network what of it is run, the layer that this ends with, the input's size and the images.
INITIALIZED = {
    "vgg11": (lambda net: net.features, "pool5", 224, 1),
    "resnet18": (with_equal_branches, "layer2.1.relu2", 160, 8),
    "squeezenet1_1": (lambda net: net.features, "features.12.concat1", 224, 6),
}


@pytest.mark.skipif(not find_spec("torchvision"), reason="torchvision is not installed")
@pytest.mark.parametrize("name", INITIALIZED)
def test_sd_is_that_of_gradients_at_initialization(name):
    """Squared gradients of random weights and images, averaged: within 5 % of the exact sd."""
    part, layer, size, images = INITIALIZED[name]
    torch.manual_seed(0)
    net = part(torchvision_model(name))
    image = torch.randn(images, 3, size, size, requires_grad=True)
    output = net(image)
    center = output.shape[-1] // 2
    unit = output[:, :, center, center]
    (found,) = torch.autograd.grad((unit * torch.randn(unit.shape)).sum(), image)
    squares = (found.double() ** 2).sum((0, 1))
    exact = cnncalc.erf(name, layers=layer)[layer].sd
    for axis in (0, 1):
        shares = squares.sum(1 - axis) / squares.sum()
        pixels = torch.arange(size)
        mean = (shares * pixels).sum()
        sd = (shares * (pixels - mean) ** 2).sum().sqrt()
        assert float(sd) == pytest.approx(float(exact[axis]), rel=0.05)
