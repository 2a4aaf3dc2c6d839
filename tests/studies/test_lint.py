"""The linter's rules: networks that each must and must not find something in, counted by hand."""

import json
from fractions import Fraction

import pytest

import cnncalc
from cnncalc.analysis.analysis import trace_of
from cnncalc.studies.lint import INFO, RULES, WARNING, chosen_rules, grids

HALF = Fraction(1, 2)


def network(layers, shape="[3, 32, 32]", more=""):
    """A network of layers given as the inside of their braces, one a line."""
    rows = "\n".join(f"  - {{{line.strip()}}}" for line in layers.strip().splitlines())
    return cnncalc.loads(f"name: net\ninput: {shape}\n{more}layers:\n{rows}\n")


def found(rule, layers, shape="[3, 32, 32]", **options):
    """What one rule finds."""
    return cnncalc.lint(network(layers, shape), select=[rule], **options)


def only(rule, layers, shape="[3, 32, 32]", **options):
    """The one thing that a rule finds."""
    findings = found(rule, layers, shape, **options)
    assert len(findings) == 1, list(map(str, findings))
    return findings[0]


CONV = "type: conv, out_channels: 4"
UP = "type: conv_transpose, out_channels: 4"


# Taps per unit: kernel taps t with (unit + padding - t * dilation) divisible by the stride.
@pytest.mark.parametrize(
    ("attributes", "taps", "together"),
    [
        ("kernel_size: 3, stride: 2", [[1, 2], [1, 2]], [1, 2, 4]),
        ("kernel_size: 5, stride: 2, padding: 2, output_padding: 1", [[2, 3]] * 2, [4, 6, 9]),
        ("kernel_size: 4, stride: 3", [[1, 2], [1, 2]], [1, 2, 4]),
        ("kernel_size: [3, 4], stride: 2", [[1, 2], [2]], [2, 4]),
        # Kernel under stride: of three units one is made of nothing.
        ("kernel_size: 2, stride: 3", [[0, 1], [0, 1]], [0, 1]),
        # Dilation 2 shares stride 2: all four taps meet one phase, none the other; 4 · 4.
        ("kernel_size: 4, stride: 2, dilation: 2", [[0, 4], [0, 4]], [0, 16]),
    ],
)
def test_checkerboard(attributes, taps, together):
    finding = only("checkerboard", f"name: up, {UP}, {attributes}")
    assert (finding.code, finding.severity, finding.layers) == ("CNN101", WARNING, ("up",))
    assert finding.evidence == {"taps": taps, "together": together}
    assert "Odena" in finding.source


@pytest.mark.parametrize(
    "layer",
    [
        f"{UP}, kernel_size: 4, stride: 2, padding: 1",
        f"{UP}, kernel_size: 2, stride: 2",
        f"{UP}, kernel_size: 6, stride: 3",
        f"{UP}, kernel_size: 3, stride: 1",
        # An odd dilation moves the taps, but spreads four of them evenly over stride 2.
        f"{UP}, kernel_size: 4, stride: 2, dilation: 3",
        f"{CONV}, kernel_size: 3, stride: 2",
        "type: upsample, scale_factor: 1.5, mode: bilinear",
    ],
)
def test_no_checkerboard(layer):
    assert not found("checkerboard", layer)


def test_checkerboard_once_per_cause():
    layers = f"""
    name: a, {UP}, kernel_size: 3, stride: 2
    name: b, {UP}, kernel_size: 3, stride: 2, padding: 1
    name: c, {UP}, kernel_size: 5, stride: 2
    """
    assert [finding.layers for finding in found("CNN101", layers)] == [("a", "b"), ("c",)]


def test_gridding():
    # Fields: 5 pixels of which 3 are read, then 9 of which the even 5, then 13 with 7.
    layers = f"""
    name: d1, {CONV}, kernel_size: 3, dilation: 2, padding: 2
    type: relu
    name: d2, {CONV}, kernel_size: 3, dilation: 2, padding: 2
    name: d3, {CONV}, kernel_size: 3, dilation: 2, padding: 2
    """
    finding = only("gridding", layers)
    assert (finding.code, finding.severity, finding.layer) == ("CNN102", WARNING, "d1")
    assert finding.layers == ("d1", "relu1", "d2", "d3")
    assert finding.evidence == {
        "read": [(3, 5)] * 2,
        "layers": 4,
        "least": "d3",
        "least_read": [(7, 13)] * 2,
    }


