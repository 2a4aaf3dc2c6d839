"""cnncalc against PyTorch: shapes, parameters, buffers, MACs, rounding and gradients' fields."""

import itertools

import pytest
from oracle import Refused, evaluate, extent, trace
from random_networks import WIDE, generate, to_yaml
from torch_fields import has_uniform_channels, interior_units, pixels_read, positive_network
from torch_networks import torch_figures

import cnncalc

torch = pytest.importorskip("torch", reason="the differential tests need PyTorch")
functional = torch.nn.functional


def analyzed(network):
    """cnncalc's report of a description."""
    return cnncalc.analyze(cnncalc.loads(to_yaml(network)))


def totals(figures):
    """Sums over layers of params, buffers and macs."""
    names = ("params", "buffers", "macs")
    return {name: sum(each[name] for each in figures.values()) for name in names}


@pytest.mark.parametrize("seed", range(200))
def test_shapes_and_costs(seed):
    network = generate(seed, portable=True)
    report, expected = analyzed(network), torch_figures(network)
    found = {
        name: {figure: getattr(report[name], figure) for figure in figures}
        for name, figures in expected.items()
    }
    assert found == expected, to_yaml(network)
    for name, total in totals(expected).items():
        assert getattr(report.totals, name) == total


def comparable_layers(network, traced):
    """Layers whose gradient shows a whole period of units, with those units per axis."""
    for layer in network["layers"]:
        name = layer["name"]
        if any(field.whole is not None for field in traced.layers[name].fields):
            continue
        units = [interior_units(traced, name, axis) for axis in range(traced.axes)]
        if None not in units:
            yield name, units


def gradient_sets(network, traced, seed):
    """For every comparable layer: its units per axis and the pixels each of them reads."""
    net = positive_network(network, traced, seed)
    generator = torch.Generator().manual_seed(seed)
    image = torch.rand(1, *network["input"], generator=generator, dtype=torch.float64) + 0.5
    image.requires_grad_()
    outputs = net(image)
    for name, units in comparable_layers(network, traced):
        longest = max(map(len, units))
        places = [tuple(along[turn % len(along)] for along in units) for turn in range(longest)]
        yield name, units, [pixels_read(outputs[name], place, image) for place in places]


def figures_of_sets(sets, first_unit, stride):
    """The figures of one axis from a period of sets; offsets carried back to unit 0."""
    widest, first = max(sets, key=extent), sets[0]
    moved = first_unit * stride
    return {
        "rf": extent(widest),
        "rf_min": min(map(extent, sets)),
        "coverage": len(widest) / extent(widest) if widest else None,
        "eff_pad": moved - min(first) if first else None,
        "center": (min(first) + max(first)) / 2 - moved if first else None,
    }


WIDE_NETWORKS = {seed: generate(seed, portable=True, limits=WIDE) for seed in range(120)}
GRADIENT_SEEDS = [seed for seed, each in WIDE_NETWORKS.items() if has_uniform_channels(each)]


@pytest.mark.parametrize("seed", GRADIENT_SEEDS)
def test_oracle_reads_what_gradients_reach(seed):
    """The oracle itself: its sets of pixels are exactly those with a gradient."""
    network = WIDE_NETWORKS[seed]
    traced = trace(network)
    for name, units, found in gradient_sets(network, traced, seed):
        for turn, sets in enumerate(found):
            fields = zip(traced.layers[name].fields, units, strict=True)
            expected = [field.reads(along[turn % len(along)]) for field, along in fields]
            # a unit without taps on one axis reads nothing on the others either
            assert sets == (expected if all(expected) else [set()] * len(sets)), to_yaml(network)


@pytest.mark.parametrize("seed", GRADIENT_SEEDS)
def test_fields_are_what_gradients_reach(seed):
    network = WIDE_NETWORKS[seed]
    traced, report = trace(network), analyzed(network)
    for name, units, found in gradient_sets(network, traced, seed):
        if not all(all(sets) for sets in found):
            continue  # a gap on one axis empties the others: those are the oracle's to compare
        for axis, along in enumerate(units):
            sets = [found[turn][axis] for turn in range(len(along))]
            expected = figures_of_sets(sets, along[0], report[name].eff_stride[axis])
            got = {figure: getattr(report[name], figure)[axis] for figure in expected}
            assert got == pytest.approx(expected), f"{name} on axis {axis}\n{to_yaml(network)}"


def shape_or_refused(run):
    """The size of the last axis that PyTorch gives, or None where it refuses."""
    try:
        return run().shape[-1]
    except RuntimeError:
        return None


def torch_pool_size(kind, size, kernel, stride, padding, ceil_mode):
    """PyTorch's output size of a square pool, or None."""
    run = functional.avg_pool2d if kind == "avg_pool" else functional.max_pool2d
    image = torch.empty(1, 1, size, size, device="meta")
    return shape_or_refused(lambda: run(image, kernel, stride, padding, ceil_mode=ceil_mode))


POOL_OPTIONS = list(
    itertools.product(range(1, 6), range(1, 5), range(3), (False, True))
)  # kernel, stride, padding, ceil_mode


def pool_layer(kind, number, kernel, stride, padding, ceil_mode):
    """One pool on the input."""
    return {
        "name": f"l{number}",
        "type": kind,
        "from": ["input"],
        "kernel_size": kernel,
        "stride": stride,
        "padding": padding,
        "ceil_mode": ceil_mode,
    }


def is_refused(network):
    """Whether cnncalc refuses a description with an error of its own."""
    try:
        analyzed(network)
    except cnncalc.CnncalcError:
        return True
    return False


