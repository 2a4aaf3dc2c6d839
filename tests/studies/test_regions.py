"""Regions of interest: bins and sample points against what runs, and against torchvision's rules.

onnxruntime's MaxRoiPool and RoiAlign compute what torchvision's roi_pool and roi_align do.
"""

import math
import random
import re
from fractions import Fraction

import pytest
from formula_text import worked_out

import cnncalc
from cnncalc.studies.explain.regions import region_section


def section(kind, region, stride, output_size, **attributes):
    network = cnncalc.layer(kind, output_size=output_size, **attributes)
    return region_section(network, region, [stride])


def by_axis(steps, word):
    """The results of the steps whose quantity begins with a word, in order, per axis."""
    found = {"h": [], "w": []}
    for step in steps:
        if step.quantity.startswith(word):
            for axis in step.axes:
                found[axis].append(step.result)
    return [found["h"], found["w"]]


def exact(value):
    return Fraction(*value) if isinstance(value, tuple) else Fraction(value)


def check_arithmetic(steps):
    """What is printed, with the numbers put in, gives what stands behind it."""
    for step in steps:
        result = step.result
        if hasattr(result, "first"):
            assert worked_out(step.with_numbers) == (result.first, result.last), step
        elif hasattr(result, "numbers"):
            printed = worked_out(step.with_numbers)
            printed = printed if isinstance(printed, tuple) else (printed,)
            assert printed == tuple(map(exact, result.numbers)), step
        else:
            assert worked_out(step.with_numbers) == exact(result), step


def random_region(rng, low=-40, high=400):
    """x0, y0, x1, y1 in quarters of pixels."""
    x0, y0 = (Fraction(rng.randint(4 * low, 4 * high), 4) for _ in "xy")
    return [x0, y0, *(edge + Fraction(rng.randint(-8, 4 * 200), 4) for edge in (x0, y0))]


def away_from_zero(value):
    """C's round: to the nearest whole number, halves away from zero."""
    below = math.floor(abs(value))
    near = below + (abs(value) - below >= Fraction(1, 2))
    return near if value >= 0 else -near


def pooled_bins(first, last, scale, bins):
    """The units of each bin by torchvision's roi_pool, first and last, the map taken as endless."""
    start, end = away_from_zero(first * scale), away_from_zero(last * scale)
    size = max(end - start + 1, 1)
    # Unit u, from u to u + 1, counts where a bin, from place·size/bins on, lies over any of it.
    return [
        (start + min(units), start + max(units))
        for place in range(bins)
        for units in [
            [
                unit
                for unit in range(size)
                if place * size < (unit + 1) * bins and unit * bins < (place + 1) * size
            ]
        ]
    ]


@pytest.mark.parametrize("seed", range(200))
def test_bins_that_overlap(seed):
    rng = random.Random(seed)
    region, stride, size = random_region(rng), rng.choice((1, 4, 16, 32)), rng.randint(1, 9)
    steps = section("roi_pool", region, stride, size).steps
    check_arithmetic(steps)
    found = by_axis(steps, "in torchvision: bin ")
    x0, y0, x1, y1 = region
    for bins, (first, last) in zip(found, ((y0, y1), (x0, x1)), strict=True):
        told = [(interval.first, interval.last) for interval in bins]
        assert told == pooled_bins(first, last, Fraction(1, stride), size)


def test_a_region_by_hand():
    """Of 1 … 42, 5 … 8: width 4 in 3 bins of 4/3: ⌊0⌋…⌈4/3⌉, ⌊4/3⌋…⌈8/3⌉, ⌊8/3⌋…⌈4⌉."""
    steps = section("roi_pool", [80, 80, 128, 128], 16, 3).steps
    bins, _ = by_axis(steps, "in torchvision: bin ")
    assert [(one.first, one.last) for one in bins] == [(5, 6), (6, 7), (7, 8)]
    found = {step.quantity: step.result for step in steps}
    # The textbook: 48/16 = 3 units, a unit a bin.
    assert (found["region, in units"], found["bin, in units"]) == (3, 1)