def test_gridding_on_one_axis():
    finding = only("gridding", f"name: d, {CONV}, kernel_size: 3, dilation: [1, 3]")
    assert finding.evidence["read"] == [(3, 3), (3, 7)]


def test_gridding_reaches_the_pooling_that_reads_it_whole():
    layers = f"name: d, {CONV}, kernel_size: 3, dilation: 2\n type: global_avg_pool"
    assert only("gridding", layers).layers == ("d",)


def test_gridding_of_branches_that_meet():
    layers = f"""
    name: a, {CONV}, kernel_size: 3, dilation: 4, padding: 4
    name: b, {CONV}, kernel_size: 3, dilation: 2, padding: 2, from: input
    name: sum, type: concat, from: [a, b]
    """
    # Offsets -4, -2, 0, 2, 4: five of nine.
    assert only("gridding", layers).layers == ("a", "b", "sum")


def test_gridding_relative_to_a_layer():
    layers = f"""
    name: stem, {CONV}, kernel_size: 5
    name: d1, {CONV}, kernel_size: 3, dilation: 2
    name: d2, {CONV}, kernel_size: 3, dilation: 2
    """
    assert not found("gridding", layers)
    assert only("gridding", layers, from_layer="stem").layers == ("d1", "d2")


STEM = f"name: stem, {CONV}, kernel_size: 15, stride: 2, padding: 7"
BOTH = "type: relu\ntype: add, from: [b, relu1]"


def dilated(name, rate, source=""):
    """A 3×3 convolution that keeps the map's size."""
    return f"name: {name}, {CONV}, kernel_size: 3, dilation: {rate}, padding: {rate}{source}"


@pytest.mark.parametrize(
    ("rates", "apart"), [((2, 2), 2), ((2, 4, 4), 2), ((4, 4, 8), 4), ((3, 6), 3)]
)
def test_gridding_from_the_stage_own_input(rates, apart):
    # Of the stem's output -4, -2, 0, 2, 4 are read by two dilations of 2, of the pixels all.
    names = [f"d{place}" for place in range(len(rates))]
    layers = "\n".join([STEM, *map(dilated, names, rates)])
    finding = only("gridding", layers, "[3, 128, 128]")
    assert (finding.severity, finding.layers) == (WARNING, tuple(names))
    assert finding.evidence == {"stage": "stem", "apart": [apart] * 2, "layers": len(rates)}
    assert f"only 1 of {apart} on h and w" in finding.found


def test_gridding_of_a_dilated_residual_stage():
    layers = f"""
    {STEM}
    {dilated("a", 2)}
    name: sum1, type: add, from: [stem, a]
    {dilated("b", 2)}
    name: sum2, type: add, from: [sum1, b]
    type: global_avg_pool
    """
    assert only("gridding", layers).layers == ("a", "sum1", "b", "sum2")


@pytest.mark.parametrize(
    "layers",
    [
        # 1, 2, 5 without a common factor, with which gridding is avoided; and undilated ones after.
        [STEM, dilated("a", 1), dilated("b", 2), dilated("c", 5)],
        [STEM, dilated("a", 2), dilated("b", 2), dilated("c", 1)],
        [STEM, dilated("a", 2), dilated("b", 3)],
        # One dilation alone, and rates side by side, are no stack on one grid.
        [STEM, dilated("a", 2)],
        [STEM, dilated("a", 3), dilated("b", 6, ", from: stem"), "type: add, from: [a, b]"],
        # A branch that reads the units between.
        [STEM, dilated("a", 2), dilated("b", 2), dilated("c", 1, ", from: stem"), BOTH],
    ],
)
def test_no_gridding_from_the_stage_own_input(layers):
    assert not found("gridding", "\n".join(layers), "[3, 128, 128]")


