"""Effective fields against theory and against brute force over all axes together."""

import math
from fractions import Fraction

import pytest
from oracle import trace
from oracle_erf import Spread, without_rule
from random_networks import SMALL, SMALL_BY_UNITS, generate, to_yaml

import cnncalc

NARROW = SMALL._replace(layers=(2, 6), extent=18, period=8)
BY_UNITS = SMALL_BY_UNITS._replace(layers=(2, 5), extent=18, period=40)


def stack(layers, input_shape="[3, 64, 64]", axes=2):
    """A network of a chain of layers in YAML's flow style."""
    lines = "".join(f"  - {layer}\n" for layer in layers)
    return cnncalc.loads(f"name: stack\ninput: {input_shape}\nlayers:\n{lines}")


def conv(name, kernel=3, **more):
    keys = {"name": name, "type": "conv", "out_channels": 8, "kernel_size": kernel, **more}
    return "{" + ", ".join(f"{key}: {value}" for key, value in keys.items()) + "}"


@pytest.mark.parametrize("count", [1, 2, 3, 7, 20])
def test_a_stack_of_convolutions_is_as_wide_as_theory_says(count):
    """sd = √(n·(k² − 1)/12), √(2n/3) for 3×3: Luo et al. 2016, arXiv:1701.04128, section 2."""
    for kernel in (2, 3, 5):
        network = stack([conv(f"c{i}", kernel, padding="same") for i in range(count)])
        last = cnncalc.erf(network)[f"c{count - 1}"]
        assert last.variance == (Fraction(count * (kernel**2 - 1), 12),) * 2
        assert float(last.sd[0]) == pytest.approx(math.sqrt(count * (kernel**2 - 1) / 12))


def test_dilation_and_stride_scale_what_a_tap_adds():
    """A tap's variance (k² − 1)/12 grows with (dilation × stride before)²: variances add."""
    layers = [
        conv("a", 3, stride=2),
        conv("b", 3, dilation=4),
        "{name: p, type: max_pool, kernel_size: 2}",
    ]
    found = cnncalc.erf(stack(layers))
    assert found["b"].variance[0] == Fraction(2, 3) * (1 + (2 * 4) ** 2)
    assert found["p"].variance[0] == Fraction(2, 3) * (1 + 64) + Fraction(1, 4) * 2**2


def oracle_figures(numbers):
    """Variance and the extents that hold 50, 90 and 99 %, counted from the middle outwards."""
    total, last = sum(numbers), len(numbers) - 1
    mean = sum(Fraction(i) * n for i, n in enumerate(numbers)) / total
    variance = sum((i - mean) ** 2 * n for i, n in enumerate(numbers)) / total
    sides = []
    for share in (50, 90, 99):
        side = next(
            size
            for size in range(len(numbers) % 2 or 2, len(numbers) + 1, 2)
            if sum(n for i, n in enumerate(numbers) if abs(2 * i - last) < size)
            >= Fraction(share, 100) * total
        )
        sides.append(side)
    return variance, *sides


def compare(network):
    """Every layer's figures and paths with the oracle's; gives how many were compared."""
    traced, found = trace(network), cnncalc.erf(cnncalc.loads(to_yaml(network)), paths=True)
    shares, counts, lost = Spread(traced, True), Spread(traced, False), without_rule(network)
    compared = 0
    for layer in found.layers:
        fields = traced.layers[layer.layer].fields
        if None in fields:
            assert layer.sd == layer.paths == (None,) * len(fields)
            continue
        for axis in range(len(fields)):
            paths = counts.along_axis(layer.layer, axis)
            if not paths:
                assert layer.paths[axis] is None
                continue
            assert list(layer.paths[axis]) == paths, f"{layer.layer}\n{to_yaml(network)}"
            if layer.layer in lost:
                assert layer.variance[axis] is None and layer.reason
                continue
            if layer.variance[axis] is None:
                assert "merges read nothing" in layer.reason
                continue
            got = tuple(getattr(layer, f"side_{share}")[axis] for share in (50, 90, 99))
            expected = oracle_figures(shares.along_axis(layer.layer, axis))
            assert (layer.variance[axis], *got) == expected, f"{layer.layer}\n{to_yaml(network)}"
            compared += 1
    return compared


@pytest.mark.parametrize("seed", range(80))
def test_against_brute_force(seed):
    compare(generate(seed, limits=NARROW))


@pytest.mark.parametrize("seed", range(40))
def test_against_brute_force_unit_by_unit(seed):
    compare(generate(seed, limits=BY_UNITS))


def test_brute_force_compares_enough():
    assert sum(compare(generate(seed, limits=NARROW)) for seed in range(20)) > 60


def test_of_several_inputs_each_is_followed_by_itself():
    network = cnncalc.loads(
        "name: two\ninput: {image: [3, 64, 64], depth: [1, 64, 64]}\nlayers:\n"
        "  - {name: a, type: conv, out_channels: 8, kernel_size: 3, padding: 1}\n"
        "  - {name: b, type: conv, out_channels: 8, kernel_size: 5, padding: 2, from: depth}\n"
        "  - {name: s, type: add, from: [a, b]}\n"
    )
    # Taps of 3 and of 5, each as likely: variances (3² − 1)/12 and (5² − 1)/12.
    image, depth = cnncalc.erf(network), cnncalc.erf(network, from_layer="depth")
    three, five, none = [(2 / 3) ** 0.5] * 2, [2**0.5] * 2, [None, None]
    assert [row["sd"] for row in image.to_dict()["layers"]] == [three, none, three]
    assert [row["sd"] for row in depth.to_dict()["layers"]] == [none, five, five]
