"""The recipes of CONTRIBUTING.md, followed word for word on a copy of the package."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from imports import PACKAGE

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def block(first):
    """The code block that begins with a text."""
    blocks = [dedent(one) for one in re.findall(r"^ *```python\n(.*?)^ *```", PAGE, re.S | re.M)]
    (found,) = [one for one in blocks if one.startswith(first)]
    return found


def quoted(pattern):
    """A row that the page gives in backticks."""
    return re.search(f"`({pattern})`", PAGE)[1]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the package in which all four recipes were followed."""
    folder = tmp_path_factory.mktemp("copy")
    package = folder / "cnncalc"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    if not (package / "nets").exists():
        shutil.copytree(ROOT / "nets", folder / "nets")

    def append(path, text):
        (package / path).write_text((package / path).read_text("utf-8") + "\n\n" + text, "utf-8")

    def add_row(path, table, row):
        text = (package / path).read_text("utf-8")
        assert table in text
        (package / path).write_text(text.replace(table, f"{table}\n    {row}", 1), "utf-8")

    append("layers/activation.py", block("class SELU"))
    add_row("layers/__init__.py", "KINDS = {", quoted('"selu": .*?,'))
    (package / "readers" / "types").mkdir()
    (package / "readers" / "types" / "__init__.py").write_text('"""Lists of types."""\n')
    (package / "readers" / "types" / "reading.py").write_text(block('"""A text of layer types'))
    add_row("readers/__init__.py", "SUFFIXES = {", quoted('".types": .*?,'))
    for room in ("studies", "text", "cli"):
        start = {"studies": '"""How deep', "text": '"""A network\'s depth', "cli": '"""The command'}
        (package / room / "depth.py").write_text(block(start[room]), "utf-8")
    add_row("cli/application.py", "COMMANDS = {", '"depth": "depth",')
    append("studies/lint/waste.py", block("@rule("))
    rules = package / "studies" / "lint" / "__init__.py"
    text = rules.read_text("utf-8").replace(
        "RULES: tuple[Rule, ...] = (", "RULES = (\n    lonely_merge,"
    )
    rules.write_text(
        text.replace("from .waste import ", "from .waste import lonely_merge, "), "utf-8"
    )
    return folder


def cnncalc(copy, *arguments):
    """What a command of the copy prints."""
    command = [sys.executable, "-m", "cnncalc", *arguments]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_layer_kind(copy):
    row = json.loads(cnncalc(copy, "layer", "selu", "--input", "64x56x56", "--json"))["layers"][0]
    assert (row["out_shape"], row["params"], row["rf"]) == ([64, 56, 56], 0, [1, 1])
    assert "selu" in cnncalc(copy, "layer", "selu", "--input", "64x56x56", "--explain")


def test_a_format(copy):
    (copy / "net.types").write_text("3x32x32\nrelu\nglobal_avg_pool\n")
    rows = cnncalc(copy, "summary", "net.types", "--csv", "--columns", "layer,out_shape")
    assert rows == "layer,out_shape\nrelu,3x32x32\nglobal_avg_pool,3x1x1\n"


def test_a_command(copy):
    # VGG16: 13 convolutions and 3 linear layers (arXiv:1409.1556, table 1, column D).
    assert cnncalc(copy, "depth", "vgg16", "--csv").splitlines()[1].split(",")[::2] == [
        "vgg16",
        "16",
    ]
    assert "vgg16" in cnncalc(copy, "depth", "vgg16")
    assert json.loads(cnncalc(copy, "depth", "vgg16", "--json"))["learned"] == 16
    assert "cnncalc depth vgg16" in cnncalc(copy, "depth", "--help")


def test_a_lint_rule(copy):
    net = {"input": [1, 4, 4], "layers": ["relu", {"type": "concat", "from": ["relu1"]}]}
    (copy / "merge.yaml").write_text(json.dumps({"name": "merge", **net}))
    findings = json.loads(cnncalc(copy, "lint", "merge.yaml", "--json"))["findings"]
    assert [(one["code"], one["layer"]) for one in findings] == [("CNN403", "concat1")]