@pytest.mark.parametrize("name", ["deeplab_v2", "deeplab_v3_resnet50", "pspnet101"])
def test_gridding_of_dilated_resnets(name):
    (finding,) = cnncalc.lint(cnncalc.load(name), select=["gridding"])
    assert finding.evidence["apart"] == [2, 2]
    assert finding.layer.rsplit(".", 1)[1] == "conv2"


@pytest.mark.parametrize(
    "layers",
    [
        # The hybrid dilations of Wang et al.: 1, 2, 5 leave no gap.
        f"{CONV}, kernel_size: 3\n {CONV}, kernel_size: 3, dilation: 2\n"
        f"{CONV}, kernel_size: 3, dilation: 5",
        # A later window fills the gaps: 5 pixels with holes, then all 7.
        f"{CONV}, kernel_size: 3, dilation: 2\n {CONV}, kernel_size: 3",
        # Gaps of another cause, which is CNN103's.
        f"{CONV}, kernel_size: 1, stride: 2\n {CONV}, kernel_size: 3",
        f"{CONV}, kernel_size: 3, padding: 1",
    ],
)
def test_no_gridding(layers):
    assert not found("gridding", layers)


@pytest.mark.parametrize(
    ("layer", "evidence"),
    [
        # Every second of 32 rows and columns: 16 * 16 of 1024.
        (f"{CONV}, kernel_size: 1, stride: 2", ([16, 16], [32, 32], 768)),
        ("type: avg_pool, kernel_size: 2, stride: 3", ([22, 22], [32, 32], 1024 - 22 * 22)),
        # Taps 2 apart under stride 2 always meet the same half.
        (f"{CONV}, kernel_size: 3, stride: 2, dilation: 2", ([16, 16], [32, 32], 768)),
        (f"{CONV}, kernel_size: [3, 1], stride: 2", ([31, 16], [31, 32], 31 * 16)),
        ("type: upsample, scale_factor: 0.5", ([16, 16], [32, 32], 768)),
        # Four of eight: bilinear weighs the two units in the middle of four.
        ("type: upsample, scale_factor: 0.25, mode: bilinear", ([16, 16], [32, 32], 768)),
    ],
)
def test_skipped_pixels(layer, evidence):
    shape = "[3, 31, 32]" if evidence[1][0] == 31 else "[3, 32, 32]"
    finding = only("skipped-pixels", f"name: x, {layer}", shape)
    assert (finding.code, finding.severity) == ("CNN103", WARNING)
    read, of, never = evidence
    assert finding.evidence == {"read": read, "of": of, "never_read": never}


def test_skipped_pixels_at_the_border():
    # Windows at 0 and 3 read 0 5 10, 3 8 13; units 1, 2, 4, 6, 7, 9, 11, 12 meet no tap.
    finding = only("skipped-pixels", f"{CONV}, kernel_size: 3, stride: 3, dilation: 5", "[1, 14]")
    assert finding.evidence == {"read": [6], "of": [14], "never_read": 8}
    assert "border" in finding.remedy


def test_skipped_pixels_of_an_unknown_size():
    finding = only("skipped-pixels", f"{CONV}, kernel_size: 1, stride: 2", "[3, null, null]")
    assert finding.evidence == {"read": [1, 1], "of": [2, 2]}
    assert "1 of every 2 units" in finding.found


def test_skipped_pixels_that_another_branch_reads():
    layers = f"""
    name: main, {CONV}, kernel_size: 3, stride: 2, padding: 1
    name: short, {CONV}, kernel_size: 1, stride: 2, from: input
    type: add, from: [main, short]
    """
    finding = only("skipped-pixels", layers)
    assert (finding.layers, finding.severity) == (("short",), INFO)
    assert finding.evidence["read_by_none"] == 0
    assert "'main' reads them from the same map: only this branch skips them" in finding.found


