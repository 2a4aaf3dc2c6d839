"""`compare`: ratios from the definition of the layers, variants, and layers that correspond."""

import json
from fractions import Fraction

import pytest

import cnncalc
from cnncalc.cli.application import run
from cnncalc.report.layer import exact
from cnncalc.studies.compare import compare, variant
from cnncalc.text.ratios import ratio_text, times

CHAIN = """
name: {name}
input: [{channels}, 24, 24]
defaults: {{conv: {{bias: false, padding: same}}, depthwise_conv: {{bias: false, padding: same}}}}
layers:
{layers}
"""
ONE_5X5 = "  - {name: conv, type: conv, out_channels: 16, kernel_size: 5}"
TWO_3X3 = """\
  - {name: conv, type: conv, out_channels: 16, kernel_size: 3}
  - {name: conv_b, type: conv, out_channels: 16, kernel_size: 3}"""
SEPARABLE = """\
  - {name: depthwise, type: depthwise_conv, kernel_size: 3}
  - {name: pointwise, type: conv, out_channels: 48, kernel_size: 1}"""
PLAIN = "  - {name: conv, type: conv, out_channels: 48, kernel_size: 3}"


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Definition files in a folder that is the working directory."""
    monkeypatch.chdir(tmp_path)

    def write(name, layers, channels=16):
        text = CHAIN.format(name=name, channels=channels, layers=layers)
        (tmp_path / f"{name}.yaml").write_text(text)
        return f"{name}.yaml"

    return write


def test_two_3x3_for_one_5x5(files, capsys):
    """25·C² weights against 2·9·C², and both see 5 pixels (arXiv:1409.1556, section 2.3)."""
    names = files("one5x5", ONE_5X5), files("two3x3", TWO_3X3)
    first, second = compare(*names).networks
    assert first.figures["params"] == 25 * 16 * 16
    assert exact(second.ratios["params"]) == exact(second.ratios["macs"]) == Fraction(18, 25)
    assert first.rf == second.rf == (5, 5)
    assert run(["compare", *names]) == 0
    table = capsys.readouterr().out
    assert "18/25 = ×0.72" in table
    assert [line.split() for line in table.splitlines() if line.startswith("rf ")] == [
        ["rf", "5", "5"]
    ]


def test_rf_is_one_layer_s(files, capsys):
    """A 31×1 beside a 1×31 sees a cross: no layer has 31×31 but one that reads both in turn."""
    text = """
  - {name: tall, type: conv, out_channels: 1, kernel_size: [31, 1], padding: [15, 0]}
  - {name: flat, type: conv, out_channels: 1, kernel_size: [1, 31], padding: [0, 15], from: input}
  - {name: wide, type: conv, out_channels: 1, kernel_size: [5, 7], from: input}
