"""Drawings of layers as files: valid XML, within 30 kB, refusals in one line."""

import base64
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

import pytest

import cnncalc
from cnncalc.layers import KINDS, kind
from cnncalc.pictures.drawings.svg import THEMES, document, element, label, run

SVG = "{http://www.w3.org/2000/svg}"
BOUND = 30_000

LAYERS = [
    ("conv", "5x5", {"kernel_size": 3, "stride": 2, "padding": 1}),
    ("conv", "14x14", {"kernel_size": 3, "padding": 1}),
    ("conv", 64, {"kernel_size": 9, "dilation": 4, "padding": 16}),
    ("depthwise_conv", "9x9", {"kernel_size": 7, "padding": "same_lower", "stride": 2}),
    ("conv_transpose", "7x7", {"kernel_size": 4, "stride": 2, "padding": 1}),
    ("conv_transpose", "5x5", {"kernel_size": 3, "stride": 2, "stretched": True}),
    ("max_pool", "14x14", {"kernel_size": 3, "stride": 2, "ceil_mode": "caffe"}),
    ("adaptive_avg_pool", "14x11", {"output_size": [7, 4]}),
    ("max_unpool", "12x12", {"kernel_size": 2}),
    ("pixel_shuffle", "7x7", {"factor": 3}),
    ("space_to_depth", "16x16", {"factor": 4}),
    ("upsample", "9x9", {"size": 20, "mode": "bicubic"}),
    ("upsample", "9x9", {"size": 20, "mode": "bilinear", "align_corners": True}),
    ("window", "9", {"kernel_size": 3}),
    ("global_max_pool", "20x20", {}),
    ("attention", "8x8", {"heads": 1, "window": 4, "shift": 2}),
    ("add", "8x8", {}),
    ("mul", ("6x6", "1x1"), {}),
    ("concat", ("4x4", "4x4", "4x4"), {}),
    ("gelu", "1x1", {}),
    ("pad", "5x6", {"padding": 1, "mode": "reflect"}),
    ("crop", "9x9", {"amount": [[0, 3], [2, 1]]}),
    ("roi_pool", "6x6", {"output_size": 2}),
]


def drawn(type_name, inputs, how):
    inputs = inputs if isinstance(inputs, tuple) else (inputs,)
    return cnncalc.draw(type_name, *inputs, **how).svg


def tree(svg):
    return ElementTree.fromstring(svg.encode())


def cells(root, **attributes):
    wanted = {f"data-{name}": value for name, value in attributes.items()}.items()
    return [each for each in root.iter() if wanted <= each.attrib.items()]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("animate", [False, True], ids=["still", "animated"])
@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: f"{layer[0]} {layer[1]}")
def test_a_drawing_is_xml_with_a_title_and_within_its_bound(layer, animate, theme):
    type_name, inputs, how = layer
    svg = drawn(type_name, inputs, {**how, "animate": animate, "theme": theme})
    assert len(svg.encode()) <= BOUND
    root = tree(svg)
    assert root.tag == f"{SVG}svg" and root[0].tag == f"{SVG}title"
    assert root[0].text.startswith(type_name)
    assert ("@keyframes" in svg) == (animate and len(cells(root, cell="output")) > 1)
    assert cells(root, tap="")


def test_every_windowed_type_has_a_drawing():
    windowed = {name for name in KINDS if kind(name).windowed}
    assert windowed <= {layer[0] for layer in LAYERS} | {
        *("avg_pool", "global_avg_pool", "adaptive_max_pool", "roi_align")
    }


def test_sizes_and_numbers_stand_as_explain_has_them():
    root = tree(drawn("conv", "5x5", {"kernel_size": 3, "stride": 2, "padding": 1}))
    texts = [each.text for each in root.iter() if each.text]
    assert {"5×5", "3×3", "N = ⌊(n + 2·p − k)/s⌋ + 1"} <= {*texts}
    assert "N = ⌊(5 + 2·1 − 3)/2⌋ + 1 = 3" in texts
    counts = [len(cells(root, cell=name)) for name in ("input", "padding", "output")]
    assert counts == [5 * 5, 7 * 7 - 5 * 5, 3 * 3]
    assert len(cells(root, tap="")) == 3 * 3
    line = tree(drawn("conv", 9, {"kernel_size": 3}))
    assert {"9", "7"} <= {each.text for each in line.iter()}


