"""One layer without a file: its options, its figures, regions of interest."""

import csv
import io
import json
import shlex

import pytest

import cnncalc
from cnncalc.cli.application import run
from cnncalc.cli.layer import PREFIX, type_command
from cnncalc.layers import KINDS, kind

HIDDEN = ("unknown", "max_unpool", "untokens")
TYPES = [name for name in KINDS if name not in HIDDEN]


def printed(capsys, line, status=0):
    assert run(["layer", *shlex.split(line)]) == status
    captured = capsys.readouterr()
    return captured.err if status else captured.out


def row(capsys, line):
    """The layer's one row of CSV."""
    (found,) = csv.DictReader(io.StringIO(printed(capsys, f"{line} --csv")))
    return found


# (command line, figures by column): papers, PyTorch's formulas, and by hand.
LAYERS = {
    "resnet's conv1": (
        "conv --input 3x224x224 --kernel-size 7 --stride 2 --padding 3 --out-channels 64",
        {"out_h": 112, "params": 64 * 3 * 49 + 64, "macs": 112 * 112 * 64 * 147, "rf_h": 7},
    ),
    "per axis": (
        "conv --input 3x50x100 --kernel-size 3x5 --stride 2,1 --padding 4x2 --dilation 3x1 "
        "--out-channels 4",
        {"out_h": 26, "out_w": 100, "dilation_h": 3, "padding_w": 2, "rf_h": 7, "rf_w": 5},
    ),
    "same": (
        "conv --input 3x7x8 --kernel-size 4 --stride 3 --padding same",
        {"out_h": 3, "padding_h": "1:2", "padding_w": 1, "params": ""},
    ),
    "a pair": (
        "conv --input 3x9 --axes 1 --kernel-size 3 --padding 0:1",
        {"out_l": 8, "padding_l": "0:1"},
    ),
    "pairs": ("pad --input 1x5x5 --padding 0:1,2:3", {"out_h": 6, "out_w": 10}),
    "no bias": (
        "depthwise_conv --input 8x9x9 --kernel-size 3 --no-bias --multiplier 2",
        {"params": 8 * 2 * 9, "out_channels": 16},
    ),
    "a pool's own stride": ("max_pool --input 8x9x9 --kernel-size 3", {"out_h": 3, "stride_h": 3}),
    "ceil": (
        "avg_pool --input 1x9 --axes 1 --kernel-size 4 --padding 2 --ceil-mode true",
        {"out_l": 3},
    ),
    "caffe": (
        "max_pool --input 1x112 --axes 1 --kernel-size 3 --stride 2 --ceil-mode caffe",
        {"out_l": 56},
    ),
    "transposed": (
        "conv_transpose --input 3x2x2 --kernel-size 4 --stride 3 --out-channels 2",
        {"out_h": 7, "macs": 2 * 2 * 3 * 2 * 16, "rf_min_h": 1, "rf_h": 2},
    ),
    "a vector": ("linear --input 4096 --out-features 10", {"params": 40970, "out_channels": 10}),
    "flattened": ("linear --input 512x7x7 --out-features 4096", {"params": 102764544}),
    "decimals": ("upsample --input 3x5x5 --scale-factor 1.5", {"out_h": 7}),
    "a range": ("slice --input 64x5x5 --channels 16:48", {"out_channels": 32}),
    "a gate": ("mul --input 64x56x56 --input 64x1x1", {"out_h": 56, "rf_h": 1}),
    "joined": ("concat --input 64x5x5 --input 32x5x5 --input 4x5x5", {"out_channels": 100}),
    "3-D": ("conv --input 1x4x5x6 --kernel-size 3x3x1 --out-channels 2", {"out_d": 2, "out_w": 6}),
    "four numbers": (
        "conv --input 1x4x5x6 --kernel-size 3 --out-channels 2",
        {"out_d": 2, "out_h": 3, "out_w": 4},
    ),
    "axes alone": (
        "conv --input 2x2 --kernel-size 2 --out-channels 5",
        {"out_channels": 5, "out_h": 1, "out_w": 1, "params": ""},
    ),
    "three axes alone": ("max_pool --input 4x6x8 --axes 3 --kernel-size 2", {"out_d": 2}),
    "one axis alone": ("max_pool --input 100 --axes 1 --kernel-size 4", {"out_l": 25}),
    "one axis and channels": (
        "conv --input 3x100 --axes 1 --kernel-size 3 --out-channels 4",
        {"out_l": 98, "params": 3 * 4 * 3 + 4},
    ),
    "a map and a vector's size": ("mul --input 8x4x4x4 --input 4x4x4", {"out_d": 4}),
    "channels last": (
        "conv --input 32x30x3 --layout nhwc --kernel-size 3 --out-channels 4",
        {"out_h": 30, "out_w": 28, "params": 3 * 4 * 9 + 4},
    ),
    "batch": (
        "conv --input 1x9 --axes 1 --kernel-size 3 --out-channels 1 --batch 4",
        {"macs": 4 * 7 * 3},
    ),
    "no input": ("conv --kernel-size 3 --stride 2", {"rf_h": 3, "eff_stride_h": 2, "out_h": ""}),
}