"""
    name = files("cross", text)
    (only,) = compare(name).networks
    # 31 · 1, 1 · 31 and 5 · 7 pixels.
    assert (only.rf, only.rf_of) == ((5, 7), "wide")
    assert compare(files("two", text.rsplit("\n", 2)[0])).networks[0].rf == (31, 1)
    assert run(["compare", name, "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["networks"]
    assert (told["rf"], told["rf_of"]) == ([5, 7], "wide")


def test_what_separating_depthwise_saves(files):
    """1/O + 1/k² of the weights and of the multiplications (arXiv:1704.04861, section 3.1)."""
    _, second = compare(files("plain", PLAIN, 32), files("separable", SEPARABLE, 32)).networks
    expected = Fraction(1, 48) + Fraction(1, 9)
    assert exact(second.ratios["params"]) == exact(second.ratios["macs"]) == expected


def test_totals_are_those_of_the_reports():
    comparison = compare("alexnet", "vgg16", batch=3)
    for each, name in zip(comparison.networks, ("alexnet", "vgg16"), strict=True):
        totals = cnncalc.analyze(cnncalc.load(name), batch=3).totals
        for figure in ("params", "macs", "flops", "activations"):
            assert each.figures[figure] == getattr(totals, figure)
    params = Fraction(138_357_544, 60_965_224)
    assert exact(comparison.networks[1].ratios["params"]) == params
    assert comparison.networks[1].rf == (212, 212)


def test_variants():
    networks = compare("mobilenet_v1", "mobilenet_v1:alpha=0.5", "mobilenet_v1@160", input=192)
    full, half, small = (each.report for each in networks.networks)
    assert [report.input[1] for report in (full, half, small)] == [192, 192, 160]
    # arXiv:1704.04861, table 6: 4.2 and 1.3 million parameters.
    assert round(full.totals.params, -5) == 4_200_000
    assert round(half.totals.params, -5) == 1_300_000
    assert small.totals.params == full.totals.params


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vgg16", ("vgg16", {}, None)),
        ("vgg16@320", ("vgg16", {}, "320")),
        ("VGG-16@3x320x480", ("VGG-16", {}, "3x320x480")),
        ("mobilenet_v1:alpha=0.5", ("mobilenet_v1", {"alpha": Fraction(1, 2)}, None)),
        ("net.yaml:a=1,b=two@3x64x64", ("net.yaml", {"a": 1, "b": "two"}, "3x64x64")),
        ("odd@3:name.yaml@64", ("odd@3:name.yaml", {}, "64")),
        ("net.yaml@320", ("net.yaml@320", {}, None)),  # a file has that name
        ("b:a=1", ("b:a=1", {}, None)),
        ("no such network@320", ("no such network@320", {}, None)),
    ],
)
def test_what_a_variant_asks_for(text, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("net.yaml", "odd@3:name.yaml", "net.yaml@320", "b", "b:a=1"):
        (tmp_path / name).write_text("")
    assert tuple(variant(text)) == expected


def test_layers_that_correspond(files):
    first = """\
  - {name: stem, type: conv, out_channels: 16, kernel_size: 3}
  - {name: pool, type: max_pool, kernel_size: 2}
  - {name: left, type: conv, out_channels: 16, kernel_size: 3}
  - {name: same, type: conv, out_channels: 8, kernel_size: 3}"""
    second = """\
  - {name: same, type: depthwise_conv, kernel_size: 3}
  - {name: a, type: conv, out_channels: 32, kernel_size: 3}
  - {name: b, type: conv, out_channels: 16, kernel_size: 1}
  - {name: c, type: conv, out_channels: 16, kernel_size: 1}"""
    comparison = compare(files("first", first), files("second", second))
    pairs = [
        (pair.first and pair.first.layer, pair.other and pair.other.layer, pair.by)
        for pair in comparison.pairs(1)
    ]
    assert pairs == [
        ("stem", "a", "place"),
        ("pool", None, None),
        ("left", "b", "place"),
        ("same", "same", "name"),
        (None, "c", None),
    ]


def test_what_is_unknown_has_no_ratio():
    network = cnncalc.loads(
        "name: g\ninput: [null, 9]\nlayers:\n  - {type: conv, kernel_size: 3}\n"
    )
    _, second = compare("lenet5", network).networks
    assert (second.asked, second.figures["params"], second.ratios["params"]) == ("g", None, None)
    first, second = compare(network, "lenet5").networks
    assert first.ratios["params"] is second.ratios["params"] is None
    assert second.ratios["buffers"] is None  # 0 against 0


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ([], "name the networks"),
        (["vgg16@"], "in 'vgg16@': input '' must be"),
        (["vgg16@3x"], "must be whole numbers"),
        (["vgg16@1x2x3x4x5"], "does not fit|must be"),
        (["mobilenet_v1:alpha"], "'alpha' must be ARG=VALUE"),
        (["mobilenet_v1:beta=1"], "has no argument 'beta'"),
        (["vgg99"], "did you mean"),
        (["nothing.yaml:a=1@3"], "no network or file"),
    ],
)
def test_refused(asked, message):
    with pytest.raises(cnncalc.UsageError, match=message):
        compare(*asked)


def test_ratios_as_people_read_them():
    assert ratio_text((18, 25)) == "18/25 = ×0.72"
    assert ratio_text((2, 3)) == "2/3 ≈ ×0.667"
    assert ratio_text(1) == "×1"
    assert times((1999, 1000)) == "≈ ×2"  # 1.999, three digits
    assert times((1, 8)) == "×0.125"
    assert times((123456, 100)) == "≈ ×1,235"
    assert times((5, 10**6)) == "×0.000005"
    assert times(0) == "×0"


def test_command_line(capsys, files):
    names = files("one5x5", ONE_5X5), files("two3x3", TWO_3X3)
    assert run(["compare", *names, "--csv"]) == 0
    header, one, two = (line.split(",") for line in capsys.readouterr().out.splitlines())
    assert header[:5] == ["network", "input", "layers", "params", "params_ratio"]
    assert header[-2:] == ["rf_h", "rf_w"]
    assert one[:5] == ["one5x5.yaml", "16x24x24", "1", "6400", "1"]
    assert two[:5] == ["two3x3.yaml", "16x24x24", "2", "4608", "0.72"]
    assert run(["compare", *names, "--by-layer", "--csv"]) == 0
    rows = [line.split(",") for line in capsys.readouterr().out.splitlines()]
    assert rows[1][:6] == ["two3x3.yaml", "conv", "conv", "conv", "conv", "name"]
    assert rows[2][:6] == ["two3x3.yaml", "", "", "conv_b", "conv", ""]
    assert run(["compare", *names, "--by-layer", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == 1
    assert told["networks"][1]["exact_ratios"]["params"] == "18/25"
    assert [row["by"] for row in told["layers"]] == ["name", None]
    for form in ("markdown", "tsv", "table"):
        assert run(["compare", *names, "--by-layer", "--format", form]) == 0
        assert capsys.readouterr().out
    assert run(["compare", "--spec", "5,1,2", "--spec", "3,1,1 3,1,1"]) == 0
    assert "3,1,1 3,1,1" in capsys.readouterr().out
    assert run(["compare"]) == 2
    assert run(["compare", "vgg99"]) == 2