@pytest.mark.parametrize("how", [{}, {"stretched": True}, {"animate": True}])
def test_a_transposed_convolution_draws_no_padding_cells(how):
    layer = {"kernel_size": 3, "stride": 2, "padding": 1, **how}
    root = tree(drawn("conv_transpose", "3x3", layer))
    counts = [len(cells(root, cell=name)) for name in ("input", "padding", "output")]
    assert counts == [9, 0, 25]


def test_pixels_that_no_unit_reads_look_so():
    # 7 = 3·2 + 1: the last row and column, 7 + 6 units
    root = tree(drawn("max_pool", "7x7", {"kernel_size": 2}))
    (group,) = [each for each in root.iter(f"{SVG}g") if each.get("class") == "missed"]
    assert len(group) == 7 + 6
    assert "read by no unit" in [each.text for each in root.iter()]
    kept = drawn("max_pool", "7x7", {"kernel_size": 2, "ceil_mode": True})
    assert "read by no unit" not in kept


def test_bilinear_weights_are_those_of_the_places():
    # Unit 3 of a map twice as large lies at (3 + ½)/2 − ½ = 1¼: ¾ of unit 1, ¼ of unit 2.
    root = tree(drawn("upsample", 4, {"scale_factor": 2, "mode": "bilinear", "unit": 3}))
    assert [each.text for each in root.iter() if each.get("class") == "weight"] == ["3/4", "1/4"]
    # The first one lies before the map's first unit, which it reads alone.
    root = tree(drawn("upsample", 4, {"scale_factor": 2, "mode": "bilinear", "unit": 0}))
    assert [each.text for each in root.iter() if each.get("class") == "weight"] == ["1"]


HOSTILE = "</style><script>alert(1)</script>&\"'\x00\ud800\uffff"


def test_hostile_texts_stay_text():
    theme = THEMES["light"]
    words = label(HOSTILE, 1, 2) + element("path", d=run(0, 0), data_name=HOSTILE)
    root = tree(document(HOSTILE, (10, 10), theme, [words], description=HOSTILE))
    cleaned = "</style><script>alert(1)</script>&\"'���"
    assert [root.find(f"{SVG}{name}").text for name in ("title", "desc", "text")] == [cleaned] * 3
    assert not [*root.iter(f"{SVG}script")]
    assert root[-1].get("data-name") == cleaned
    layer = tree(drawn("pad", "3x3", {"padding": 1, "mode": HOSTILE}))
    assert not [*layer.iter(f"{SVG}script")]


WRONG = [
    ("conv", ["1000000000"], {"kernel_size": 3}, r"has 1,999,999,998 cells.*30,000 bytes.*smaller"),
    ("conv", ["99999x99999"], {"kernel_size": 3}, "cells"),
    ("conv", ["3x5x5"], {"kernel_size": 3}, "3×5×5 has 3 axes.*one or two"),
    ("conv", ["25x25"], {"kernel_size": 3}, "cells|bytes"),
    ("conv", ["?x5"], {"kernel_size": 3}, "not known"),
    ("conv", [], {"kernel_size": 3}, "needs the input's size"),
    ("conv", ["5x5"], {"kernel_size": 9}, "window 9 is larger than its padded input 5"),
    ("conv", ["5x5"], {"kernel_size": 3, "unit": 3}, "no unit 3 on axis h.*0 to 2"),
    ("conv", ["5x5"], {"kernel_size": 3, "unit": (0, -1)}, "no unit -1 on axis w"),
    ("conv", ["5x5"], {"kernel_size": 3, "unit": (1, 1), "animate": True}, "leave the unit out"),
    ("conv", ["5x5"], {"kernel_size": 3, "stretched": True}, "goes with conv_transpose"),
    ("conv", ["5x5"], {"kernel_size": 3, "theme": "blue"}, "no theme.*light, dark"),
    ("conv", ["5x5"], {}, "needs kernel_size"),
    ("max_unpool", ["5x5", "5x5"], {"kernel_size": 2}, "one input"),
    ("max_unpool", ["5x5"], {"kernel_size": 9}, "layer 'max_pool'"),
    ("linear", ["9"], {"out_features": 3}, "vector"),
    ("tokens", ["3x3"], {}, "vector"),
    ("untokens", ["9"], {}, "names another layer"),
    ("unknown", ["9x9"], {}, "not known"),
    ("cnov", ["9x9"], {}, "did you mean 'conv'"),
]