def test_skipped_pixels_that_no_branch_reads():
    layers = f"""
    name: main, {CONV}, kernel_size: 1, stride: 2
    name: short, {CONV}, kernel_size: 1, stride: 2, from: input
    type: add, from: [main, short]
    """
    finding = only("skipped-pixels", layers)
    assert (finding.layers, finding.severity) == (("main", "short"), WARNING)
    assert finding.evidence["read_by_none"] == 768


def test_skipped_pixels_alone_and_beside_a_branch_are_two_causes():
    layers = f"""
    name: alone, {CONV}, kernel_size: 1, stride: 2
    name: main, {CONV}, kernel_size: 3, stride: 2, padding: 1
    name: short, {CONV}, kernel_size: 1, stride: 2, from: alone
    type: add, from: [main, short]
    """
    told = [(each.layers, each.severity) for each in found("skipped-pixels", layers)]
    assert told == [(("alone",), WARNING), (("short",), INFO)]


def test_skipped_pixels_that_another_branch_reads_whatever_the_size():
    layers = f"""
    name: main, {CONV}, kernel_size: 3, stride: 2, padding: 1
    name: short, {CONV}, kernel_size: 1, stride: 2, from: input
    name: alone, {CONV}, kernel_size: 1, stride: 2, from: main
    """
    told = [(each.layers, each.severity) for each in found("CNN103", layers, "[3, null, null]")]
    assert told == [(("short",), INFO), (("alone",), WARNING)]


@pytest.mark.parametrize(
    "layers",
    [
        f"{CONV}, kernel_size: 3, stride: 2, padding: 1",
        f"{CONV}, kernel_size: 2, stride: 2",
        # Dilation 3 is odd: three taps under stride 2 meet both halves.
        f"{CONV}, kernel_size: 3, stride: 2, dilation: 3, padding: 3",
        "type: crop, amount: 3",
        "type: space_to_depth, factor: 2",
        "type: adaptive_avg_pool, output_size: 5",
        "type: global_avg_pool",
        f"{UP}, kernel_size: 2, stride: 3",
        "type: upsample, scale_factor: 0.5, mode: bilinear",
    ],
)
def test_no_skipped_pixels(layers):
    assert not found("skipped-pixels", layers)


def test_one_unit_skips_nothing():
    assert not found("skipped-pixels", f"{CONV}, kernel_size: 1, stride: 2", "[3, 1, 1]")


@pytest.mark.parametrize(
    ("shape", "layer", "dropped", "fits", "units"),
    [
        ("[3, 31, 32]", "type: max_pool, kernel_size: 2", [1, 0], [(30, 32, 1), None], 32),
        # Windows end at 10 + 54 * 4 = 226 of 227 + 0; of 229 two are left.
        ("[3, 229, 229]", f"{CONV}, kernel_size: 11, stride: 4", [2, 2], [(227, 231, 2)] * 2, 912),
        # Padded to 34: the last window ends at 31, one padding and one real unit are left.
        (
            "[3, 32, 32]",
            f"{CONV}, kernel_size: 4, stride: 4, padding: [[1, 1], [1, 1]]",
            [1, 1],
            [(31, 34, 2)] * 2,
            63,
        ),
        # Windows end at unit 6. The next one reads 10 and 11: units 7 to 9 are between windows.
        ("[3, 11]", f"{CONV}, kernel_size: 2, stride: 5", [1], [(7, 12, 1)], None),
    ],
)
def test_dropped_edge(shape, layer, dropped, fits, units):
    finding = only("dropped-edge", f"name: x, {layer}", shape)
    assert (finding.code, finding.severity) == ("CNN104", WARNING)
    sizes = [int(number) for number in shape.strip("[]").split(",")[1:]]
    expected = {"dropped": dropped, "of": sizes, "fits": fits}
    if units is not None:
        expected["units"] = units
    assert finding.evidence == expected