def assert_sizes(input_shape, layers, sizes):
    """Layers side by side on one input: sizes as PyTorch's, and refused where it refuses."""
    valid = [layer for layer, size in zip(layers, sizes, strict=True) if size is not None]
    refused = [layer for layer, size in zip(layers, sizes, strict=True) if size is None]
    if valid:
        report = analyzed({"input": input_shape, "layers": valid})
        found = {layer["name"]: report[layer["name"]].out_shape[-1] for layer in valid}
        expected = {layer["name"]: size for layer, size in zip(layers, sizes, strict=True) if size}
        assert found == expected, [layer for layer in valid if found != expected]
    accepted = [
        {key: value for key, value in layer.items() if key not in ("name", "from")}
        for layer in refused
        if not is_refused({"input": input_shape, "layers": [layer]})
    ]
    assert not accepted, f"PyTorch refuses {accepted[0]} and {len(accepted) - 1} more"


@pytest.mark.parametrize("size", range(1, 11))
@pytest.mark.parametrize("kind", ["max_pool", "avg_pool"])
def test_pool_rounding(kind, size):
    layers = [pool_layer(kind, number, *each) for number, each in enumerate(POOL_OPTIONS)]
    sizes = [torch_pool_size(kind, size, *each) for each in POOL_OPTIONS]
    assert_sizes([1, size, size], layers, sizes)


@pytest.mark.parametrize("size", range(1, 11))
@pytest.mark.parametrize("kind", ["max_pool", "avg_pool"])
def test_oracle_pool_rounding(kind, size):
    """The oracle itself: it counts as many windows as PyTorch, and refuses where it does."""
    for each in POOL_OPTIONS:
        network = {"input": [1, size, size], "layers": [pool_layer(kind, 0, *each)]}
        try:
            counted = evaluate(network)["l0"]["out_shape"][-1]
        except Refused:
            counted = None
        assert counted == torch_pool_size(kind, size, *each), each


@pytest.mark.parametrize("size", [1, 2, 5, 8, 9])
def test_dilated_pool_rounding(size):
    layers, sizes = [], []
    for kernel, stride, padding, dilation, ceil_mode in itertools.product(
        (1, 2, 3), (1, 2, 3), range(3), (2, 3), (False, True)
    ):
        layer = pool_layer("max_pool", len(layers), kernel, stride, padding, ceil_mode)
        layers.append({**layer, "dilation": dilation})
        pool = torch.nn.MaxPool2d(kernel, stride, padding, dilation, ceil_mode=ceil_mode)
        image = torch.empty(1, 1, size, size, device="meta")
        sizes.append(shape_or_refused(lambda pool=pool, image=image: pool(image)))
    assert_sizes([1, size, size], layers, sizes)


@pytest.mark.parametrize("size", range(1, 8))
def test_conv_sizes(size):
    layers, sizes = [], []
    for kernel, stride, padding, dilation in itertools.product(
        (1, 2, 3, 5), (1, 2, 3), range(3), (1, 2)
    ):
        window = {"kernel_size": kernel, "stride": stride, "padding": padding}
        layer = {"name": f"l{len(layers)}", "type": "conv", "from": ["input"], "out_channels": 1}
        layers.append({**layer, **window, "dilation": dilation})
        with torch.device("meta"):
            module = torch.nn.Conv1d(1, 1, kernel, stride, padding, dilation)
            image = torch.empty(1, 1, size)
        sizes.append(shape_or_refused(lambda module=module, image=image: module(image)))
    assert_sizes([1, size], layers, sizes)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_conv_transpose_sizes(size):
    layers, sizes = [], []
    for kernel, stride, padding, extra, dilation in itertools.product(
        (1, 2, 4), (1, 2, 3), range(3), range(4), (1, 2)
    ):
        layer = {
            "name": f"l{len(layers)}",
            "type": "conv_transpose",
            "from": ["input"],
            "out_channels": 1,
            "kernel_size": kernel,
            "stride": stride,
            "padding": padding,
            "output_padding": extra,
            "dilation": dilation,
        }
        layers.append(layer)
        options = {"padding": padding, "output_padding": extra, "dilation": dilation}
        module = torch.nn.ConvTranspose1d(1, 1, kernel, stride, **options)
        image = torch.zeros(1, 1, size)  # on the meta device output_padding is not checked
        sizes.append(shape_or_refused(lambda module=module, image=image: module(image)))
    assert_sizes([1, size], layers, sizes)


def pool_then(kind, **attributes):
    """A 2/2 max pool on 2 channels of 12 units, a layer on it, and the pool's undoing."""
    return [
        {"name": "pool", "type": "max_pool", "from": ["input"], "kernel_size": 2},
        {"name": "between", "type": kind, "from": ["pool"], **attributes},
        {"name": "back", "type": "max_unpool", "from": ["between"], "pool": "pool"},
    ]


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("kernel", [1, 2])
def test_unpooling_needs_the_pools_shape(channels, kernel):
    """Indices belong to one map: another number of channels or units cannot be unpooled."""
    indices = torch.zeros(1, 2, 6, dtype=torch.int64)
    pooled = torch.zeros(1, channels, 7 - kernel)
    try:
        functional.max_unpool1d(pooled, indices, 2, output_size=(12,))
        refused = False
    except (RuntimeError, ValueError):
        refused = True
    layers = pool_then("conv", out_channels=channels, kernel_size=kernel)
    assert is_refused({"input": [2, 12], "layers": layers}) == refused
