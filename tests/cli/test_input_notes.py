"""An input that is probably meant otherwise is read as written, with a note on standard error."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc import zoo
from cnncalc.cli.application import run

BATCH = "for a batch of images write [3, 224, 224] and use --batch"


def definition(folder, shape):
    path = folder / "net.yaml"
    path.write_text(f"name: net\ninput: {shape}\nlayers: [relu]\n")
    return str(path)


@pytest.mark.parametrize(
    "shape, told",
    [
        ("[1, 3, 224, 224]", f"[1, 3, 224, 224] is read as 1 channel of 3×224×224; {BATCH}"),
        ("1x3x224x224", f"[1, 3, 224, 224] is read as 1 channel of 3×224×224; {BATCH}"),
        ("[16, 3, 224, 224]", f"[16, 3, 224, 224] is read as 16 channels of 3×224×224; {BATCH}"),
        (
            "[224, 224, 3]",
            "[224, 224, 3] is read as 224 channels of 224×3; for channels last write [3, 224, 224]",
        ),
        (
            "[480, 640, 1]",
            "[480, 640, 1] is read as 480 channels of 640×1; for channels last write [1, 480, 640]",
        ),
    ],
)
@pytest.mark.parametrize("command", ["shape", "rf", "summary", "lint", "convert"])
def test_of_a_definition(tmp_path, capsys, shape, told, command):
    path = definition(tmp_path, shape)
    assert run([command, path]) == 0
    assert capsys.readouterr().err == f"note: {path}:2: input {told}\n"


def test_it_is_read_as_written(tmp_path):
    assert cnncalc.load(definition(tmp_path, "[1, 3, 224, 224]")).input == (1, 3, 224, 224)
    assert cnncalc.load(definition(tmp_path, "[224, 224, 3]")).input == (224, 224, 3)


@pytest.mark.parametrize(
    "shape",
    [
        "[3, 224, 224]",
        "[1, 28, 28]",
        "[3, 16, 112, 112]",  # a clip, channels first
        "[512, 7, 7]",
        "[2048, 1, 1]",
        "[64, 3, 3]",
        "[3, 3, 3]",
        "[1, 2, 3]",
        "[224, 3]",
        "[null, 224, 3]",
        "[1, 3, null, null]",
    ],
)
def test_none_of_others(tmp_path, capsys, shape):
    assert run(["rf", definition(tmp_path, shape)]) == 0
    assert capsys.readouterr().err == ""


def test_of_the_option(tmp_path, capsys):
    path = definition(tmp_path, "[3, 32, 32]")
    assert run(["rf", path, "--input", "224x224x3"]) == 0
    assert capsys.readouterr().err == (
        "note: input 224x224x3 is read as 224 channels of 224×3; "
        "for channels last write [3, 224, 224]\n"
    )
    assert run(["compare", path, path, "--input", "3x48x64", "--layout", "nhwc"]) == 0
    assert capsys.readouterr().err == (
        "note: input 3x48x64 is read as 64 channels of 3×48; "
        "--layout nhwc has the channels last: write 48x64x3\n"
    )
    for fine in ("3x224x224", "224", "224x3"):
        assert run(["rf", path, "--input", fine]) == 0
        assert capsys.readouterr().err == ""


def test_the_option_takes_the_place_of_the_definition(tmp_path, capsys):
    assert run(["rf", definition(tmp_path, "[224, 224, 3]"), "--input", "3x224x224"]) == 0
    assert capsys.readouterr().err == ""


def test_none_of_the_built_in_networks():
    assert [name for name in zoo.names() if [*cnncalc.load(name).input_notes()]] == []


# Commands that write shapes for people, with what stands there of an input of 48×64 and 3 channels.
WITH_LAYOUT = {
    "shape {net}": "48×64×3",
    "summary {net} --markdown": "48×64×3",
    "explain {net} relu1": "48×64×3 → 48×64×3",
    "explain {net} relu1 --latex": r"input 48$\times$64$\times$3}",
    "explain {net} relu1 --markdown": "48×64×3 → 48×64×3",
    "check {net} --max-params 1": "input 48×64×3",
    "box {net} relu1 0,0": "input 48×64×3",
    "box {net} relu1 --pixel 0,0": "input 48×64×3",
    "compare {net} {net} --by-layer": "48×64×3",
    "solve field {net} --rf 1": "input 48×64×3",
    "solve input {net} --axis h --range 1:2": "of 48×64×3",
    "lint {net}": "nothing found",
}


@pytest.mark.parametrize("line", WITH_LAYOUT)
def test_channels_last(tmp_path, capsys, line):
    words = line.format(net=definition(tmp_path, "[3, 32, 32]")).split()
    assert run([*words, "--input", "48x64x3", "--layout", "nhwc"]) == 0
    printed = capsys.readouterr()
    assert WITH_LAYOUT[line] in printed.out and printed.err == ""


@pytest.mark.parametrize("form", ["--csv", "--json"])
@pytest.mark.parametrize("shape", ["48x64x3", "48x64"])
def test_files_stay_channels_first(tmp_path, capsys, form, shape):
    path = definition(tmp_path, "[3, 32, 32]")
    assert run(["summary", path, form, "--input", shape, "--layout", "nhwc"]) == 0
    found = capsys.readouterr().out
    assert run(["summary", path, form, "--input", "3x48x64"]) == 0
    assert found == capsys.readouterr().out


@pytest.mark.parametrize(
    "shape, told",
    [
        (
            "3x224x200",
            "200 channels of 3×224; --layout nhwc has the channels last: write 224x200x3",
        ),
        ("1x28x27", "27 channels of 1×28; --layout nhwc has the channels last: write 28x27x1"),
        ("224x3x224", ""),
        ("3x224x3", ""),
        ("224x200x3", ""),
        ("224x3", ""),
        ("224", ""),
    ],
)
def test_channels_last_where_they_are_first(tmp_path, capsys, shape, told):
    path = definition(tmp_path, "[3, 32, 32]")
    assert run(["rf", path, "--input", shape, "--layout", "nhwc"]) == 0
    told = told and f"note: input {shape} is read as {told}\n"
    assert capsys.readouterr().err == told


def test_channels_last_in_three_dimensions(tmp_path, capsys):
    """Three numbers are the axes alone there; four have the channels last."""
    path = definition(tmp_path, "[3, 8, 9, 10]")
    for shape, read in (("5x6x7", "5×6×7×3"), ("5x6x7x2", "5×6×7×2")):
        assert run(["shape", path, "--input", shape, "--layout", "nhwc"]) == 0
        assert f"input {read} ·" in capsys.readouterr().out