@pytest.mark.parametrize(("type_name", "inputs", "how", "message"), WRONG)
def test_what_cannot_be_drawn_is_said_in_a_line(type_name, inputs, how, message):
    began = time.perf_counter()
    with pytest.raises(cnncalc.CnncalcError) as error:
        cnncalc.draw(type_name, *inputs, **how)
    assert re.search(message, str(error.value)) and "\n" not in str(error.value)
    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize("animate", [False, True])
def test_what_is_wide_but_mostly_cut_off_takes_no_time(animate):
    began = time.perf_counter()
    how = {"kernel_size": 10**9 - 1, "padding": (10**9 - 2) // 2, "animate": animate}
    try:
        assert len(drawn("conv_transpose", 3, how)) < BOUND
    except cnncalc.UsageError as error:
        assert "999,999,999 taps" in str(error)
    assert time.perf_counter() - began < 0.5


def cnncalc_draw(*words, status=0):
    command = [sys.executable, "-m", "cnncalc", "draw", *words]
    process = subprocess.run(command, capture_output=True, check=False)
    assert process.returncode == status, process.stderr
    return process.stdout.decode(), process.stderr.decode()


def test_the_command_writes_what_the_library_draws(tmp_path):
    words = "conv --input 5x5 --kernel-size 3 --stride 2 --padding 1:0,0:1 --unit 0x1 --theme dark"
    how = {"kernel_size": 3, "stride": 2, "padding": [[1, 0], [0, 1]]}
    expected = cnncalc.draw("conv", (5, 5), unit=(0, 1), theme="dark", **how).svg
    assert cnncalc_draw(*words.split()) == (expected, "")
    path = tmp_path / "conv.svg"
    cnncalc_draw(*words.split(), "-o", str(path))
    assert path.read_text(encoding="utf-8") == expected


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("conv --input 1000000000 --kernel-size 3", "1,999,999,998 cells"),
        ("conv --input 5x5 --kernel-size 3 --unit a", "'a' must be whole numbers"),
        ("conv --input a --kernel-size 3", "must be whole numbers joined by x"),
        ("conv --input 3x4x5 --kernel-size 3", "3 axes"),
        ("maxpool2d --input 5x5", "no layer type and no network is named 'maxpool2d'; did you"),
        ("cnov --input 5x5", "did you mean 'conv'?"),
    ],
)
def test_the_command_refuses_in_a_line(words, message, tmp_path):
    path = tmp_path / "none.svg"
    out, error = cnncalc_draw(*words.split(), "-o", str(path), status=2)
    assert message in error and not out and not path.exists()
    assert "Traceback" not in error


def test_the_command_draws_a_layer_that_undoes_another_by_that_one_s_attributes():
    words = ["max_unpool", "--input", "7x7", "--kernel-size", "3", "--stride", "2"]
    root = tree(cnncalc_draw(*words)[0])
    assert len(cells(root, cell="input")) == 9 and len(cells(root, cell="output")) == 49


def test_a_notebook_shows_a_drawing_as_an_image_of_its_own():
    drawing = cnncalc.draw("conv", 5, kernel_size=3)
    start, _, data = drawing._repr_html_().removesuffix('">').partition(";base64,")
    assert start == '<img src="data:image/svg+xml'
    assert base64.b64decode(data).decode() == drawing.svg
    assert repr(drawing).startswith("<drawing of conv: ")