@pytest.mark.parametrize("case", LAYERS)
def test_figures(case, capsys):
    line, expected = LAYERS[case]
    found = row(capsys, line)
    assert {name: found[name] for name in expected} == {
        name: str(value) for name, value in expected.items()
    }


# (--input and more, the note on standard error)
NOTES = {
    "2x2": "",
    "64x56": "",
    "3x100 --axes 1": "",
    "3x100 --axes 2": "",
    "100": "",
    "3x224x224": "",
    "3x100": "input 3x100 is read as ?×3×100; --axes 1 means 3 channels of length 100",
    "1x28": "input 1x28 is read as ?×1×28; --axes 1 means 1 channel of length 28",
    "224x224x3": (
        "input 224x224x3 is read as 224 channels of 224×3; for channels last write [3, 224, 224]"
    ),
    "1x3x32x32": (
        "input 1x3x32x32 is read as 1 channel of 3×32×32; "
        "for a batch of images write [3, 32, 32] and use --batch"
    ),
    "224x224x3 --layout nhwc": "",
    "3x224x200 --layout nhwc": (
        "input 3x224x200 is read as 200 channels of 3×224; "
        "--layout nhwc has the channels last: write 224x200x3"
    ),
}


@pytest.mark.parametrize("words", NOTES)
def test_notes_of_inputs(words, capsys):
    assert run(["layer", "relu", "--input", *words.split()]) == 0
    assert capsys.readouterr().err == (f"note: {NOTES[words]}\n" if NOTES[words] else "")


def test_axes_alone_leave_channels_unknown(capsys):
    assert printed(capsys, "conv --input 2x2 --kernel-size 2").startswith("conv · input ?×2×2\n")


def test_as_a_table(capsys):
    line = "conv --input 3x224x224 --kernel-size 7 --stride 2 --padding 3 --out-channels 64"
    out = printed(capsys, line)
    assert out.splitlines()[0] == "conv · input 3×224×224"
    cells = next(line.split() for line in out.splitlines() if line.startswith("conv "))[:1]
    assert cells == ["conv"]
    for text in ("64×112×112", "64×3×7×7", "9,472", "118,013,952", "236,027,904"):
        assert text in out
    last = line.replace("3x224x224", "224x224x3")
    assert printed(capsys, f"{last} --layout nhwc").startswith("conv · input 224×224×3\n")
    assert "112×112×64" in printed(capsys, f"{last} --layout nhwc")
    assert "| conv | 3×224×224 | 64×112×112 |" in printed(capsys, f"{line} --markdown")
    assert "total" not in out


def test_as_json(capsys):
    told = json.loads(printed(capsys, "add --input 8x5x5 --input 8x1x1 --json"))
    (layer,) = told["layers"]
    assert (told["schema"], layer["type"], layer["from"]) == (1, "add", ["input", "input2"])
    assert (layer["out_shape"], layer["global"], layer["gated"]) == ([8, 5, 5], False, True)


def test_explained(capsys):
    line = "conv --input 3x224x224 --kernel-size 7 --stride 2 --padding 3 --out-channels 64"
    out = printed(capsys, f"{line} --explain")
    assert "N = ⌊(224 + 2·3 − 7)/2⌋ + 1 = 112   (floor: 223/2 = 111.5 → 111)" in out
    assert "64·3·7·7 + 64 = 9,472" in out
    assert out == printed(capsys, f"{line} --text")
    assert printed(capsys, f"{line} --latex").startswith(r"\documentclass")
    assert "| receptive field |" in printed(capsys, f"{line} --explain --markdown")