@pytest.mark.parametrize(
    ("shape", "layer"),
    [
        ("[3, 32, 32]", "type: max_pool, kernel_size: 2"),
        ("[3, 31, 31]", "type: max_pool, kernel_size: 2, ceil_mode: true"),
        # What the floor leaves out is padding: ResNet's first convolution and pooling.
        ("[3, 224, 224]", f"{CONV}, kernel_size: 7, stride: 2, padding: 3"),
        ("[3, 112, 112]", "type: max_pool, kernel_size: 3, stride: 2, padding: 1"),
        ("[3, 31, 31]", f"{CONV}, kernel_size: 2, stride: 2, padding: same"),
        # The last unit is between two windows: that is CNN103's.
        ("[3, 32, 32]", f"{CONV}, kernel_size: 1, stride: 2"),
        ("[3, null, null]", "type: max_pool, kernel_size: 2"),
    ],
)
def test_no_dropped_edge(shape, layer):
    assert not found("dropped-edge", layer, shape)


def test_dropped_edge_once_per_cause():
    # 223, 111, 55, 27, 13: every pooling drops one row and one column.
    layers = "\n".join(f"name: p{i}, type: max_pool, kernel_size: 2" for i in range(5))
    assert only("dropped-edge", layers, "[3, 223, 223]").layers == ("p0", "p1", "p2", "p3", "p4")


def test_misaligned_merge():
    # The kernel of 2 reads pixels 0 and 1: centre 1/2, the branch beside it 0.
    layers = f"""
    name: even, {CONV}, kernel_size: 2, padding: same
    name: odd, {CONV}, kernel_size: 3, padding: 1, from: input
    name: sum, type: add, from: [even, odd]
    """
    finding = only("misaligned-merge", layers)
    assert (finding.code, finding.severity, finding.layer) == ("CNN201", WARNING, "sum")
    assert finding.evidence == {
        "apart": [HALF, HALF],
        "apart_in_units": [HALF, HALF],
        "changes": {"even": {"kernel_size": 3, "padding": 1}},
    }
    assert "0 ('odd') and 1/2 ('even'): 1/2 apart" in finding.found


def test_misaligned_merge_behind_a_stride():
    # Unit 0 of the strided branch reads 0, 1, 2 (same pads after), of the shortcut 0: one pixel
    # of the map before, which are 2 of the input; half a unit of the merge, which moves by 4.
    layers = f"""
    name: stem, {CONV}, kernel_size: 1, stride: 2
    name: main, {CONV}, kernel_size: 3, stride: 2, padding: same
    name: short, {CONV}, kernel_size: 1, stride: 2, padding: same, from: stem
    type: add, from: [main, short]
    """
    finding = only("misaligned-merge", layers)
    told = json.dumps(finding.to_dict()["evidence"])
    apart = '"apart": [2, 2], "apart_in_units": [0.5, 0.5]'
    assert told == f'{{{apart}, "changes": {{"main": {{"padding": 1}}}}}}'


def test_merge_of_different_strides():
    layers = """
    name: pool, type: max_pool, kernel_size: 2
    name: crop, type: crop, amount: 8, from: input
    type: concat, from: [pool, crop]
    """
    finding = only("misaligned-merge", layers)
    assert finding.evidence == {"eff_strides": [[1, 2], [1, 2]]}


@pytest.mark.parametrize(
    "layers",
    [
        f"""
        name: a, {CONV}, kernel_size: 3, stride: 2, padding: 1
        name: b, {CONV}, kernel_size: 1, stride: 2, from: input
        type: add, from: [a, b]
        """,
        # Halved and brought back: the phases' centres are those of the map, on average.
        """
        name: half, type: avg_pool, kernel_size: 2
        name: back, type: upsample, scale_factor: 2
        type: concat, from: [back, input]
        """,
        # A gate reads the whole map and is centred nowhere.
        """
        name: pool, type: global_avg_pool
        type: mul, from: [input, pool]
        """,
    ],
)
def test_no_misaligned_merge(layers):
    assert not found("misaligned-merge", layers)


