"""`box` against the oracle's sets: all units of random networks, and all pixels."""

import json
import math
from fractions import Fraction

import pytest
from oracle import sizes_of, trace
from random_networks import SMALL, SMALL_BY_UNITS, generate, to_yaml

import cnncalc
from cnncalc.cli.application import run
from cnncalc.report.layer import exact
from cnncalc.studies.box import unit_box, units_reading

SEEDS = range(40)


def share_outside(reads, sizes):
    """Share of a rectangle's pixels that are not in the image, counted axis by axis."""
    spans = [range(min(pixels), max(pixels) + 1) for pixels in reads]
    inside = math.prod(
        sum(0 <= pixel < size for pixel in span) for span, size in zip(spans, sizes, strict=True)
    )
    return 1 - Fraction(inside, math.prod(map(len, spans)))


def check_box(box, reads, sizes):
    """Everything that a box says, against the sets of pixels that are read per axis."""
    if not all(reads):
        assert box.sides is None
        return
    for side, pixels, size in zip(box.sides, reads, sizes, strict=True):
        assert (side.first, side.last) == (min(pixels), max(pixels))
        assert side.pixels == len(range(min(pixels), max(pixels) + 1))
        within = [pixel for pixel in range(size) if min(pixels) <= pixel <= max(pixels)]
        assert side.clipped == ((within[0], within[-1]) if within else None)
        assert exact(side.center) == Fraction(min(pixels) + max(pixels), 2)
        assert exact(side.coverage) == Fraction(len(pixels), side.pixels)
        assert exact(side.outside) == 1 - Fraction(len(within), side.pixels)
    assert exact(box.outside) == share_outside(reads, sizes)


def places(sizes):
    """All units of a map of equal places per axis: enough for axes that are taken apart."""
    return [tuple(min(at, size - 1) for size in sizes) for at in range(max(sizes))]


@pytest.mark.parametrize("limits", [SMALL, SMALL_BY_UNITS], ids=["phases", "by units"])
@pytest.mark.parametrize("seed", SEEDS)
def test_boxes_of_all_units(seed, limits):
    description = generate(seed, limits=limits)
    network = cnncalc.loads(to_yaml(description))
    traced = trace(description)
    for name, layer in traced.layers.items():
        if name == "input":
            continue
        for unit in places(sizes_of(layer))[:9] + places(sizes_of(layer))[-2:]:
            reads = [field.reads(at) for field, at in zip(layer.fields, unit, strict=True)]
            box = unit_box(network, name, unit)
            check_box(box, reads, description["input"][1:])
            assert box.is_global == any(layer.global_axes)


@pytest.mark.parametrize("limits", [SMALL, SMALL_BY_UNITS], ids=["phases", "by units"])
@pytest.mark.parametrize("seed", SEEDS)
def test_readers_of_all_pixels(seed, limits):
    description = generate(seed, limits=limits)
    network = cnncalc.loads(to_yaml(description))
    traced = trace(description)
    sizes = description["input"][1:]
    name = description["layers"][-1 - seed % 2]["name"]
    layer = traced.layers[name]
    for pixel in places(sizes):
        answer = units_reading(network, name, pixel)
        for axis, at in enumerate(pixel):
            units = range(sizes_of(layer)[axis])
            expected = [unit for unit in units if at in layer.fields[axis].reads(unit)]
            found = answer.axes[axis]
            assert list(found.units) == expected
            assert (found.first, found.last) == (
                (expected[0], expected[-1]) if expected else (None, None)
            )


def test_by_hand():
    """vgg16: conv5_3 sees 196 pixels in steps of 16, the first from −90: unit 7 from 22 to 217."""
    network = cnncalc.load("vgg16")
    box = unit_box(network, "conv5_3", 7)
    assert [(side.first, side.last, side.clipped) for side in box.sides] == [
        (22, 217, (22, 217))
    ] * 2
    corner = unit_box(network, "conv5_3", (0, 13))
    assert [side.clipped for side in corner.sides] == [(0, 105), (118, 223)]
    assert exact(corner.outside) == 1 - Fraction(106 * 106, 196 * 196)
    # Unit u reads from 16·u − 90 to 16·u + 105, so pixel 100 from u = 0 on, up to 190/16 = 11.
    readers = units_reading(network, "conv5_3", (100, 223))
    assert [(axis.first, axis.last) for axis in readers.axes] == [(0, 11), (8, 13)]


GAPS = """
name: gaps
input: [1, 20]
layers:
  - {name: a, type: conv, out_channels: 1, kernel_size: 3, dilation: 4, padding: 4}
  - {name: b, type: conv, out_channels: 1, kernel_size: 2, stride: 3}
"""


