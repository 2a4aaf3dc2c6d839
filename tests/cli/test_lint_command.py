"""The command `lint`: its formats, its exit statuses, its choice of rules."""

import csv
import io
import json

import pytest

from cnncalc.cli.application import run
from cnncalc.studies.lint import RULES

NET = """
name: net
input: [3, 32, 32]
layers:
  - {name: stem, type: conv, out_channels: 4, kernel_size: 2, padding: same}
  - {name: up1, type: conv_transpose, out_channels: 4, kernel_size: 3, stride: 2}
  - {name: up2, type: conv_transpose, out_channels: 4, kernel_size: 3, stride: 2}
"""


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "net.yaml"
    file.write_text(NET)
    return str(file)


def test_lines(path, capsys):
    assert run(["lint", path]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        f"{path}:6: layer 'up1': CNN101 checkerboard (warning): kernel 3 at stride 2 makes its "
        "units of 1 or 2 taps on h and w: 1, 2 or 4 together; likewise 'up2'"
    )
    assert lines[1].startswith("    a kernel that the stride divides (4 or 2)")
    assert lines[1].endswith("[Odena et al. 2016, doi:10.23915/distill.00003]")
    assert lines[2].startswith(f"{path}:5: layer 'stem': CNN202 shifted-centre (info): ")
    assert lines[-1] == "net: 1 warning, 2 information found by 11 rules"


def test_nothing_found(capsys):
    assert run(["lint", "vgg16", "--strict"]) == 0
    assert capsys.readouterr().out == "vgg16: nothing found by 11 rules\n"


def test_strict(path, capsys):
    assert run(["lint", path, "--strict"]) == 1
    assert run(["lint", path, "--strict", "--ignore", "checkerboard"]) == 0
    assert run(["lint", path, "--strict", "--select", "CNN2,CNN3"]) == 0
    assert run(["lint", path, "--strict", "--ignore", "CNN"]) == 0


def test_the_shortcuts_of_a_resnet_are_no_warning(capsys):
    assert run(["lint", "resnet50", "--strict"]) == 0
    assert "CNN103 skipped-pixels (info)" in capsys.readouterr().out


def test_csv(path, capsys):
    assert run(["lint", path, "--csv", "--select", "CNN101"]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["code"], row["rule"], row["severity"]) == ("CNN101", "checkerboard", "warning")
    assert (row["path"], row["line"]) == (path, "6")
    assert (row["layer"], row["layers"]) == ("up1", "up1;up2")
    assert "Odena" in row["source"] and row["found"] and row["remedy"]


def test_json(path, capsys):
    assert run(["lint", path, "--json", "--input", "16"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["schema"], told["network"], told["input"]) == (1, "net", [3, 16, 16])
    first, second, last = told["findings"]
    assert first["evidence"] == {"taps": [[1, 2], [1, 2]], "together": [1, 2, 4]}
    assert second["evidence"]["center"] == [0.5, 0.5]
    assert last["code"] == "CNN501"


def test_markdown_to_a_file(path, tmp_path, capsys):
    target = tmp_path / "lint.md"
    assert run(["lint", path, "--markdown", "-o", str(target)]) == 0
    assert "| CNN101 | checkerboard |" in target.read_text()
    assert capsys.readouterr().out == ""


def test_rules(capsys):
    assert run(["lint", "--rules", "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["code"] for row in rows] == [rule.code for rule in RULES]
    assert run(["lint", "--rules", "--select", "CNN4"]) == 0
    out = capsys.readouterr().out
    assert "unused-layer" in out and "gridding" not in out


def test_a_chain_of_windows(capsys):
    assert run(["lint", "--spec", "11,4 3,2 2,3", "--input", "227", "--select", "CNN103"]) == 0
    assert "layer 'layer3': CNN103" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["vgg16", "--select", "chekerboard"], 2, "did you mean checkerboard?"),
        (["vgg16", "--ignore", "CNN1,"], 2, "names no rule"),
        (["vgg16", "--from", "conv9"], 2, "no layer 'conv9'"),
        ([], 2, "Give"),
        (["vgg16", "--input", "8"], 1, "layer 'pool4'"),
    ],
)
def test_refusals(arguments, status, message, capsys):
    assert run(["lint", *arguments]) == status
    caught = capsys.readouterr()
    assert message in caught.err
    assert "Traceback" not in caught.err and caught.out == ""
