"""The built-in networks against figures of frameworks, original definitions and papers.

tests/data/networks.csv names each figure's source. framework_rows.csv holds every convolution,
linear layer and attention that torchvision and timm compute; where they can be imported, their
modules are asked again.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from importlib.util import find_spec
from math import prod
from pathlib import Path

import pytest

import cnncalc
from cnncalc import zoo
from cnncalc.exporters.yaml import flat_definition

DATA = Path(__file__).parent.parent / "data"
FRAMEWORKS = all(find_spec(name) for name in ("torch", "torchvision", "timm"))
# Transformers, whose units no longer lie on the image's axes.
IN_A_ROW = ("vit_b_16", "vit_l_16", "deit_s")
NAMED_ALIKE = (
    *("convnext_base", "deit_s", "efficientnet_b0", "efficientnet_v2_s", "mask_rcnn_resnet50_fpn"),
    *("regnet_y_8gf", "retinanet_resnet50_fpn", "swin_t", "swin_b"),
)
Counted = tuple[str, int, int]  # output shape, params, MACs
COUNTED = ("conv", "depthwise_conv", "conv_transpose", "linear", "attention")
# Squeeze-and-excitation: from the first gate on, every unit sees the whole input.
GATED = (
    *("se_resnet50", "senet154", "mobilenet_v3_large", "efficientnet_b0", "efficientnet_v2_s"),
    "regnet_y_8gf",
)


def table(name: str) -> list[dict[str, str]]:
    with open(DATA / name, newline="") as file:
        return list(csv.DictReader(file))


TRUTH = table("networks.csv")
ROWS = table("framework_rows.csv")
IN_FRAMEWORKS = sorted({row["network"] for row in ROWS})
NAMES = [row["network"] for row in TRUTH]


def row(output: str, taps: int, *, bias: bool = True, units: int = 0, regions: int = 1) -> Counted:
    """A layer's output shape, params and MACs, where each output unit is a sum over its taps.

    `units` are those that a weight meets, where they are not the output's.
    """
    channels, *sizes = map(int, output.split("x"))
    weights = channels * taps
    return output, weights + bias * channels, weights * (units or prod(sizes)) * regions


def separable(output: str, read: int) -> list[Counted]:
    """A depthwise 3×3 and a 1×1 convolution, neither with bias."""
    axes = output.partition("x")[2]
    return [row(f"{read}x{axes}", 9, bias=False), row(output, read, bias=False)]


# What no framework has that is asked here, as its source says it.
BY_HAND = {
    "rcnn_alexnet": [
        row("96x55x55", 3 * 121),
        row("256x27x27", 48 * 25),
        *(row("384x13x13", 256 * 9), row("384x13x13", 192 * 9), row("256x13x13", 192 * 9)),
        *(row("4096", 256 * 36), row("4096", 4096), row("200", 4096)),
    ],
    "fast_rcnn_vgg16": [
        *(row("64x600x800", 3 * 9), row("64x600x800", 64 * 9)),
        *(row("128x300x400", 64 * 9), row("128x300x400", 128 * 9)),
        *(row("256x150x200", 128 * 9), *[row("256x150x200", 256 * 9)] * 2),
        *(row("512x75x100", 256 * 9), *[row("512x75x100", 512 * 9)] * 2),
        *[row("512x38x50", 512 * 9)] * 3,  # 75 is halved and rounded up
        *(row("4096", 512 * 49, regions=2000), row("4096", 4096, regions=2000)),
        *(row("21", 4096, regions=2000), row("84", 4096, regions=2000)),
    ],
    "deeplab_v3plus_xception": [
        *(row("256x1x1", 2048, bias=False), row("256x33x33", 2048, bias=False)),
        *separable("256x33x33", 2048) * 3,
        row("256x33x33", 5 * 256, bias=False),
        row("48x129x129", 256, bias=False),
        *(*separable("256x129x129", 256 + 48), *separable("256x129x129", 256)),
        row("21x129x129", 256),
    ],
    "dcgan_generator": [  # 5×5 kernels at stride 2: each unit that is read meets all 25 taps
        row("16384", 100, bias=False),
        row("512x8x8", 1024 * 25, bias=False, units=4 * 4),
        row("256x16x16", 512 * 25, bias=False, units=8 * 8),
        row("128x32x32", 256 * 25, bias=False, units=16 * 16),
        row("3x64x64", 128 * 25, bias=False, units=32 * 32),
    ],
    "dqn": [
        *(row("32x20x20", 4 * 64), row("64x9x9", 32 * 16), row("64x7x7", 64 * 9)),
        *(row("512", 64 * 49), row("18", 512)),
    ],
}


@pytest.fixture(scope="module")
def reports():
    return {name: cnncalc.analyze(cnncalc.load(name)) for name in NAMES}


def test_every_network_is_listed_in_a_family_and_has_figures_to_hit():
    in_families = [name for members in zoo.FAMILIES.values() for name in members.split()]
    assert sorted(in_families) == zoo.names() == sorted(NAMES)


@pytest.mark.parametrize("truth", TRUTH, ids=NAMES)
def test_totals_and_field(truth, reports):
    report = reports[truth["network"]]
    assert "x".join(map(str, report.input)) == truth["input"]
    assert report.totals.params == int(truth["params"])
    assert report.totals.macs == int(truth["macs"])
    if truth["layer"]:
        layer = report[truth["layer"]]
        assert set(layer.rf) == {int(truth["rf"])}
        assert set(layer.rf_min) == {int(truth["rf_min"])}
        if truth["eff_stride"]:
            assert set(layer.eff_stride) == {int(truth["eff_stride"])}


def counted_rows(report: cnncalc.Report) -> Counter[Counted]:
    """(output shape, params, MACs) of every convolution and linear layer, and how often."""
    return Counter(
        ("x".join(map(str, layer.out_shape)), layer.params, layer.macs)
        for layer in report
        if layer.type in COUNTED
    )


@pytest.mark.parametrize("name", sorted({*IN_FRAMEWORKS, *BY_HAND}))
def test_layers_are_those_of_the_source(name, reports):
    rows = [row for row in ROWS if row["network"] == name]
    expected = Counter((row["output"], int(row["params"]), int(row["macs"])) for row in rows)
    assert counted_rows(reports[name]) == expected + Counter(BY_HAND.get(name, []))


@pytest.mark.parametrize("name", NAMED_ALIKE)
def test_layers_are_called_as_the_framework_calls_them(name, reports):
    modules = {row["module"] for row in ROWS if row["network"] == name}
    assert modules <= {layer.layer for layer in reports[name]}


@pytest.mark.skipif(not FRAMEWORKS, reason="torch, torchvision and timm are not all installed")
@pytest.mark.parametrize("name", IN_FRAMEWORKS)
def test_layers_are_those_of_the_installed_framework(name, reports):
    sys.path.insert(0, str(DATA))
    try:
        from framework_rows import framework_rows
    finally:
        sys.path.remove(str(DATA))
    expected = Counter((row.output, row.params, row.macs) for row in framework_rows(name))
    assert counted_rows(reports[name]) == expected + Counter(BY_HAND.get(name, []))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in IN_A_ROW])
def test_nothing_is_unknown_but_the_stride_of_global_layers_and_units(name, reports):
    report = reports[name]
    assert report.warnings == ()
    assert None not in report.totals
    for layer in report:
        assert None not in (layer.params, layer.macs, *layer.rf, *layer.eff_pad, *layer.center)
        by_unit = name == "pspnet101" and layer.index >= report["ppm"].index
        assert (None in layer.eff_stride) == (layer.is_global or by_unit)


@pytest.mark.parametrize("name", IN_A_ROW)
def test_units_in_a_row_keep_their_extent_alone(name, reports):
    """A patch of 16 pixels each, and beside it the whole image through attention."""
    report = reports[name]
    assert report.warnings == ()
    assert None not in report.totals
    for layer in report:
        assert None not in (layer.params, layer.macs)
        assert set(layer.rf) == {224 if layer.is_global else 16}
        on_map = layer.index == 1
        assert (None in (*layer.eff_stride, *layer.eff_pad, *layer.center)) != on_map
    attention = [layer for layer in report if layer.type == "attention"]
    assert attention and all(layer.is_global for layer in attention)
    sums = [layer for layer in report if layer.type == "add"]
    assert all(layer.gated for layer in sums)


def test_a_pyramid_on_aligned_corners_is_read_unit_by_unit(reports):
    """PSPNet's: 60 units of stride 8 beside bins of 30, 20 and 10 units, resized to 60 units whose
    strides, 240·(2 − 1)/(60 − 1) pixels for the first, are nobody's else."""
    report = reports["pspnet101"]
    ppm, wide = report["ppm"], report["layer4.2.relu3"].rf[0]
    assert report.warnings == () and ppm.eff_stride == (None, None) and ppm.gated
    # Units between the corners lie between both bins, 60 units; those at the corners on one.
    assert ppm.rf == (wide + 59 * 8,) * 2 and ppm.rf_min == (wide + 29 * 8,) * 2
    assert ppm.eff_pad == report["layer4.2.relu3"].eff_pad and ppm.aligned is None
    assert None not in report.totals