def test_gaps_of_dilation():
    """Unit u of a reads u − 4, u, u + 4."""
    network = cnncalc.loads(GAPS)
    assert units_reading(network, "a", 9).axes[0].units == (5, 9, 13)
    assert exact(unit_box(network, "a", 3).sides[0].coverage) == Fraction(1, 3)


def test_relative_to_a_layer():
    """Unit u of b reads the units 3·u and 3·u + 1 of a, of which there are 20."""
    network = cnncalc.loads(GAPS)
    side = unit_box(network, "b", 2, from_layer="a").sides[0]
    assert (side.first, side.last, side.size) == (6, 7, 20)
    assert units_reading(network, "b", 8, from_layer="a").axes[0].units == ()
    assert units_reading(network, "b", 10, from_layer="a").axes[0].units == (3,)


def test_layers_behind_do_not_matter():
    text = GAPS + "  - {name: c, type: conv, out_channels: 1, kernel_size: 50}\n"
    assert unit_box(cnncalc.loads(text), "a", 0).sides[0].first == -4


def test_a_global_layer_reads_it_all():
    box = unit_box(cnncalc.load("resnet50"), "avgpool", 0)
    assert box.is_global
    assert all(side.clipped == (0, 223) for side in box.sides)


def test_unknown_size_of_the_input():
    network = cnncalc.loads(GAPS.replace("20", "null"))
    side = unit_box(network, "b", 1).sides[0]
    assert (side.first, side.last, side.clipped, side.outside) == (-1, 8, None, None)
    same = "name: s\ninput: [1, null]\nlayers:\n  - {type: conv, out_channels: 1, " + (
        "kernel_size: 3, stride: 2, padding: same}\n"
    )
    with pytest.raises(cnncalc.UsageError, match="depends on the input's size"):
        unit_box(cnncalc.loads(same), "conv1", 0)


def test_gaps_too_wide_to_keep():
    """Taps a million pixels apart: that pixel 5 is between them is not known."""
    network = cnncalc.loads(
        "name: w\ninput: [1, 9000000]\nlayers:\n  - {name: a, type: conv, out_channels: 1, "
        "kernel_size: 2, dilation: 1000000, stride: 500000}\n"
    )
    axis = units_reading(network, "a", 1_000_005).axes[0]
    assert (axis.first, axis.last, axis.units) == (1, 2, None)
    assert unit_box(network, "a", 0).sides[0].coverage is None


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ((14, 0), "no unit 14 on axis h, which has units 0 to 13"),
        (-1, "no unit -1 on axis h"),
        ((1, 2, 3), "must be one number, or one per axis"),
    ],
)
def test_refused(place, message):
    with pytest.raises(cnncalc.UsageError, match=message):
        unit_box(cnncalc.load("vgg16"), "conv5_3", place)


def test_a_layer_that_does_not_depend_on_the_other():
    with pytest.raises(cnncalc.UsageError, match="does not depend on 'conv2_1'"):
        unit_box(cnncalc.load("vgg16"), "conv1_1", 0, from_layer="conv2_1")


def test_command_line(capsys):
    assert run(["box", "vgg16", "conv5_3", "7,7", "--csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == ("axis,first,last,pixels,clipped_first,clipped_last,center,outside,coverage")
    assert lines[1:] == ["h,22,217,196,22,217,119.5,0,1", "w,22,217,196,22,217,119.5,0,1"]
    assert run(["box", "vgg16", "conv5_3", "--pixel", "100,223", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == 1
    assert [axis["units"] for axis in told["axes"]] == [list(range(12)), list(range(8, 14))]
    assert run(["box", "--spec", "3,1,1,4 3,2", "layer1", "0", "--input", "50"]) == 0
    table = capsys.readouterr().out
    assert "-1…7" in table and "within" in table
    for form in ("markdown", "tsv", "table"):
        assert run(["box", "vgg16", "fc6", "0", "--format", form]) == 0
        assert run(["box", "vgg16", "pool5", "--pixel", "3", "--format", form]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["vgg16", "conv5_3"],
        ["vgg16", "conv5_3", "1", "--pixel", "1"],
        ["vgg16", "conv5_3", "1;1"],
        ["vgg16", "nothing", "1"],
        ["vgg16"],
        ["--spec", "3", "layer1", "0", "1"],
    ],
)
def test_wrong_calls(arguments, capsys):
    assert run(["box", *arguments]) == 2
    assert capsys.readouterr().err