@pytest.mark.parametrize(
    ("layer", "center", "shift"),
    [
        (f"{CONV}, kernel_size: 2", HALF, HALF),
        (f"{CONV}, kernel_size: 4, padding: same", HALF, HALF),
        (f"{CONV}, kernel_size: 4, padding: same_lower", -HALF, -HALF),
        # 32 even: `same` pads 0 before and 1 after, so that unit 0 reads 0, 1, 2.
        (f"{CONV}, kernel_size: 3, stride: 2, padding: same", 1, HALF),
        (f"{CONV}, kernel_size: 3, padding: [[0, 2], [0, 2]]", 1, 1),
    ],
)
def test_shifted_centre(layer, center, shift):
    finding = only("shifted-centre", f"name: x, {layer}")
    assert (finding.code, finding.severity) == ("CNN202", INFO)
    assert finding.evidence["center"] == [center] * 2
    assert finding.evidence["shift"] == [shift] * 2


def test_shifted_centre_in_pixels():
    layers = f"type: max_pool, kernel_size: 2\n name: x, {CONV}, kernel_size: [1, 2]"
    evidence = {"center": [None, HALF], "shift": [0, HALF], "shift_in_pixels": [0, 1]}
    assert only("shifted-centre", layers).evidence == evidence


@pytest.mark.parametrize(
    "layer",
    [
        f"{CONV}, kernel_size: 3, padding: 1",
        f"{CONV}, kernel_size: 3",
        f"{CONV}, kernel_size: 3, stride: 2, padding: 1",
        # Unit v is the middle of the units 2v and 2v + 1 that it stands for.
        "type: max_pool, kernel_size: 2",
        f"{CONV}, kernel_size: 4, stride: 2, padding: 1",
        f"{CONV}, kernel_size: 4, stride: 2, padding: same",
        f"{CONV}, kernel_size: 3, stride: 2, padding: same_lower",
        "type: avg_pool, kernel_size: 32",
        "type: pad, padding: [[0, 1], [0, 1]]",
        "type: global_avg_pool",
    ],
)
def test_no_shifted_centre(layer):
    assert not found("shifted-centre", layer)


def test_field_beyond_input():
    # Fields 3, 5, 7 on 7 pixels: the fourth convolution reads units that see all of them.
    layers = "\n".join(f"name: c{i}, {CONV}, kernel_size: 3, padding: 1" for i in range(1, 7))
    layers += f"\n name: point, {CONV}, kernel_size: 1\n name: fc, type: linear, out_features: 2"
    finding = only("field-beyond-input", layers, "[3, 7, 7]")
    assert (finding.code, finding.severity) == ("CNN301", INFO)
    assert finding.layers == ("c4", "c5", "c6")
    params = 3 * (4 * 4 * 9 + 4)
    assert finding.evidence == {"rf": [7, 7], "input": [7, 7], "layers": 3, "params": params}


def test_field_beyond_input_on_the_axis_that_grows():
    layers = f"""
    name: h, {CONV}, kernel_size: [9, 1]
    name: more_h, {CONV}, kernel_size: [3, 1], padding: [1, 0]
    name: w, {CONV}, kernel_size: [1, 3], padding: [0, 1]
    """
    assert only("field-beyond-input", layers, "[3, 9, 20]").layers == ("more_h",)


def test_gates_do_not_see_the_input():
    layers = f"""
    type: global_avg_pool
    name: scaled, type: mul, from: [input, global_avg_pool1]
    {CONV}, kernel_size: 3
    """
    assert not found("field-beyond-input", layers)


def test_no_field_beyond_input():
    layers = "\n".join(f"{CONV}, kernel_size: 3, padding: 1" for _ in range(3))
    assert not found("field-beyond-input", layers, "[3, 7, 7]")
    assert not found("field-beyond-input", layers, "[3, null, null]")


@pytest.mark.parametrize(
    ("size", "rate", "live"),
    [
        # On 65 units the middle tap meets 65, each outer one 65 - rate.
        (65, 36, 123),
        (65, 64, 67),
        (33, 18, 63),
    ],
)
def test_hollow_kernel(size, rate, live):
    aspp = f"{CONV}, kernel_size: 3, dilation: {rate}, padding: {rate}"
    finding = only("hollow-kernel", aspp, f"[3, {size}, {size}]")
    assert (finding.code, finding.severity) == ("CNN302", WARNING)
    assert finding.evidence == {"live": live**2, "taps": (3 * size) ** 2, "idle": 0}


