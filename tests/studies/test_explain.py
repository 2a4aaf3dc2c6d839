"""What explanations say, by hand: branches of the rules, ways up and down, merges, phases."""

from fractions import Fraction

import pytest

import cnncalc
from cnncalc.studies.explain import explain


def exact(result):
    """A step's result as Python's exact number."""
    return Fraction(*result) if isinstance(result, tuple) else result


def chain(*layers, input="[3, 32, 32]"):
    lines = "\n".join(f"  - {layer}" for layer in layers)
    return cnncalc.loads(f"name: t\ninput: {input}\nlayers:\n{lines}\n")


CONV = "{name: c, type: conv, out_channels: 4, kernel_size: 3}"
BRANCHES = (
    "{name: left, type: conv, out_channels: 4, kernel_size: 3, padding: [[2, 0], [2, 0]]}",
    "{name: right, type: conv, out_channels: 4, kernel_size: 5, padding: [[0, 4], [0, 4]], "
    "from: input}",
    "{name: sum, type: add, from: [left, right]}",
)


def steps_of(network, layer, **asked):
    """(quantity, numbers put in, result, branch) of every step of a layer."""
    explained = explain(network, layers=[layer], **asked)[layer]
    return [(s.quantity, s.filled, exact(s.result), s.branch) for s in explained.steps]


# ceil_mode and same: docs.pytorch.org MaxPool2d; TensorFlow's notes on padding. By hand.
SIZES = {
    "floor": (
        ("{type: conv, out_channels: 1, kernel_size: 7, stride: 2, padding: 3}", 224),
        [("⌊(224 + 2·3 − 7)/2⌋ + 1", 112, "floor: 223/2 = 111.5 → 111")],
    ),
    "floor, nothing lost": (
        ("{type: max_pool, kernel_size: 2}", 14),
        [("⌊(14 + 2·0 − 2)/2⌋ + 1", 7, "floor: 12/2 = 6, whole")],
    ),
    "dilated, uneven padding": (
        ("{type: conv, kernel_size: 3, dilation: 2, padding: [[0, 1], [0, 1]]}", 9),
        [("⌊(9 + 0 + 1 − (2·(3 − 1) + 1))/1⌋ + 1", 6, "floor: at stride 1 nothing is rounded")],
    ),
    "ceil": (
        ("{type: max_pool, kernel_size: 3, stride: 2, ceil_mode: true}", 112),
        [
            (
                "⌈(112 + 2·0 − 3)/2⌉ + 1",
                56,
                "ceil: 109/2 = 54.5 → 55; the last window starts at 110, before n + p_b = 112, "
                "and stays",
            )
        ],
    ),
    "ceil, less one": (
        ("{type: avg_pool, kernel_size: 4, padding: 2, ceil_mode: true}", 9),
        [
            (
                "⌈(9 + 2·2 − 4)/4⌉ + 1 − 1",
                3,
                "ceil: 9/4 = 2.25 → 3; less one: the last window would start at 12, "
                "at or past n + p_b = 11",
            )
        ],
    ),
    "caffe, nothing padded": (
        ("{type: max_pool, kernel_size: 1, stride: 2, ceil_mode: caffe}", 4),
        [
            (
                "⌈(4 + 2·0 − 1)/2⌉ + 1",
                3,
                "ceil as in Caffe: 3/2 = 1.5 → 2; no axis is padded, so the last window stays",
            )
        ],
    ),
    "same": (
        ("{type: conv, kernel_size: 3, stride: 2, padding: same}", 224),
        [
            ("max((⌈224/2⌉ − 1)·2 + 3 − 224, 0)", 1, "same"),
            ("⌊1/2⌋", 0, ""),
            ("⌈1/2⌉", 1, "the odd one after"),
            ("⌈224/2⌉", 112, "same: rounded up"),
        ],
    ),
    "same_lower": (
        ("{type: conv, kernel_size: 4, padding: same_lower}", 5),
        [
            ("4 − 1", 3, "same_lower"),
            ("⌈3/2⌉", 2, "the odd one before"),
            ("⌊3/2⌋", 1, ""),
            ("⌈5/1⌉", 5, "same_lower: rounded up"),
        ],
    ),
    "transposed": (
        ("{type: conv_transpose, kernel_size: 3, stride: 2, padding: 1, output_padding: 1}", 5),
        [("(5 − 1)·2 − 2·1 + 3 + 1", 10, "transposed")],
    ),
    "transposed, same": (
        ("{type: conv_transpose, kernel_size: 5, stride: 2, padding: same}", 5),
        [
            ("max(5 − 2, 0)", 3, "same"),
            ("⌊3/2⌋", 1, ""),
            ("⌈3/2⌉", 2, "the odd one after"),
            ("5·2", 10, "transposed, same"),
        ],
    ),
    "adaptive": (
        ("{type: adaptive_avg_pool, output_size: 3}", 7),
        [
            (
                "3",
                3,
                "adaptive: the size asked for; unit i reads ⌊i·7/3⌋ … ⌈(i + 1)·7/3⌉ − 1",
            )
        ],
    ),
    "resized": (
        ("{type: upsample, scale_factor: 1.5, mode: bilinear}", 5),
        [("⌊5·(3/2)⌋", 7, "resizing, bilinear")],
    ),
}