@pytest.mark.parametrize(("edge", "unit"), [(8, 1), (-8, -1), (24, 2), (-24, -2), (7, 0), (-7, 0)])
def test_halves_go_away_from_zero(edge, unit):
    steps = section("roi_pool", [edge, edge, 100, 100], 16, 2).steps
    assert next(s for s in steps if s.quantity.endswith("first unit")).result == unit


def running(operator, regions, **attributes):
    """What onnxruntime makes of a random map and a region, and the map."""
    onnx, numpy = pytest.importorskip("onnx"), pytest.importorskip("numpy")
    runtime = pytest.importorskip("onnxruntime")
    helper, kind = onnx.helper, onnx.TensorProto
    pixels = numpy.random.default_rng(0).standard_normal((1, 1, 23, 29)).astype("float32")
    given = {"x": pixels, "rois": numpy.array(regions, "float32")}
    if operator == "RoiAlign":
        given["maps"] = numpy.zeros(1, "int64")
    types = {"maps": kind.INT64}
    inputs = [
        helper.make_tensor_value_info(name, types.get(name, kind.FLOAT), value.shape)
        for name, value in given.items()
    ]
    node = helper.make_node(operator, list(given), ["y"], spatial_scale=1 / 16, **attributes)
    output = helper.make_tensor_value_info("y", kind.FLOAT, None)
    graph = helper.make_graph([node], "g", inputs, [output])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=9)
    session = runtime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    (pooled,) = session.run(None, given)
    return pooled[0, 0], pixels[0, 0]


@pytest.mark.parametrize("seed", range(60))
def test_bins_as_they_run(seed):
    """The maxima of the told bins, cut to the map. Bins of 1, 2, 4 or 8: floats are exact."""
    rng = random.Random(seed)
    region, size = random_region(rng, -30, 400), rng.choice((1, 2, 4, 8))
    pooled, pixels = running("MaxRoiPool", [[0, *map(float, region)]], pooled_shape=[size] * 2)
    rows, columns = by_axis(section("roi_pool", region, 16, size).steps, "in torchvision: bin ")
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            part = pixels[max(row.first, 0) : max(row.last + 1, 0)]
            part = part[:, max(column.first, 0) : max(column.last + 1, 0)]
            assert pooled[i, j] == (part.max() if part.size else 0)


def interpolated(pixels, place):
    """The map between its units; nothing over a unit off it, at the edge nearer than that."""
    sizes = pixels.shape
    if any(not -1 <= at <= size for at, size in zip(place, sizes, strict=True)):
        return 0.0
    value, corners = 0.0, []
    for at, size in zip(place, sizes, strict=True):
        at = min(max(at, 0), size - 1)
        low = min(math.floor(at), size - 1)
        corners.append([(low, 1 - (at - low)), (min(low + 1, size - 1), at - low)])
    for row, height in corners[0]:
        for column, width in corners[1]:
            value += float(height * width) * float(pixels[row, column])
    return value


@pytest.mark.parametrize("seed", range(80))
def test_points_as_they_run(seed):
    """The means of the map at the points told are what RoIAlign gives."""
    rng = random.Random(seed)
    region, size = random_region(rng, -30, 300), rng.choice((3, 4, 7))
    ratio, aligned = rng.choice((-1, 0, 1, 2, 3, 4)), rng.choice((True, False))
    mode = "half_pixel" if aligned else "output_half_pixel"
    sampled, pixels = running(
        "RoiAlign",
        [list(map(float, region))],
        output_height=size,
        output_width=size,
        sampling_ratio=max(ratio, 0),
        coordinate_transformation_mode=mode,
    )
    attributes = {"sampling_ratio": ratio, "aligned": aligned}
    steps = section("roi_align", region, 16, size, **attributes).steps
    check_arithmetic(steps)
    counts = by_axis(steps, "points per bin")
    if any(count > [4] for count in counts):
        return
    rows, columns = by_axis(steps, "points, bin ")
    if counts == [[0], [0]] or [0] in counts:
        assert not sampled.any() and (not rows or not columns)
        return
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            places = [(exact(y), exact(x)) for y in row.numbers for x in column.numbers]
            mean = sum(interpolated(pixels, place) for place in places) / len(places)
            assert sampled[i, j] == pytest.approx(mean, abs=1e-4), (region, i, j)