def test_both_roundings_of_roi_pooling(capsys):
    out = printed(capsys, "roi_pool --region 665x665 --eff-stride 32 --output-size 7")
    assert "units = ⌊665/32⌋ = 20   (first rounding: 665/32 = 20.78 → 20)" in out
    assert "bin = ⌊20/7⌋ = 2   (second rounding: 20/7 = 2.86 → 2)" in out
    assert "665 − 20·32 = 25   (input pixels" in out  # 0.78125 units of 32 pixels
    assert "(20 − 2·7)·32 = 192   (input pixels)" in out
    assert "665 − 2·7·32 = 217   (input pixels" in out


def test_roi_align_rounds_nothing(capsys):
    out = printed(capsys, "roi_align --region 665x665 --eff-stride 32 --output-size 7")
    assert "units = region/j = 665/32   (not rounded: 665/32 = 20.78)" in out
    assert "bin = 665/32/7 = 95/32   (not rounded: 20.78/7 = 2.97)" in out
    assert "= 0   (input pixels" in out
    assert "⌊" not in out


def test_a_region_by_its_corners(capsys):
    line = "roi_pool --region 10.5,-20,675,420 --eff-stride 16 --output-size 7"
    out = printed(capsys, line)
    assert "region = 420 − (−20) = 440   (input pixels)" in out
    # −20/16 = −1.25 and 10.5/16 = 0.66 round to −1 and 1; 420/16 = 26.25 to 26, 675/16 to 42.
    assert "start = ⌈(−20)/16 − 1/2⌉ = −1" in out
    assert "start = ⌊(21/2)/16 + 1/2⌋ = 1" in out
    assert "units = max(26 − (−1) + 1, 1) = 28" in out
    assert "1 + ⌊1·6⌋ … 1 + ⌈2·6⌉ − 1 = 7 … 12" in out
    told = json.loads(printed(capsys, f"{line} --json"))["layers"][0]["steps"]
    bins = [s for s in told if s["quantity"] == "in torchvision: bin 0"]
    assert [(s["axes"], s["result"]) for s in bins] == [(["h"], [-1, 2]), (["w"], [1, 6])]
    for form in ("markdown", "latex", "csv"):
        assert "bin 0" in printed(capsys, f"{line} --format {form}")


def test_points_of_roi_align(capsys):
    line = "roi_align --region 0,0,64,64 --eff-stride 16 --output-size 2 --sampling-ratio 2"
    out = printed(capsys, line)
    # 4 units in 2 bins, each with points at a quarter and three quarters.
    assert "0 + (1 + 1/4)·2, 0 + (1 + 3/4)·2 = 2.5, 3.5" in out
    assert "start = 0/16 − 1/2 = -0.5".replace("-", "−") in printed(capsys, f"{line} --aligned")
    told = json.loads(printed(capsys, f"{line} --json"))["layers"][0]["steps"]
    assert [s["result"] for s in told if s["quantity"] == "points, bin 0"] == [[0.5, 1.5]]
    rows = list(csv.DictReader(io.StringIO(printed(capsys, f"{line} --csv"))))
    assert [r["result"] for r in rows if r["quantity"] == "points, bin 1"] == ["2.5;3.5"]


def test_regions_per_axis_beside_the_layer(capsys):
    line = "roi_pool --input 8x20x15 --region 64x40.5 --eff-stride 16x8 --output-size 2"
    out = printed(capsys, line)
    assert "misplaced by both, h" in out
    assert "units = ⌊(81/2)/8⌋ = 5   (first rounding: 40.5/8 = 5.06 → 5)" in out
    assert "receptive field, h" in out
    told = json.loads(printed(capsys, f"{line} --json"))["layers"][0]
    lost = [s for s in told["steps"] if s["quantity"] == "misplaced by both"]
    assert [(s["axes"], s["result"]) for s in lost] == [(["h"], 0), (["w"], 40.5 - 2 * 2 * 8)]


@pytest.mark.parametrize("type_name", TYPES)
def test_every_type_has_help_with_an_example_that_runs(type_name, capsys):
    assert type_name in printed(capsys, "--help")
    told = printed(capsys, f"{type_name} --help")
    (example,) = [line.strip() for line in told.splitlines() if "  cnncalc layer" in line]
    arguments = example.removeprefix("cnncalc layer ")
    printed(capsys, arguments)
    assert "parameters" in printed(capsys, f"{arguments} --explain") or "region" in arguments


@pytest.mark.parametrize("type_name", TYPES)
def test_options_are_the_kind_s_attributes(type_name):
    cls = kind(type_name)
    given = {o.name for o in type_command(type_name).params if o.name.startswith(PREFIX)}
    assert given == {PREFIX + name for name in cls.attributes if name != cls.reference}


