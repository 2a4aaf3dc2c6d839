"""A definition without a name is called as its file; one from standard input is `stdin`."""

from __future__ import annotations

import io
import json
import sys

import pytest

import cnncalc
from cnncalc.cli.application import run

NET = "input: [3, 32, 32]\nlayers: [relu]\n"


@pytest.mark.parametrize(
    "file, name",
    [
        ("mynet.yaml", "mynet"),
        ("my.net.v2.yml", "my.net.v2"),
        ("Büro.YAML", "Büro"),
        (".yaml", ".yaml"),
        ("a\nb.yaml", "a?b"),
    ],
)
def test_of_a_file(tmp_path, file, name):
    (tmp_path / file).write_text(NET)
    assert cnncalc.load(tmp_path / file).name == name


@pytest.mark.parametrize("words", [["-"], ["--yaml", "-"]])
def test_of_standard_input(capsys, monkeypatch, words):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(NET.encode())))
    assert run(["rf", *words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["network"] == "stdin"


def test_a_name_that_is_given_stays(tmp_path):
    (tmp_path / "mynet.yaml").write_text(f"name: own\n{NET}")
    assert cnncalc.load(tmp_path / "mynet.yaml").name == "own"


@pytest.mark.parametrize("name", ["null", "''", "[a]"])
def test_a_name_that_says_nothing_is_still_refused(name):
    with pytest.raises(cnncalc.DefinitionError, match="name"):
        cnncalc.loads(f"name: {name}\n{NET}")