@pytest.mark.parametrize(("size", "rate"), [(65, 24), (65, 28), (33, 12), (33, 14)])
def test_no_hollow_kernel(size, rate):
    aspp = f"{CONV}, kernel_size: 3, dilation: {rate}, padding: {rate}"
    assert not found("hollow-kernel", aspp, f"[3, {size}, {size}]")


def test_hollow_kernel_tells_the_largest_dilation_that_is_not():
    # (3·65 - 2·28)² = 19321 is over half of 195² = 38025, (3·65 - 2·29)² = 18769 is not.
    aspp = f"{CONV}, kernel_size: 3, dilation: 36, padding: 36"
    assert "at most 28" in only("hollow-kernel", aspp, "[3, 65, 65]").remedy


def test_hollow_kernel_on_one_unit():
    # Of nine taps the middle one meets the unit; eight never meet any.
    finding = only("hollow-kernel", f"{CONV}, kernel_size: 3, padding: 1", "[3, 1, 1]")
    assert finding.evidence == {"live": 1, "taps": 9, "idle": 8}


def test_bias_before_batch_norm():
    layers = f"""
    name: a, {CONV}, kernel_size: 3
    type: batch_norm
    name: b, type: conv, out_channels: 6, kernel_size: 3, bias: false
    type: batch_norm
    name: c, type: depthwise_conv, kernel_size: 3
    type: batch_norm
    name: s, type: scale
    type: instance_norm
    name: d, type: linear, out_features: 5
    type: batch_norm
    """
    finding = only("bias-before-batch-norm", layers)
    assert (finding.code, finding.severity) == ("CNN401", WARNING)
    assert finding.layers == ("a", "c", "s", "d")
    assert finding.evidence == {"params": 4, "total": 4 + 6 + 6 + 5, "layers": 4}


@pytest.mark.parametrize(
    "layers",
    [
        f"name: a, {CONV}, kernel_size: 3, bias: false\n type: batch_norm",
        f"name: a, {CONV}, kernel_size: 3\n type: relu\n type: batch_norm",
        f"name: a, {CONV}, kernel_size: 3\n type: layer_norm",
        f"name: a, {CONV}, kernel_size: 3\n type: group_norm, num_groups: 2",
        # Something else reads it, so the bias is not lost.
        f"name: a, {CONV}, kernel_size: 3\n type: batch_norm\n type: add, from: [a, batch_norm1]",
        f"name: a, {CONV}, kernel_size: 3",
    ],
)
def test_no_bias_before_batch_norm(layers):
    assert not found("bias-before-batch-norm", layers)


def test_unused_layer():
    layers = f"""
    name: stem, {CONV}, kernel_size: 1
    name: lost, {CONV}, kernel_size: 1, from: stem
    name: lost_too, type: relu
    name: out, {CONV}, kernel_size: 1, from: stem
    """
    finding = only("unused-layer", layers)
    assert (finding.code, finding.severity) == ("CNN402", INFO)
    assert finding.layers == ("lost_too",)
    # Two layers: one 1×1 convolution of 4 to 4 channels on 32×32, and the relu.
    assert finding.evidence == {"layers": 2, "params": 20, "macs": 4 * 4 * 32 * 32}


def test_heads_are_information():
    layers = f"""
    name: stem, {CONV}, kernel_size: 1
    name: boxes, {CONV}, kernel_size: 1, from: stem
    name: classes, {CONV}, kernel_size: 1, from: stem
    name: masks, {CONV}, kernel_size: 1, from: stem
    """
    finding = only("unused-layer", layers)
    assert (finding.severity, finding.layers) == (INFO, ("boxes", "classes"))


def test_layers_that_are_referred_to_are_used():
    layers = """
    name: pool, type: max_pool, kernel_size: 2
    name: half, type: max_pool, kernel_size: 2, from: input
    type: max_unpool, pool: pool, from: half
    """
    assert not found("unused-layer", layers)


