"""The corpus of definitions: those that are refused say why, those that are read give these rows.

A rejected file's first line is `# error: ` and what the program says after the file's name; the
line that is wrong is marked `# wrong`. An accepted file begins with `# row: ` lines, each a
layer's figures under their names in `Report.records()`, worked out by hand.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import cnncalc
from cnncalc.cli.application import run
from cnncalc.readers import yaml_nodes

DATA = Path(__file__).parent.parent / "data"
REJECTED = sorted((DATA / "rejected").glob("*.yaml"))
ACCEPTED = sorted((DATA / "accepted").glob("*.yaml"))
ERROR = b"# error: "
ROW = "# row: "
FIELD = re.compile(r" ?([a-z_]+)=(\S*)")


def name_of(path):
    return path.stem


def refusal(path):
    """What is said of a rejected file, its own folder and name left out."""
    with pytest.raises(cnncalc.CnncalcError) as caught:
        cnncalc.analyze(cnncalc.load(path))
    return caught.value


def without_place(text, path):
    return text.replace(f"{path.parent}/", "").removeprefix(f"{path.name}:").strip()


def expected_error(path):
    first, _, _ = path.read_bytes().partition(b"\n")
    assert first.startswith(ERROR), f"{path} must begin with {ERROR!r}"
    return first.removeprefix(ERROR).decode()


@pytest.mark.parametrize("path", REJECTED, ids=name_of)
def test_rejected(path):
    error = refusal(path)
    assert without_place(str(error), path) == expected_error(path)


@pytest.mark.parametrize("path", REJECTED, ids=name_of)
def test_rejected_on_the_line_that_is_wrong(path):
    marked = [
        number
        for number, line in enumerate(path.read_bytes().split(b"\n"), start=1)
        if b"# wrong" in line
    ]
    if marked:
        assert refusal(path).line == marked[0]


@pytest.mark.parametrize("path", REJECTED, ids=name_of)
def test_rejected_alike_without_the_c_parser(path, monkeypatch):
    """YAML's own errors are worded by its parser; all others, and the lines, are the same."""
    monkeypatch.setattr(yaml_nodes, "Loader", yaml_nodes.yaml.SafeLoader)
    error = refusal(path)
    expected = expected_error(path)
    if "not readable as YAML" in expected:
        assert without_place(str(error), path).startswith(expected.partition(": ")[0])
    else:
        assert without_place(str(error), path) == expected


@pytest.mark.parametrize("path", REJECTED, ids=name_of)
def test_rejected_in_one_line_with_status_1(path, capsys):
    assert run(["shape", str(path), "--csv"]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert without_place(told, path) == expected_error(path)


def rows_of(path):
    """The rows that an accepted file promises: figures by name."""
    lines = [line for line in path.read_text(encoding="utf-8").split("\n") if line.startswith(ROW)]
    assert lines, f"{path} must begin with {ROW!r}"
    for line in lines:
        fields = FIELD.findall(line.removeprefix(ROW))
        assert "".join(f" {name}={value}" for name, value in fields).strip() == line[len(ROW) :]
        yield dict(fields)


def told(value):
    return "" if value is None else str(value)


@pytest.mark.parametrize("path", ACCEPTED, ids=name_of)
def test_accepted(path):
    report = cnncalc.analyze(cnncalc.load(path))
    records = {record["layer"]: record for record in report.records()}
    for expected in rows_of(path):
        record = records[expected["layer"]]
        assert {name: told(record[name]) for name in expected} == expected


@pytest.mark.parametrize("path", ACCEPTED, ids=name_of)
def test_accepted_alike_without_the_c_parser(path, monkeypatch):
    report = cnncalc.analyze(cnncalc.load(path))
    monkeypatch.setattr(yaml_nodes, "Loader", yaml_nodes.yaml.SafeLoader)
    assert cnncalc.analyze(cnncalc.load(path)).records() == report.records()


@pytest.mark.parametrize("path", ACCEPTED, ids=name_of)
def test_accepted_gives_the_same_report_when_expanded(path, capsys):
    assert run(["show", str(path), "--expand"]) == 0
    flat = capsys.readouterr().out
    again = cnncalc.analyze(cnncalc.loads(flat))
    assert again.records() == cnncalc.analyze(cnncalc.load(path)).records()