@pytest.mark.parametrize("name", GATED)
def test_gates_leave_fields_as_they_are_unless_they_are_counted(name, reports):
    gates = [layer for layer in reports[name] if layer.type == "mul"]
    assert gates and all(layer.gated and not layer.is_global for layer in gates)
    assert all(None not in layer.eff_stride for layer in gates)
    counted = cnncalc.analyze(cnncalc.load(name), with_global=True)
    assert all(counted[layer.layer].is_global for layer in gates)


@pytest.mark.parametrize("name", NAMES)
def test_the_flat_list_gives_the_same_report(name, reports):
    flat = cnncalc.loads(flat_definition(cnncalc.load(name)))
    assert cnncalc.analyze(flat).to_dict() == reports[name].to_dict()


@pytest.mark.parametrize("name", NAMES)
def test_definitions_name_what_they_are_and_follow(name):
    definition = cnncalc.load(name).definition
    assert definition.name == name
    assert definition.description and definition.source


@pytest.mark.parametrize(("name", "lines"), [("resnet152", 40), ("densenet201", 40), ("vgg19", 30)])
def test_large_networks_read_like_a_table(name, lines):
    assert len(cnncalc.load(name).definition.text.splitlines()) < lines


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("ResNet-50", "resnet50"),
        ("resnet_50", "resnet50"),
        ("RESNET50", "resnet50"),
        ("DeepLabV3+", "deeplab_v3plus"),
        ("VGG-16", "vgg16"),
        ("Wide ResNet-50-2", "wide_resnet50_2"),
        ("SqueezeNet1.1", "squeezenet1_1"),
    ],
)
def test_names_as_people_type_them(asked, name):
    assert cnncalc.load(asked).name == name


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("resnet51", "resnet50"),
        ("vg16", "vgg16"),
        ("deeplab_v3", "deeplab_v3plus"),
        ("resnext50", "resnext50_32x4d"),
        ("ssd", "ssd300_vgg16"),
    ],
)
def test_a_wrong_name_gets_the_nearest_three(asked, shown):
    with pytest.raises(cnncalc.UsageError) as refused:
        cnncalc.load(asked)
    assert shown in str(refused.value)
    named = str(refused.value).partition("did you mean")[2]
    assert named.count(" or ") == 2


@pytest.mark.parametrize(
    ("name", "arguments", "params"),
    [
        ("wrn_28_10", {"widen": 4, "depth": 16}, 2748890),  # WRN-16-4, arXiv:1605.07146, 2.7M
        ("wrn_28_10", {"widen": 2, "depth": 40}, 2243546),  # WRN-40-2, 2.2M
        ("mobilenet_v1", {"alpha": 0.75}, 2585560),  # arXiv:1704.04861, table 6: 2.6 million
        ("mobilenet_v1", {"alpha": 0.5}, 1331592),  # 1.3 million
    ],
)
def test_arguments_widen_and_deepen(name, arguments, params):
    assert cnncalc.analyze(cnncalc.load(name, **arguments)).totals.params == params