WRONG = {
    "convv": "No layer type is named 'convv'. Did you mean 'conv'?",
    "unknown": "No layer type is named 'unknown'.",
    "conv --input 3x5x5": "Missing option '--kernel-size'.",
    "conv --input 3x5x5 --kernel-size 0": "conv: kernel_size must be a whole number of at least 1",
    "conv --input 3x5x5 --kernel-size 3x3x3": "conv: kernel_size must be",
    "conv --input 3xfive --kernel-size 3": "must be whole numbers joined by x, as in 3x224x224",
    "conv --input 3x5x5 --input 3x5x5 --kernel-size 3": "conv reads one input, not 2",
    "conv --input 3x5x5x5 --axes 2 --kernel-size 3": (
        "input '3x5x5x5' does not fit a layer of 2 axes; give 3 numbers (channels and axes), "
        "2 (axes) or 1 (a vector's length)"
    ),
    "conv --input 3x5x5x5x5 --kernel-size 3": "does not fit a layer of 2 axes",
    "conv --input 3x5x5 --axes 1 --kernel-size 3": (
        "input '3x5x5' does not fit a layer of 1 axis; give 2 numbers (channels and axes) or 1"
    ),
    "conv --input 3x5x5 --axes 4 --kernel-size 3": "4 is not in the range 1<=x<=3",
    "add --input 3x5x5": "add reads at least 2 inputs, not 1",
    "upsample --input 3x5x5": "upsample needs one of scale_factor, size and like",
    "max_unpool --input 3x5x5": "max_unpool: pool names another layer, which a single layer",
    "untokens --input 8x9": "untokens: like names another layer, which a single layer",
    "conv --kernel-size 3 --stride fast": "stride must be a whole number",
    "roi_pool --region 9 --output-size 7": "--region and --eff-stride go together.",
    "roi_pool --region -9 --eff-stride 2 --output-size 7": "region must be a size over 0, or",
    "roi_pool --region 9x9x9 --eff-stride 2 --output-size 7": "region gives 3 numbers for 2 axes",
    "roi_pool --region 1,2,3,x --eff-stride 2 --output-size 7": "or corners: 10,20,675,420",
    "roi_pool --region 1,2,3,4,5 --eff-stride 2 --output-size 7": "region gives 5 numbers",
    "roi_pool --region 9,9,1,1 --eff-stride 2 --input 9 --axes 1 --output-size 7": "gives 4 num",
    "roi_align --output-size 7 --sampling-ratio two": "sampling_ratio must be a whole number of at",
    "roi_pool --output-size 7 --sampling-ratio 2": "No such option",
    "max_pool --kernel-size 3 --ceil-mode maybe": "ceil_mode must be one of false, true, caffe",
}


@pytest.mark.parametrize("line", WRONG)
def test_wrong_requests(line, capsys):
    assert WRONG[line] in printed(capsys, line, status=2)


def test_a_shape_that_does_not_fit(capsys):
    assert printed(capsys, "conv --input 3x5x5 --kernel-size 7", status=1) == (
        "layer 'conv': window 7 is larger than its padded input 5 on axis h; "
        "it needs an input of at least 7, not 5\n"
    )
    assert "reads a vector of 9" in printed(capsys, "conv --input 9 --kernel-size 3", status=1)


def test_from_python():
    network = cnncalc.layer("conv", (3, 224, 224), kernel_size=7, stride=2, out_channels=64)
    assert cnncalc.analyze(network)["conv"].out_shape == (64, 109, 109)
    scaled = cnncalc.layer("upsample", "3x5x5", scale_factor=1.5)
    assert cnncalc.analyze(scaled)["upsample"].out_shape == (3, 7, 7)
    merged = cnncalc.layer("concat", (2, None, 5), [3, 4, 5])
    assert cnncalc.analyze(merged)["concat"].out_shape == (5, 4, 5)
    pairs = cnncalc.layer("pad", (1, 5), axes=1, padding=((1, 2),))
    assert cnncalc.analyze(pairs)["pad"].out_shape == (1, 8)
    assert cnncalc.explain(merged)["input2"].sections[0].steps[0].result == 3
    with pytest.raises(cnncalc.UsageError, match="no layer type is named 'konv'; did you mean"):
        cnncalc.layer("konv", (3, 5, 5))
    with pytest.raises(cnncalc.UsageError, match="no attribute 'kernel'; did you mean 'kernel_s"):
        cnncalc.layer("conv", (3, 5, 5), kernel=3)