@pytest.mark.parametrize("seed", range(100))
def test_points_by_torchvision_s_rule(seed):
    """Its start, size and grid on each axis, written with exact fractions."""
    rng = random.Random(seed)
    region, stride, size = random_region(rng), rng.choice((4, 16)), rng.randint(1, 9)
    ratio, aligned = rng.choice((-1, 0, 1, 2, 3, 7)), rng.choice((True, False))
    attributes = {"sampling_ratio": ratio, "aligned": aligned}
    steps = section("roi_align", region, stride, size, **attributes).steps
    x0, y0, x1, y1 = (edge / stride - (Fraction(1, 2) if aligned else 0) for edge in region)
    rows, columns = by_axis(steps, "points, bin ")
    for bins, (first, last) in zip((rows, columns), ((y0, y1), (x0, x1)), strict=True):
        length = last - first if aligned else max(last - first, 1)
        part = Fraction(length, size)
        grid = ratio if ratio > 0 else math.ceil(part)
        expected = [
            [first + place * part + (i + Fraction(1, 2)) * part / grid for i in range(grid)]
            for place in range(size)
            if grid > 0
        ]
        cut = [each if grid <= 4 else [*each[:2], each[-1]] for each in expected]
        assert [list(map(exact, each.numbers)) for each in bins] == cut


def test_a_size_alone_begins_at_pixel_0():
    """Mask R-CNN's 665/32/7 = 95/32 a bin: with two points a quarter and three quarters of it."""
    steps = section("roi_align", [665], 32, 7, sampling_ratio=2).steps
    (first, *_), _ = by_axis(steps, "points, bin ")
    assert first.numbers == ((95, 128), (285, 128))


def test_many_bins_are_told_by_some():
    steps = section("roi_align", [0, 0, 4000, 4000], 1, 1000).steps
    told = [step.quantity for step in steps if step.quantity.startswith("points, bin")]
    assert told == ["points, bin 0", "points, bin 1", "points, bin 999"]


def test_the_last_axis_comes_first():
    steps = section("roi_align", [0, 16, 32, 64], 16, 1, sampling_ratio=1).steps
    # x from 0 to 2 units, y from 1 to 4.
    assert [[each.numbers for each in axis] for axis in by_axis(steps, "points, bin")] == [
        [((5, 2),)],
        [(1,)],
    ]


def test_sampling_changes_no_figure():
    plain, sampled = (
        cnncalc.analyze(cnncalc.layer("roi_align", (8, 20, 20), output_size=7, **attributes))
        for attributes in ({}, {"sampling_ratio": 2, "aligned": True})
    )
    figures = ("out_shape", "params", "macs", "activations", "rf")
    (one, other) = plain.layers[-1], sampled.layers[-1]
    assert all(getattr(one, name) == getattr(other, name) for name in figures)


def test_sampling_in_a_definition():
    text = "name: r\ninput: [4, 9, 9]\nlayers:\n  - {type: roi_align, output_size: 2, %s}\n"
    kind = cnncalc.loads(text % "sampling_ratio: 2, aligned: true").nodes[0].kind
    assert (kind.sampling_ratio, kind.aligned) == (2, True)
    for wrong in ("sampling_ratio: two", "sampling_ratio: -2", "sampling_ratio: 1.5", "aligned: 1"):
        with pytest.raises(cnncalc.CnncalcError, match=re.escape(wrong.split(":")[0])):
            cnncalc.loads(text % wrong)
