"""Networks of several inputs: fields relative to each, figures of all, and every form of output."""

import csv
import io
import json

import pytest

import cnncalc
from cnncalc.cli.application import run

TEXT = """\
name: two
input: {image: [3, 64, 48], depth: [1, 64, 48]}
layers:
  - {name: a, type: conv, out_channels: 8, kernel_size: 3, stride: 2, padding: 1}
  - {name: b, type: conv, out_channels: 8, kernel_size: 5, stride: 2, padding: 2, from: depth}
  - {name: c, type: conv, out_channels: 8, kernel_size: 3, padding: 2, dilation: 2}
  - {name: sum, type: add, from: [a, c]}
  - {name: head, type: conv, out_channels: 2, kernel_size: 3, padding: 1}
"""
SHAPES = {
    "a": (8, 32, 24),
    "b": (8, 32, 24),
    "c": (8, 32, 24),
    "sum": (8, 32, 24),
    "head": (2, 32, 24),
}


def reads(layers, unit):
    """What a unit reads through layers of kernel, stride, padding and dilation, the last first."""
    units = {unit}
    for kernel, stride, padding, dilation in layers:
        units = {u * stride - padding + tap * dilation for u in units for tap in range(kernel)}
    return units


HEAD, A = (3, 1, 1, 1), (3, 2, 1, 1)
B, C = (5, 2, 2, 1), (3, 1, 2, 2)


@pytest.mark.parametrize(("origin", "path"), [("image", [HEAD, A]), ("depth", [HEAD, C, B])])
def test_fields_are_relative_to_one_input(origin, path):
    report = cnncalc.analyze(cnncalc.loads(TEXT), from_layer=origin)
    pixels = [reads(path, unit) for unit in (0, 1)]
    width = max(pixels[0]) - min(pixels[0]) + 1
    head = report["head"]
    assert head.rf == (width, width)
    assert head.eff_pad == (-min(pixels[0]),) * 2
    assert head.eff_stride == (min(pixels[1]) - min(pixels[0]),) * 2
    assert {layer: report[layer].out_shape for layer in SHAPES} == SHAPES
    without = report["b" if origin == "image" else "a"]
    assert without.rf == (None, None)


def test_the_first_is_meant_where_none_is_named():
    first = cnncalc.analyze(cnncalc.loads(TEXT))
    named = cnncalc.analyze(cnncalc.loads(TEXT), from_layer="image")
    assert [layer.rf for layer in first.layers] == [layer.rf for layer in named.layers]


def test_other_sizes_from_python_and_the_command_line(capsys, tmp_path):
    network = cnncalc.loads(TEXT)
    other = {"image": (3, 32, 32), "depth": "1x32x32"}
    expected = {"image": (3, 32, 32), "depth": (1, 32, 32)}
    assert cnncalc.analyze(network, input=other).input == expected
    assert cnncalc.analyze(network, input=32).input == expected
    path = tmp_path / "two.yaml"
    path.write_text(TEXT)
    asked = ["--input", "image=3x32x32", "--input", "depth=1x32x32"]
    for command in (asked, ["--input", "32"], ["--input", "32x32"]):
        assert run(["summary", str(path), "--json", *command]) == 0
        made = json.loads(capsys.readouterr().out)["input"]
        assert list(made.items()) == [("image", [3, 32, 32]), ("depth", [1, 32, 32])]


WRONG = [
    ("dept=1x8x8", "did you mean 'depth'"),
    ("3x32x32", "does not say which of the inputs image, depth"),
    ("depth=1x0x8", "must be whole numbers from 1"),
]


@pytest.mark.parametrize(("asked", "told"), WRONG)
def test_inputs_that_are_not_there(asked, told, capsys, tmp_path):
    (tmp_path / "two.yaml").write_text(TEXT)
    assert run(["shape", str(tmp_path / "two.yaml"), "--input", asked]) == 2
    assert told in capsys.readouterr().err


def test_every_form_and_study(capsys, tmp_path):
    path = tmp_path / "two.yaml"
    path.write_text(TEXT)
    assert run(["show", str(path)]) == 0
    assert cnncalc.loads(capsys.readouterr().out).inputs == cnncalc.loads(TEXT).inputs
    assert run(["flops", str(path), "--csv"]) == 0
    macs = [int(row["macs"]) for row in csv.DictReader(io.StringIO(capsys.readouterr().out))]
    units = 32 * 24
    assert macs == [units * 8 * 27, units * 8 * 25, units * 8 * 72, units * 2 * 72]
    memory = cnncalc.memory(cnncalc.loads(TEXT))
    # Both inputs are there until their layers have read them, of one number a pixel and channel.
    assert memory.input == 4 * 64 * 48 * (3 + 1)
    box = cnncalc.unit_box(cnncalc.loads(TEXT), "head", (5, 5))
    rows = reads([HEAD, A], 5)
    assert (box.sides[0].first, box.sides[0].last) == (min(rows), max(rows))


def test_exported_it_computes_the_same_shapes(tmp_path):
    torch = pytest.importorskip("torch")
    from cnncalc.exporters.pytorch.export import export

    space = {}
    network = cnncalc.loads(TEXT)
    exec(export(network, cnncalc.analyze(network)), space)
    model = space["Two"]()
    made = model(torch.zeros(1, 3, 64, 48), torch.zeros(1, 1, 64, 48))
    assert tuple(made.shape[1:]) == SHAPES["head"]
    params = sum(each.numel() for each in model.parameters())
    assert params == cnncalc.analyze(network).totals.params


@pytest.mark.parametrize(
    ("asked", "way"),
    [
        (["input"], "try sizes with shape --input image=SHAPE"),
        (["tile", "--tile", "16"], "behind one"),
    ],
)
def test_what_is_for_one_input_names_the_way_out(asked, way, tmp_path, capsys):
    path = tmp_path / "two.yaml"
    path.write_text(TEXT)
    assert run(["solve", asked[0], str(path), *asked[1:]]) == 2
    told = capsys.readouterr().err
    assert "is for networks of one input; two has image, depth" in told
    assert way in told
    assert told.count("\n") == 1
