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
    for fine in ("3x224x224", "224", "224x3"):
        assert run(["rf", path, "--input", fine]) == 0
        assert capsys.readouterr().err == ""


def test_the_option_takes_the_place_of_the_definition(tmp_path, capsys):
    assert run(["rf", definition(tmp_path, "[224, 224, 3]"), "--input", "3x224x224"]) == 0
    assert capsys.readouterr().err == ""


def test_none_of_the_built_in_networks():
    assert [name for name in zoo.names() if cnncalc.load(name).input_note()] == []
