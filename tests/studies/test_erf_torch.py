"""Effective fields against PyTorch: counts of paths, and gradients at initialization."""

import pytest
from oracle import trace
from oracle_erf import own_place
from random_networks import WIDE, generate, to_yaml
from torch_erf import path_network
from torch_fields import interior_units

import cnncalc

torch = pytest.importorskip("torch", reason="the differential tests need PyTorch")

NETWORKS = 200


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
