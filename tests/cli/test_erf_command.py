"""cnncalc erf as it is typed: forms, choices of layers, and what is said of what is not known."""

import csv
import io
import json

import pytest

import cnncalc
from cnncalc.cli.application import run

NETWORK = """\
name: net
input: [3, 33, 35]
layers:
  - {name: conv1, type: conv, out_channels: 8, kernel_size: [3, 5], stride: 2}
  - {name: gate, type: global_avg_pool}
  - {name: up, type: upsample, scale_factor: 2, mode: bicubic, from: conv1}
  - {name: relu, type: relu}
"""


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "net.yaml"
    file.write_text(NETWORK)
    return str(file)


def output(capsys, *words):
    status = run(["erf", *words])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_json_has_the_keys_and_nulls_with_a_reason(capsys, path):
    status, text, _ = output(capsys, path, "--json", "--paths")
    found = json.loads(text)
    assert status == 0
    assert list(found)[:2] == ["schema", "network"]
    assert [layer["layer"] for layer in found["layers"]] == ["conv1", "up", "relu"]
    # 3 taps of 5, and 5 of 3, lead to the pixels of an axis each.
    assert found["layers"][0] == {
        "layer": "conv1",
        "rf": [3, 5],
        "sd": [pytest.approx((2 / 3) ** 0.5), pytest.approx(2**0.5)],
        "side_50": [3, 3],
        "side_90": [3, 5],
        "side_99": [3, 5],
        "paths": [[5, 5, 5], [3, 3, 3, 3, 3]],
    }
    assert found["layers"][1]["sd"] == found["layers"][2]["sd"] == [None, None]
    assert found["layers"][1]["paths"] != [None, None]
    assert found["reasons"]["relu"] == "there is no rule for 'up', of type upsample"


def test_csv_has_a_column_an_axis(capsys, path):
    _, text, _ = output(capsys, path, "conv1", "gate", "--csv", "--paths")
    first, second = csv.DictReader(io.StringIO(text))
    assert (first["sd_h"], first["side_50_w"]) == ("0.816496580927726", "3")
    assert (first["paths_h"], first["paths_w"]) == ("5;5;5", "3;3;3;3;3")
    assert (second["layer"], second["sd_h"], second["paths_w"]) == ("gate", "", "")


def test_the_footer_says_what_is_assumed_and_missing(capsys, path):
    _, text, _ = output(capsys, path, "gate", "--layers", "conv*")
    assert "at initialization; trained weights change it" in text
    assert "? of gate: it reads a whole map" in text
    assert "1.414" in text and "0.816" in text


def test_an_option_may_name_the_network(capsys, path):
    assert output(capsys, "--yaml", path, "conv1", "--csv") == output(
        capsys, path, "conv1", "--csv"
    )


def test_fields_may_be_in_units_of_a_layer(capsys, path):
    _, text, _ = output(capsys, "vgg16", "conv2_1", "--from", "pool1", "--csv")
    assert next(csv.DictReader(io.StringIO(text)))["sd_h"] == "0.816496580927726"  # one 3×3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["vgg16", "conv1_9"], "vgg16 has no layer 'conv1_9'; did you mean"),
        (["vgg16", "input"], "the input reads nothing; name a layer"),
        (["vgg16", "--layers", "x*"], "no layer of vgg16 fits 'x*'"),
        (["vgg16", "--sort", "st"], "no column is named 'st'; did you mean 'sd'?"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(capsys, words, message):
    status, text, error = output(capsys, *words)
    assert (status, text) == (2, "") and message in error and error.count("\n") == 1


def test_layers_that_take_too_much_are_unknown_and_the_others_known():
    """Numbers of hundreds of digits for each of 300,000 pixels are not computed."""
    layers = [
        f"  - {{name: c{i}, type: conv, kernel_size: 1001, out_channels: 1}}" for i in range(300)
    ]
    text = "name: deep\ninput: [1, null, null]\nlayers:\n" + "\n".join(layers)
    found = cnncalc.erf(cnncalc.loads(text), layers=["c0", "c299"])
    assert found["c0"].variance[0] == (1001**2 - 1) / 12
    assert found["c299"].sd == (None, None) and "MiB" in found["c299"].reason


def test_a_page_of_the_manual_explains_it(capsys):
    assert run(["help", "erf"]) == 0
    assert "1701.04128" in capsys.readouterr().out