@pytest.mark.parametrize("case", SIZES)
def test_size_and_its_branch(case):
    (layer, size), expected = SIZES[case]
    network = chain("{name: x, " + layer[1:], input=f"[1, {size}, {size}]")
    found = [step[1:] for step in steps_of(network, "x") if step[0] in OUTPUT]
    assert found == expected


OUTPUT = ("output size", "padding", "padding before", "padding after")


def test_up_as_the_notes_write_it():
    """(k − 1)·d·j more than its input: 164 + 2·16 for the last convolution of VGG-16."""
    steps = {step[0]: step[1:3] for step in steps_of(cnncalc.load("vgg16"), "conv5_3")}
    assert steps["receptive field"] == ("164 + (3 − 1)·1·16", 196)
    assert steps["effective stride"] == ("16·1", 16)
    assert steps["effective padding"] == ("74 + 1·16", 90)
    assert steps["centre"] == ("−90 + (196 − 1)/2", Fraction(15, 2))


def test_down_as_the_notes_write_it():
    """Three 3×3 at each of two scales, two at two more, with 2×2 pools between them: by hand."""
    (way,) = explain(cnncalc.load("vgg16"), layers=["conv5_3"])["conv5_3"].ways
    assert way.rule == "RF ← (RF − 1)·stride + kernel"
    expected = [1, *(3, 5, 7), 14, *(16, 18, 20), 40, *(42, 44, 46), 92, *(94, 96), 192, 194, 196]
    assert list(way.values) == expected
    assert [step.filled for step in way.steps][:4] == [
        *("(1 − 1)·1 + 3", "(3 − 1)·1 + 3", "(5 − 1)·1 + 3"),
        "(7 − 1)·2 + 2",
    ]


def test_down_along_the_widest_branch():
    (way,) = explain(cnncalc.load("googlenet"), layers=["inception_3a.output"]).layers[0].ways
    assert [step.quantity for step in way.steps] == [
        *("inception_3a.5x5", "pool2.3x3_s2", "conv2.3x3", "pool1.3x3_s2", "conv1.7x7_s2")
    ]
    # 1 → 5 → (5 − 1)·2 + 3 = 11 → 13 → (13 − 1)·2 + 3 = 27 → (27 − 1)·2 + 7 = 59
    assert way.values == (1, 5, 11, 13, 27, 59)


def test_an_end_by_each_branch():
    """left reads −2 … 0, right 0 … 4: no one path gives the field of 7."""
    explained = explain(chain(*BRANCHES), layers=["sum"])["sum"]
    first, last = explained.ways
    assert (first.quantity, first.values, [s.quantity for s in first.steps]) == (
        *("first", (0, -2)),
        ["left"],
    )
    assert (last.quantity, last.values, [s.quantity for s in last.steps]) == (
        *("last", (0, 4)),
        ["right"],
    )
    assert explained.layer.rf == (7, 7)


def test_intervals_of_a_merge_and_their_union():
    steps = explain(chain(*BRANCHES), layers=["sum"])["sum"].sections[1].steps
    told = [(s.quantity, s.filled, s.result) for s in steps]
    assert [(quantity, *result) for quantity, _, result in told[:2]] == [
        ("read through left", -2, 0),
        ("read through right", 0, 4),
    ]
    assert told[2:5] == [
        ("first pixel", "min(−2, 0)", -2),
        ("last pixel", "max(4, 0)", 4),
        ("receptive field", "4 − (−2) + 1", 7),
    ]
    assert "not aligned: centres −1 (left), 2 (right)" in steps[-1].branch