def test_a_layer_inside_a_block_may_be_unused():
    text = """
name: net
input: [3, 8, 8]
blocks:
  two:
    output: a
    layers:
      - {name: a, type: relu}
      - {name: b, type: tanh}
layers:
  - {type: two, name: x}
  - {type: sigmoid}
"""
    (finding,) = cnncalc.lint(cnncalc.loads(text), select=["unused-layer"])
    assert (finding.layer, finding.line) == ("x.b", 9)


QUIET = {
    "vgg16": set(),
    # The 1×1 shortcuts of stride 2, and what is deeper than 224 pixels are wide.
    "resnet50": {("CNN103", 3), ("CNN301", 4)},
    # Its first activation: 64×112×112 numbers twice, where all else takes half of that.
    "googlenet": {("CNN301", 10), ("CNN501", 1)},
    "densenet121": {("CNN301", 41)},
}


@pytest.mark.parametrize("name", QUIET)
def test_no_false_alarm(name):
    findings = cnncalc.lint(cnncalc.load(name))
    assert {(finding.code, len(finding.layers)) for finding in findings} == QUIET[name]


def test_shortcuts_of_resnet50_are_one_cause():
    (finding,) = cnncalc.lint(cnncalc.load("resnet50"), select=["CNN103"])
    assert finding.severity == INFO
    assert finding.layers == tuple(f"layer{stage}.0.downsample.0" for stage in (2, 3, 4))
    # 28 of 56 rows and columns: a quarter of the units; the main branch reads the others too.
    never = 56 * 56 - 28 * 28
    assert finding.evidence == {
        "read": [28, 28],
        "of": [56, 56],
        "never_read": never,
        "read_by_none": 0,
    }
    assert finding.path.endswith("resnet.yaml")


def test_rules_are_complete():
    codes = [rule.code for rule in RULES]
    assert len(set(codes)) == len({rule.name for rule in RULES}) == 11
    assert codes == sorted(codes)
    for rule in RULES:
        assert rule.severity in (WARNING, INFO)
        assert rule.finds and rule.remedy


def test_chosen_rules():
    assert [rule.code for rule in chosen_rules(["CNN2", "dropped_edge"])] == [
        "CNN104",
        "CNN201",
        "CNN202",
    ]
    assert [rule.code for rule in chosen_rules(["cnn1"], ["gridding"])] == [
        "CNN101",
        "CNN103",
        "CNN104",
    ]
    assert not chosen_rules(["gridding"], ["CNN"])
    with pytest.raises(cnncalc.UsageError, match="did you mean checkerboard"):
        chosen_rules(["chekerboard"])


def test_a_finding_tells_its_place():
    finding = only("checkerboard", f"name: up, {UP}, kernel_size: 3, stride: 2")
    assert str(finding).startswith("<text>:4: layer 'up': CNN101 checkerboard (warning): kernel 3")


def test_a_network_that_cannot_be_analysed():
    with pytest.raises(cnncalc.ShapeError):
        cnncalc.lint(network(f"{CONV}, kernel_size: 33"))


def test_layers_whose_windows_are_unknown():
    layers = """
    type: flatten
    type: reshape, shape: [3, 32, 32]
    type: reshape, shape: [12, 16, 16]
    type: reshape, shape: [3072]
    """
    assert not cnncalc.lint(network(layers))


def test_the_search_for_stages_ends_with_its_effort(monkeypatch):
    """Its steps are bounded: an entangled network is looked at for as long as a plain one."""
    layers = ["{type: conv, out_channels: 1, kernel_size: 3, stride: 2, padding: 1}"]
    layers += 2 * ["{type: conv, out_channels: 1, kernel_size: 3, padding: 2, dilation: 2}"]
    rows = "".join(f"  - {layer}\n" for layer in layers)
    trace = trace_of(cnncalc.loads(f"name: stage\ninput: [1, 32, 32]\nlayers:\n{rows}"))
    (stage,) = grids.stages(trace)
    assert stage.apart == (2, 2)
    monkeypatch.setattr(grids, "MOST_STEPS", 1)
    monkeypatch.setattr(grids, "STEPS_PER_INPUT", 0)
    assert list(grids.stages(trace)) == []