def test_a_line_per_phase():
    """A transposed 3/2 reads two units where u·2 + t = v has t = 0 and 2, else one."""
    layer = "{name: t, type: conv_transpose, out_channels: 4, kernel_size: 3, stride: 2}"
    steps = steps_of(chain(layer), "t")
    assert [step for step in steps if "receptive field" in step[0]] == [
        ("receptive field, phase 0", "0 − (−1) + 1", 2, "reads units −1 … 0: pixels −1 … 0"),
        ("receptive field, phase 1", "0 − 0 + 1", 1, "reads unit 0: pixels 0 … 0"),
        ("receptive field", "max(2, 1)", 2, "the largest over the phases"),
        ("smallest receptive field", "min(2, 1)", 1, "the smallest over the phases"),
    ]


def test_many_phases_are_told_by_their_widths():
    layer = "{name: u, type: upsample, scale_factor: 33, mode: bilinear}"
    steps = [step for step in steps_of(chain(layer), "u") if "some phases" in step[0]]
    # One unit in 33 lies on a pixel: 2·v + 1 = 33, v = 16.
    assert [(step[2], step[3]) for step in steps] == [
        (2, "32 of 33 phases; unit 0 reads pixels −1 … 0"),
        (1, "1 of 33 phases; unit 16 reads pixels 0 … 0"),
    ]


def test_whole_maps():
    steps = steps_of(chain(CONV, "{name: g, type: global_avg_pool}"), "g")
    assert ("receptive field", "3 + (30 − 1)·1", 32, "global: every unit reads all 30 units") in (
        steps
    )
    assert ("effective stride", "", None, "global: every unit reads the same") in steps


UNKNOWN = {
    "no size": (
        ("{name: x, type: global_avg_pool}", "[3, null, null]"),
        ("receptive field", "its input's size is not known"),
    ),
    "same at a stride": (
        ("{name: x, type: conv, kernel_size: 3, stride: 2, padding: same}", "[3, null, null]"),
        (
            "centre",
            "padding `same` on a map of unknown size: where the field lies is not known",
        ),
    ),
    "no channels": (
        ("{name: x, type: conv, kernel_size: 3}", "[3, 9, 9]"),
        ("parameters", "with a bias per output channel; O not known"),
    ),
    "a window only": (
        ("{name: x, type: window, kernel_size: 3}", "[3, 9, 9]"),
        ("MACs", "only the window is given, not whether it has weights"),
    ),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_unknown_says_why(case):
    (layer, shape), (quantity, reason) = UNKNOWN[case]
    steps = {s[0]: s[2:] for s in steps_of(chain(layer, input=shape), "x")}
    assert steps[quantity] == (None, reason)


def test_branches_of_different_strides_say_so():
    layers = (
        "{name: a, type: conv, out_channels: 4, kernel_size: 17}",
        "{name: b, type: conv, out_channels: 4, kernel_size: 2, stride: 2, from: input}",
        "{name: x, type: add, from: [a, b]}",
    )
    steps = {s[0]: s[2:] for s in steps_of(chain(*layers), "x")}
    assert steps["receptive field"] == (None, "it merges branches of effective stride 1 and 2")


def test_parameters_that_are_shared_count_once():
    network = chain(
        "{name: c, type: conv, out_channels: 3, kernel_size: 3, padding: 1}",
        "{name: again, type: conv, out_channels: 3, kernel_size: 3, padding: 1, shares: c}",
    )
    found = {s[0]: s[1:] for s in steps_of(network, "again")}
    assert found["parameters"] == ("0", 0, "those of c, counted there")


def test_regions_and_batch_scale_the_work():
    network = chain(
        "{name: roi, type: roi_pool, output_size: 2, regions: 5}",
        "{name: fc, type: linear, out_features: 10}",
    )
    found = {s[0]: s[1:3] for s in steps_of(network, "fc", batch=2)}
    assert found["MACs"] == ("10·10·12", 1200)  # 2 images · 5 regions, 3 · 2 · 2 numbers each


def test_names_that_do_not_exist():
    with pytest.raises(cnncalc.UsageError, match="did you mean 'conv5_3'"):
        explain(cnncalc.load("vgg16"), layers=["conv5_33"])
    explanation = explain(cnncalc.load("vgg16"), layers=["conv5_3", "conv5_3"])
    assert len(explanation) == 1
    with pytest.raises(cnncalc.UsageError, match="not among those explained"):
        explanation["conv5_2"]


def test_deep_networks_are_followed_down_by_name(monkeypatch):
    monkeypatch.setattr("cnncalc.studies.explain.DEEPEST_WAY", 20)
    network = chain("{name: c, type: conv, out_channels: 3, kernel_size: 1, repeat: 22}")
    explanation = explain(network)
    assert explanation["c.19"].ways and not explanation["c.20"].ways
    assert "name the layer" in explanation["c.20"].sections[1].steps[-1].branch
    assert explain(network, layers=["c"])["c"].ways[0].values == (1,)
